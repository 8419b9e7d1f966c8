//! `cargo xtask bench`: builds a release and measures it.

use crate::{
    packages, places,
    shell::{Failure, cargo},
};

/// Whether the tree has benches to run.
pub(crate) fn exists() -> bool {
    places::root().join("tests/bench/Cargo.toml").exists()
}

/// Measures the areas named, or all; with `--json`, one object a line.
pub(crate) fn bench(arguments: &[String]) -> Result<(), Failure> {
    packages::ensure(packages::BUILD_HEADLESS)?;
    cargo().words("build --release -p covey-node --bin covey").run_aside()?;
    cargo().words("run --quiet --release -p covey-bench --").args(arguments).run_aside()
}
