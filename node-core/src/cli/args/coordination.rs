//! What can be typed about what the cluster agrees on.

use std::time::Duration;

use clap::Subcommand;
use covey_logic::Name;

use super::parse_span;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LockVerb {
    /// Take a lock; prints its fencing token
    Acquire {
        /// Which lock
        lock: Name,
        /// Who takes it, as this node tells them apart
        #[arg(long, value_name = "NAME")]
        session: Option<Name>,
        /// How long it is held without a word, from a second to twelve hours
        #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = parse_span)]
        lease: Duration,
        /// How long to stand in line for it, an hour at most
        #[arg(long, value_name = "SPAN", value_parser = parse_span)]
        wait: Option<Duration>,
    },
    /// Begin its lease anew
    Renew {
        /// Which lock
        lock: Name,
        /// The fencing token that it was given under
        token: u64,
    },
    /// Give it up
    Release {
        /// Which lock
        lock: Name,
        /// The fencing token that it was given under
        token: u64,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CounterVerb {
    /// Add to it; prints its value after
    Add {
        /// Which counter
        counter: Name,
        /// How much; less than nought takes away
        #[arg(default_value_t = 1, allow_negative_numbers = true)]
        by: i64,
        /// A key of your own: asked again with it, the counter is changed once
        #[arg(long)]
        key: Option<String>,
    },
    /// Print its value
    Get {
        /// Which counter
        counter: Name,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum VariableVerb {
    /// Write it; prints its version
    Set {
        /// Which variable
        variable: Name,
        /// What it is to hold, 64 KiB at most
        value: String,
        /// Only if it is at this version; 0: only if it is not there
        #[arg(long, value_name = "VERSION")]
        expect: Option<u64>,
    },
    /// Print what it holds
    Get {
        /// Which variable
        variable: Name,
    },
    /// Forget it
    Remove {
        /// Which variable
        variable: Name,
        /// Only if it is at this version
        #[arg(long, value_name = "VERSION")]
        expect: Option<u64>,
    },
}
