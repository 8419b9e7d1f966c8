//! `cargo xtask run | test | bundle | icons`: each does all that a fresh machine needs.
//!
//! The tasks use the standard library alone, so that the first thing a new machine compiles takes
//! seconds. They install system packages where they may and say the one command where they may
//! not; npm packages come from the lock files; nothing else is fetched.

mod bench;
mod bundle;
mod deb;
mod depends;
mod files;
mod icons;
mod javascript;
mod packages;
mod pictures;
mod places;
mod run;
mod shell;
mod test;
mod tidy;

use std::{env, process::ExitCode};

use shell::{Failure, complain, say};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (task, rest) = arguments
        .split_first()
        .map_or(("help", &[] as &[String]), |(first, rest)| (first.as_str(), rest));

    match perform(task, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn perform(task: &str, rest: &[String]) -> Result<(), Failure> {
    match task {
        "run" => run::run(rest),
        "test" => test::test(rest),
        "bench" if bench::exists() => bench::bench(rest),
        "bundle" => bundle::bundle(rest),
        "icons" => icons::icons(rest),
        "help" | "-h" | "--help" => {
            say(&usage());
            Ok(())
        }
        other => Err(Failure::Usage(format!("there is no task {other}\n\n{}", usage()))),
    }
}

fn usage() -> String {
    let mut lines = vec![
        "cargo xtask run [OPTION…]   build Covey and open its window; options go to the app",
        "cargo xtask test            every check, cheapest first",
        "cargo xtask test quick      the checks that need no network library, database or window",
        "cargo xtask test STAGE…     the stages named; `cargo xtask test help` lists them",
        "cargo xtask bundle          make the .deb and the .rpm (release build)",
        "cargo xtask icons           draw every icon from icons/covey.svg",
    ];
    if bench::exists() {
        lines.insert(4, "cargo xtask bench [AREA…] [--json]   measure a release build");
    }
    lines.join("\n")
}
