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
    deb, files, javascript, packages, places,
    shell::{Failure, cargo, say},
    tidy,
};

/// A check with its name; it says itself what it runs.
type Stage = (&'static str, fn() -> Result<(), Failure>);

const QUICK: &[Stage] = &[
    ("format", format),
    ("tidy", tidy::tidy),
    ("lints of the logic", lint_logic),
    ("purity of the logic", purity),
    ("logic and tasks", logic),
    ("simulation", simulation),
    ("panel: types, lints, units", panel_units),
];

const FULL: &[Stage] = &[
    ("system packages", system_packages),
    ("build", build),
    ("lints", lint),
    ("documentation", documentation),
    ("node and desktop", node),
    ("cluster: processes and networks", cluster),
    ("panel in a browser", panel_browser),
    ("window", window),
    ("package for Debian", deb::check),
];

/// Crates that the quick stages have tested already, or that a later stage tests by itself.
const ELSEWHERE: &str =
    "--exclude covey-logic --exclude covey-sim --exclude xtask --exclude covey-cluster";

/// Runs the quick stages, or all.
pub(crate) fn test(arguments: &[String]) -> Result<(), Failure> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let stages: Vec<Stage> = match words.as_slice() {
        [] => QUICK.iter().chain(FULL).copied().collect(),
        ["quick"] => QUICK.to_vec(),
        _ => return Err(Failure::Usage("cargo xtask test [quick]".to_owned())),
    };
    let start = Instant::now();
    let mut times = Vec::new();
    for (number, (name, check)) in stages.iter().enumerate() {
        say(&format!("\n[{} {}/{}] {name}", clock(start.elapsed()), number + 1, stages.len()));
        let begun = Instant::now();
        check().inspect_err(|_| {
            say(&format!("\n{name}: FAILED after {}", clock(begun.elapsed()).trim()))
        })?;
        times.push((name, begun.elapsed()));
    }
    say("");
    for (name, time) in times {
        say(&format!("{}  {name}", clock(time)));
    }
    say(&format!("{}  everything passed", clock(start.elapsed())));
    Ok(())
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
    cargo().words("test --quiet -p covey-sim").run()
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
    javascript::js("node")?.arg("--test").args(&scripts).run()
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
    fn clock_shows_minutes_and_seconds() {
        assert_eq!(clock(Duration::from_secs(727)), "12:07");
    }
}
