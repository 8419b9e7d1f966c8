//! `cargo xtask test`: every check, cheapest first; the first that fails ends it.
//!
//! `quick` stops before the networks, the database and the window are compiled: it is the inner loop.
//! Warnings are errors by `-D warnings` behind clippy's `--`, not by RUSTFLAGS, which would
//! compile every dependency a second time.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    bench, deb, files, javascript, packages, places,
    shell::{Failure, cargo, say},
    tidy,
};

/// A check; it says itself what it runs.
#[derive(Clone, Copy)]
struct Stage {
    /// The word that chooses it on the command line.
    word: &'static str,
    name: &'static str,
    check: fn() -> Result<(), Failure>,
}

const fn stage(
    word: &'static str,
    name: &'static str,
    check: fn() -> Result<(), Failure>,
) -> Stage {
    Stage { word, name, check }
}

const QUICK: &[Stage] = &[
    stage("format", "format", format),
    stage("tidy", "words, heads and imports", tidy::tidy),
    stage("lint-logic", "lints of the logic", lint_logic),
    stage("purity", "purity of the logic", purity),
    stage("logic", "units of the logic and the tasks", logic),
    stage("simulation", "simulation", simulation),
    stage("ui", "panel: lints, types, units, build", panel_units),
];

const FULL: &[Stage] = &[
    stage("packages", "system packages", system_packages),
    stage("build", "build of everything", build),
    stage("lint", "lints of everything", lint),
    stage("doc", "documentation", documentation),
    stage("node", "node, desktop and the contract with the panel", node),
    stage("cluster", "cluster: processes and networks", cluster),
    stage("panel", "panel in a browser", panel_browser),
    stage("window", "window", window),
    stage("deb", "package for Debian", deb::check),
];

/// Crates that the quick stages have tested already, or that a later stage tests by itself.
const ELSEWHERE: &str =
    "--exclude covey-logic --exclude covey-sim --exclude xtask --exclude covey-cluster";

/// Runs the quick stages, the stages named, or all.
pub(crate) fn test(arguments: &[String]) -> Result<(), Failure> {
    let stages = chosen(arguments)?;
    let start = Instant::now();
    let mut times = Vec::new();
    for (number, Stage { word, name, check }) in (1..).zip(&stages) {
        let time = clock(start.elapsed());
        say(&format!("\n[{time} {number}/{}] {word}: {name}", stages.len()));
        let begun = Instant::now();
        check().inspect_err(|_| {
            let time = clock(begun.elapsed());
            say(&format!("\n{word} FAILED after {}; again: cargo xtask test {word}", time.trim()));
        })?;
        times.push((word, begun.elapsed()));
    }
    say("");
    for (word, time) in times {
        say(&format!("{}  {word}", clock(time)));
    }
    say(&format!("{}  everything passed", clock(start.elapsed())));
    Ok(())
}

fn chosen(arguments: &[String]) -> Result<Vec<Stage>, Failure> {
    let all = || QUICK.iter().chain(FULL).copied();
    match arguments {
        [] => Ok(all().collect()),
        [quick] if quick == "quick" => {
            let few = stage("simulation", "simulation, a few seeds", simulation_of_few);
            let stages = QUICK.iter().copied();
            Ok(stages.map(|it| if it.word == few.word { few } else { it }).collect())
        }
        words => words
            .iter()
            .map(|word| {
                all().find(|stage| stage.word == word).ok_or_else(|| {
                    let words: Vec<&str> = all().map(|stage| stage.word).collect();
                    Failure::Usage(format!(
                        "cargo xtask test [quick | STAGE…]\n\nstages: {}",
                        words.join(", ")
                    ))
                })
            })
            .collect(),
    }
}

/// Minutes and seconds: `12:07`.
fn clock(time: Duration) -> String {
    format!("{:2}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

fn format() -> Result<(), Failure> {
    component("fmt", "rustfmt")?;
    cargo().words("fmt --all --check").run()
}

fn lint_logic() -> Result<(), Failure> {
    component("clippy", "clippy")?;
    cargo().words("clippy -p covey-logic -p covey-sim -p xtask --all-targets -- -D warnings").run()
}

/// A toolchain of the minimal profile lacks both.
fn component(subcommand: &str, name: &str) -> Result<(), Failure> {
    if cargo().args(&[subcommand, "--version"]).succeeds() {
        return Ok(());
    }
    Err(Failure::Missing(format!(
        "this Rust has no `cargo {subcommand}`; run\n\n  rustup component add {name}\n\nand then \
         the same task again"
    )))
}

/// What `covey-logic` must never depend on: whatever does I/O.
const IMPURE: &[&str] = &[
    "tokio",
    "libp2p",
    "sqlx",
    "mio",
    "socket2",
    "async-std",
    "smol",
    "rustix",
    "libc",
    "rand",
    "getrandom",
    "wasmtime",
];

fn purity() -> Result<(), Failure> {
    let call = cargo().words("tree -p covey-logic -e normal --prefix none");
    say(&format!("  $ {}", call.line()));
    let tree = call.read()?;
    let lines: Vec<String> = tree
        .lines()
        .filter(|line| line.split(' ').next().is_some_and(|name| IMPURE.contains(&name)))
        .map(|line| format!("covey-logic depends on {line}"))
        .collect();
    if lines.is_empty() { Ok(()) } else { Err(Failure::Findings { check: "purity", lines }) }
}

fn logic() -> Result<(), Failure> {
    cargo().words("test --quiet -p covey-logic -p xtask").run()
}

fn simulation() -> Result<(), Failure> {
    cargo().words("test --quiet -p covey-sim").run()?;
    bench::try_scale()
}

/// In a tenth of the time: what breaks often breaks for one of few seeds.
fn simulation_of_few() -> Result<(), Failure> {
    cargo().words("test --quiet -p covey-sim").env("COVEY_SEEDS", "50").run()
}

fn panel_units() -> Result<(), Failure> {
    javascript::install("ui")?;
    for script in ["lint", "check", "test", "build"] {
        javascript::js("npm")?.args(&["run", script]).folder("ui").run()?;
    }
    Ok(())
}

fn system_packages() -> Result<(), Failure> {
    packages::ensure(packages::BUILD)?;
    packages::ensure(packages::TEST)
}

fn build() -> Result<(), Failure> {
    cargo().words("build --workspace --all-targets").run()
}

fn lint() -> Result<(), Failure> {
    cargo().words("clippy --workspace --all-targets -- -D warnings").run()
}

fn documentation() -> Result<(), Failure> {
    cargo().words("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings").run()
}

fn node() -> Result<(), Failure> {
    cargo().words("test --quiet --workspace").words(ELSEWHERE).run()
}

/// One at a time: each builds its own hosts, switches and processes.
fn cluster() -> Result<(), Failure> {
    cargo().words("test -p covey-cluster -- --test-threads=1").run()
}

fn panel_browser() -> Result<(), Failure> {
    let folder = places::root().join("tests/panel");
    if folder.join("package-lock.json").exists() {
        javascript::install("tests/panel")?;
    }
    let scripts = files::below(&folder, ".test.mjs")?;
    let in_browser = scripts.iter().filter(|path| !path.ends_with(WINDOW));
    let scripts: Vec<_> = in_browser.collect();
    // The real cluster shows the panel of now, whatever was embedded before.
    javascript::install("ui")?;
    javascript::js("npm")?.args(&["run", "build"]).folder("ui").run()?;
    cargo().words("build --workspace --bins").run()?;
    javascript::js("node")?
        .args(&["--test", "--test-concurrency=1"])
        .args(&scripts)
        .env("COVEY_BIN", places::target().join("debug/covey"))
        .run()
}

/// The one panel test that needs a display.
const WINDOW: &str = "window.test.mjs";

fn window() -> Result<(), Failure> {
    window_of(&places::target().join("debug/covey-desktop"))
}

/// Tests the window of `app` with a virtual display and a session bus.
pub(crate) fn window_of(app: &Path) -> Result<(), Failure> {
    javascript::js("xvfb-run")?
        .args(&["-a", "-s", "-screen 0 1280x800x24", "dbus-run-session", "--"])
        .args(&["node", "--test"])
        .arg(Path::new("tests/panel").join(WINDOW))
        .env("COVEY_DESKTOP", app)
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_is_chosen_by_its_word() {
        let words = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
            chosen(&arguments).map(|stages| stages.iter().map(|it| it.word).collect::<Vec<_>>())
        };

        assert_eq!(words(&["window", "tidy"]).unwrap(), ["window", "tidy"]);
        assert_eq!(words(&["quick"]).unwrap().last(), Some(&"ui"));
        assert_eq!(words(&[]).unwrap().last(), Some(&"deb"));
        assert!(words(&["slow"]).is_err());
    }

    #[test]
    fn clock_shows_minutes_and_seconds() {
        assert_eq!(clock(Duration::from_secs(727)), "12:07");
    }
}
