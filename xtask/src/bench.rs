//! `cargo xtask bench`: builds a release and measures it.

use crate::{
    javascript, packages, places, run,
    shell::{Failure, cargo, say, say_aside},
};

/// Whether the tree has benches to run.
pub(crate) fn exists() -> bool {
    places::root().join("tests/bench/Cargo.toml").exists()
}

/// The area that is simulated: it needs neither network nor node.
const SCALE: &str = "scale";

/// Measures the areas named, or all; with `--json`, one object a line.
pub(crate) fn bench(arguments: &[String]) -> Result<(), Failure> {
    say_aside();
    let areas = arguments.iter().filter(|argument| !argument.starts_with("--"));
    let (scale, others): (Vec<&String>, Vec<&String>) = areas.partition(|area| *area == SCALE);
    if !scale.is_empty() || others.is_empty() {
        measure_scale(arguments)?;
    }
    if !scale.is_empty() && others.is_empty() {
        return Ok(());
    }
    let arguments: Vec<&String> = arguments.iter().filter(|area| *area != SCALE).collect();
    packages::ensure(packages::BUILD)?;
    packages::ensure(packages::TEST)?;
    run::build_panel()?;
    javascript::install("tests/panel")?;
    say("a release build takes some 20 minutes on two cores");
    cargo().words("build --release --workspace --bins").run()?;
    let bench = places::target().join("release/covey-bench");
    // It runs scripts with this Node.js.
    javascript::js(&bench.to_string_lossy())?.args(&arguments).run_aside()
}

/// Simulates clusters of ten to a thousand nodes.
fn measure_scale(arguments: &[String]) -> Result<(), Failure> {
    let json: Vec<&String> = arguments.iter().filter(|argument| *argument == "--json").collect();
    cargo().words("run --release -p covey-sim --bin covey-scale --").args(&json).run_aside()
}

/// Simulates a cluster of a hundred nodes, so that the bench is known to run.
pub(crate) fn try_scale() -> Result<(), Failure> {
    cargo().words("run --quiet -p covey-sim --bin covey-scale -- 100x1000").run()
}
