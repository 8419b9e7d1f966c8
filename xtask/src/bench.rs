//! `cargo xtask bench`: builds a release and measures it.

use crate::{
    javascript, packages, places, run,
    shell::{Failure, cargo, say, say_aside},
};

/// Whether the tree has benches to run.
pub(crate) fn exists() -> bool {
    places::root().join("tests/bench/Cargo.toml").exists()
}

/// Measures the areas named, or all; with `--json`, one object a line.
pub(crate) fn bench(arguments: &[String]) -> Result<(), Failure> {
    say_aside();
    packages::ensure(packages::BUILD)?;
    packages::ensure(packages::TEST)?;
    run::build_panel()?;
    javascript::install("tests/panel")?;
    say("a release build takes some 20 minutes on two cores");
    cargo().words("build --release --workspace --bins").run()?;
    let bench = places::target().join("release/covey-bench");
    // It runs scripts with this Node.js.
    javascript::js(&bench.to_string_lossy())?.args(arguments).run_aside()
}
