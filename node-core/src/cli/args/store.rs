//! What can be typed about the data folder of a node that does not run.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StoreVerb {
    /// Set a damaged database aside: the next start begins an empty one, which the other nodes fill
    ///
    /// What this node alone held is lost: its own variables, and events that no other node has.
    SetAside,
}
