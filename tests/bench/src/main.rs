//! `covey-bench`: measures a release build with real nodes, as separate processes on loopback.
//!
//! Where the system allows it, everything runs in a network namespace of its own: nothing reaches a
//! network card, and every byte on loopback is one of the nodes'. A figure that cannot be measured
//! is absent, and standard error says why.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures go to standard output, and what people should know to standard error"
)]

mod area;
mod door;
mod error;
mod figure;
mod machine;
mod node;
mod private;
mod script;
mod site;
mod wait;
mod worker;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;

use crate::{area::Area, error::BenchError, figure::Report};

/// An area ends by itself within this.
const AREA_TIMEOUT: Duration = Duration::from_secs(600);

/// Measures a release build of Covey.
#[derive(Debug, Parser)]
#[command(name = "covey-bench")]
struct Arguments {
    /// What to measure; all, if none is named
    #[arg(value_enum)]
    areas: Vec<Area>,
    /// One JSON object a line: area, name, value, unit, n, min, max
    #[arg(long)]
    json: bool,
    /// Loopback is this run's alone
    #[arg(long, hide = true)]
    private: bool,
    /// Be a node that takes orders on standard input, with this data folder
    #[arg(long, hide = true)]
    worker: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.worker.is_none()
        && !arguments.private
        && let Some(code) = private::again()
    {
        return code;
    }
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("covey-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, BenchError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(BenchError::io("start the runtime"))?;
    if let Some(data) = arguments.worker {
        return runtime.block_on(worker::serve(data)).map(|()| ExitCode::SUCCESS);
    }
    eprintln!("load before: {}", machine::load());
    let mut code = ExitCode::SUCCESS;
    let mut report = Report::new(arguments.json);
    let areas = if arguments.areas.is_empty() { Area::ALL.to_vec() } else { arguments.areas };
    for area in areas {
        eprintln!("measuring {} ...", area.name());
        report.begin(area.name());
        let measured = runtime.block_on(async {
            let measured = area.measure(&mut report, arguments.private);
            tokio::time::timeout(AREA_TIMEOUT, measured).await
        });
        report.end();
        if let Err(error) = measured.unwrap_or(Err(BenchError::Overrun)) {
            eprintln!("{} ended early: {error}", area.name());
            code = ExitCode::FAILURE;
        }
    }
    eprintln!("load after: {}", machine::load());
    Ok(code)
}
