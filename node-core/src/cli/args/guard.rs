//! What can be typed about guards.

use clap::Subcommand;
use covey_logic::Name;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GuardVerb {
    /// Let calls of an agent through again, on every node
    Reset {
        /// Which agent
        #[arg(required_unless_present = "all")]
        name: Option<Name>,
        /// Of every agent
        #[arg(long, conflicts_with = "name")]
        all: bool,
    },
}
