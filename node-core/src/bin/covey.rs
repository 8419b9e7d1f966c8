//! The headless node.

use std::process::ExitCode;

fn main() -> ExitCode {
    covey_node::host::guard_main().unwrap_or(ExitCode::SUCCESS)
}
