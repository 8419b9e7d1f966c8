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

/// Measures the areas named, or all; with `--json`, one object a line.
pub(crate) fn bench(arguments: &[String]) -> Result<(), Failure> {
    packages::ensure(packages::BUILD_HEADLESS)?;
    cargo().words(BUILD).run_aside()?;
    let bench = places::target().join("release/covey-bench");
    cmd(&bench.to_string_lossy()).args(arguments).run_aside()
}
