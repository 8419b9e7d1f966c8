//! The app without a window: the node alone, for machines without a display.

use std::process::ExitCode;

use crate::{complain, core::Core, failure};

/// Runs the node until it is told to stop, by a signal or a command.
pub(crate) fn run(profile: &str) -> ExitCode {
    covey_node::logging::to_stderr();
    let core = match Core::start(profile, |_end| {}) {
        Ok(core) => core,
        Err(error) => {
            complain(&failure::chain(&error));
            return ExitCode::FAILURE;
        }
    };
    tell(&format!("panel: {}", core.panel()));
    core.wait();
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, reason = "the address is the output of a headless start")]
fn tell(text: &str) {
    println!("{text}");
}
