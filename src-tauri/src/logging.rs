//! Where the app's own log goes: standard error, which the session keeps.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

/// The variable that chooses levels, as `covey_node=debug,info`.
const VARIABLE: &str = "COVEY_LOG";

/// What is logged if it says nothing.
const DEFAULT: &str = "info,openraft=off,libp2p=warn,zbus=warn,tracing=warn";

/// Writes the log to standard error from here on.
pub(crate) fn to_stderr() {
    let levels = std::env::var(VARIABLE).unwrap_or_else(|_| DEFAULT.to_owned());
    let filter = EnvFilter::try_new(levels).unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
}
