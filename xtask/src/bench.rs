//! `cargo xtask bench`: builds a release and measures it.

use crate::{
    packages, places,
    shell::{Failure, cargo, cmd},
};

/// The node and the bench in one build: chosen together, they share one set of features, and
/// nothing is compiled twice.
const BUILD: &str = "build --release -p covey-node --bin covey -p covey-bench --bin covey-bench";

/// Whether the tree has benches to run.
pub(crate) fn exists() -> bool {
    places::root().join("tests/bench/Cargo.toml").exists()
}

/// The area that is simulated: it needs neither network nor node.
const SCALE: &str = "scale";

/// Measures the areas named, or all; with `--json`, one object a line.
pub(crate) fn bench(arguments: &[String]) -> Result<(), Failure> {
    let areas = arguments.iter().filter(|argument| !argument.starts_with("--"));
    let (scale, others): (Vec<&String>, Vec<&String>) = areas.partition(|area| *area == SCALE);
    if !scale.is_empty() || others.is_empty() {
        measure_scale(arguments)?;
    }
    if !scale.is_empty() && others.is_empty() {
        return Ok(());
    }
    let arguments: Vec<&String> = arguments.iter().filter(|area| *area != SCALE).collect();
    packages::ensure(packages::BUILD_HEADLESS)?;
    cargo().words(BUILD).run_aside()?;
    let bench = places::target().join("release/covey-bench");
    cmd(&bench.to_string_lossy()).args(&arguments).run_aside()
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
