//! `covey-scale`: what a cluster costs as it grows, in simulated time and with the real code.
//!
//! Each row is one cluster: nodes that are members already, names spread over ten of them, and a
//! machine that joins at the end. Bytes are those on the wire, with the frames of gossipsub, Yamux,
//! Noise, TCP and IP; links carry a gigabit a second with 50 µs to 5 ms of latency. Discovery,
//! Kademlia and TCP's acknowledgements are not counted. Memory is what the end of the newcomer
//! frees on a heap that counts, after it heard everything, decoded for itself.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures go to standard output, and progress to standard error"
)]

mod figures;
mod scene;

use std::process::ExitCode;

use figures::{Figures, table};
use peak_alloc::PeakAlloc;
use scene::Scene;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Nodes and names of each row; a thousand nodes take most of an hour, and must be asked for.
const ROWS: [(usize, usize); 6] =
    [(10, 1_000), (10, 10_000), (10, 100_000), (100, 1_000), (100, 10_000), (200, 1_000)];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    let rows = match rows(&arguments) {
        Ok(rows) => rows,
        Err(argument) => {
            eprintln!(
                "covey-scale: {argument} is no NODESxNAMES\n\ncovey-scale [--json] [NODESxNAMES…]"
            );
            return ExitCode::FAILURE;
        }
    };
    let mut measured: Vec<Figures> = Vec::new();
    for (nodes, names) in rows {
        match Scene::new(nodes, names).and_then(Scene::measure) {
            Ok(figures) => {
                eprintln!("{nodes} nodes, {names} names: measured");
                if json {
                    figures.lines().iter().for_each(|line| println!("{line}"));
                }
                measured.push(figures);
            }
            Err(why) => {
                eprintln!("{nodes} nodes, {names} names: {why}");
                return ExitCode::FAILURE;
            }
        }
    }
    if !json {
        println!("{}", table(&measured));
    }
    ExitCode::SUCCESS
}

fn rows(arguments: &[String]) -> Result<Vec<(usize, usize)>, String> {
    let named: Vec<&String> =
        arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    if named.is_empty() {
        return Ok(ROWS.to_vec());
    }
    let row = |text: &&String| {
        let (nodes, names) = text.split_once('x')?;
        Some((nodes.parse().ok()?, names.parse().ok()?))
    };
    named.iter().map(|text| row(text).ok_or_else(|| (*text).clone())).collect()
}
