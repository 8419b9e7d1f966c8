//! The headless node and the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The same program guards the processes of agents; before anything else is set up.
    if let Some(code) = covey_node::host::guard_main() {
        return code;
    }
    covey_node::cli::main()
}
