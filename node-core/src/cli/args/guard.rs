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
    /// Have a rate begin anew on every node, so that all of it can be asked for at once
    ResetRate {
        /// The operation that its rule is for, as `covey guard` shows it: `agent.call:*`
        operation: String,
        /// Of one who asks; without it, of all
        #[arg(long, value_name = "NAME")]
        actor: Option<Name>,
    },
}
