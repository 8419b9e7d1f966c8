//! Covey in a window: the node in a thread of its own, the panel in front of it.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod app;
mod arguments;
mod closing;
mod core;
mod environment;
mod failure;
mod headless;
mod ipc;
mod notice;
mod tray;
mod watch;
mod window;

use std::process::ExitCode;

use arguments::Arguments;

fn main() -> ExitCode {
    if let Some(code) = covey_node::host::guard_main() {
        return code;
    }
    let arguments = Arguments::read();
    if arguments.headless {
        return headless::run(&arguments.profile);
    }
    if !environment::has_display() {
        complain(
            "There is no display to open a window on. Start the node alone with `covey node`, \
             which prints the address of its panel, or this program with --headless.",
        );
        return ExitCode::FAILURE;
    }
    environment::settle();
    covey_node::logging::to_stderr();
    match app::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the window did not open: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "there is no window to say it in")]
fn complain(text: &str) {
    eprintln!("{text}");
}
