//! What can be typed about settings.

use clap::{Args, Subcommand};
use covey_logic::Name;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SettingVerb {
    /// Every setting: what it is on this node, and where that comes from
    List {
        /// Only those with this in their key or their explanation
        #[arg(default_value = "")]
        text: String,
    },
    /// One setting: its value, everything that is set for it, and by whom
    Get {
        /// Which
        key: Name,
    },
    /// Set some for the whole cluster, all or nothing, without a restart
    #[command(after_help = "Examples:\n  covey setting set log.level=debug\n  \
        covey setting set logs.lines=200 --node kitchen\n  \
        covey setting set voters.absence=2m --queue")]
    Set {
        /// Each as `key=value`
        #[arg(required = true, value_parser = super::pair)]
        settings: Vec<(String, String)>,
        #[command(flatten)]
        how: ChangeArgs,
    },
    /// No longer set some
    Unset {
        /// Which
        #[arg(required = true)]
        keys: Vec<Name>,
        #[command(flatten)]
        how: ChangeArgs,
    },
    /// Who changed which settings, and when, the newest first
    History,
    /// What differs between two versions
    Diff {
        /// The one; 0: before the first
        from: u64,
        /// The other
        to: u64,
    },
    /// Set everything as it was after a version, in one step
    Rollback {
        /// Which version; 0: before the first
        to: u64,
        #[command(flatten)]
        if_at: IfArgs,
    },
    /// Unset everything that the cluster agreed to set, in one step
    Reset {
        #[command(flatten)]
        if_at: IfArgs,
    },
    /// Print each change as it is made, in order, until Ctrl-C
    Watch {
        /// Begin with those after this version; without it, from here on
        #[arg(long, value_name = "VERSION")]
        after: Option<u64>,
    },
    /// No longer have a change wait for a majority
    Withdraw {
        /// As `covey setting list` names it
        id: String,
    },
}

/// Where a change counts, and when it is made.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeArgs {
    /// For this node alone, in place of the cluster: its name, id, or first digits of its id
    #[arg(long, value_name = "NODE", conflicts_with = "here")]
    pub(in crate::cli) node: Option<String>,
    /// On the running node alone, until it stops
    #[arg(long, conflicts_with_all = ["expect", "queue"])]
    pub(in crate::cli) here: bool,
    #[command(flatten)]
    pub(in crate::cli) if_at: IfArgs,
}

/// When a change is made.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct IfArgs {
    /// Only if the settings are at this version
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) expect: Option<u64>,
    /// If no majority is there, wait for one at this node, ten minutes at most
    #[arg(long)]
    pub(in crate::cli) queue: bool,
}
