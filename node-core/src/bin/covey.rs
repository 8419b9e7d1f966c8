//! The headless node and the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    covey_node::cli::main()
}
