//! Figures that take a browser or a window: the scripts of the panel's tests measure them.

use std::{process::Stdio, time::Duration};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

use crate::{error::BenchError, figure::Report, site};

/// Where the scripts are: the bench runs where it was built.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../panel");
/// A script ends by itself within this.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(480);

/// A figure that a script measures: its name and unit, and how many of its samples in a hundred do
/// not exceed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted(pub(crate) &'static str, pub(crate) &'static str, pub(crate) usize);

/// What a script says of one figure.
#[derive(Debug, Deserialize)]
struct Measured {
    name: String,
    samples: Vec<f64>,
}

/// Runs `measure.mjs WHAT`, behind `before` if it needs to be started by something, and reports the
/// figures; those that it does not give are absent.
pub(crate) async fn measure(
    report: &mut Report,
    before: &[&str],
    what: &str,
    wanted: &[Wanted],
) -> Result<(), BenchError> {
    let mut measured = Vec::new();
    let ended = tokio::time::timeout(SCRIPT_TIMEOUT, run(before, what, &mut measured)).await;
    for Wanted(name, unit, percent) in wanted {
        match measured.iter().find(|figure| figure.name == *name) {
            Some(figure) => report.quantile((name, unit), &figure.samples, *percent),
            None => report.absent(name, "its script did not come to an end"),
        }
    }
    ended.unwrap_or(Err(BenchError::Overrun))
}

async fn run(before: &[&str], what: &str, measured: &mut Vec<Measured>) -> Result<(), BenchError> {
    let covey = site::covey()?;
    let words: Vec<&str> = before.iter().copied().chain(["node", "measure.mjs", what]).collect();
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(FOLDER)
        .env("COVEY_DESKTOP", covey.with_file_name("covey-desktop"))
        .env("COVEY_BIN", covey)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(BenchError::io("run Node.js"))?;
    let Some(output) = child.stdout.take() else { return Ok(()) };
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await.map_err(BenchError::io("hear a script"))? {
        match serde_json::from_str(&line) {
            Ok(figure) => measured.push(figure),
            // What a session bus starts speaks on the same stream.
            Err(_) => eprintln!("{line}"),
        }
    }
    let status = child.wait().await.map_err(BenchError::io("run Node.js"))?;
    if status.success() {
        return Ok(());
    }
    Err(BenchError::Ended { node: format!("measure.mjs {what}") })
}
