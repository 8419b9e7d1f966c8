//! What is asked of the primitives, and what comes of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    coordination::{Holder, Refused},
    ids::Name,
};

/// A change of what the group agrees on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Take a lock, or stand in line for it. Who holds it already is granted it once more, with the
    /// same token and a lease that begins anew.
    Acquire {
        /// Which lock.
        lock: Name,
        /// For whom.
        holder: Holder,
        /// How long it is held without a word.
        lease: Duration,
        /// Whether to stand in line if another holds it.
        wait: bool,
    },
    /// Begin a lease anew.
    Renew {
        /// Which lock.
        lock: Name,
        /// Of which holding.
        token: u64,
    },
    /// Give a lock up.
    Release {
        /// Which lock.
        lock: Name,
        /// Which holding.
        token: u64,
    },
    /// Leave the line.
    StepBack {
        /// Of which lock.
        lock: Name,
        /// Who.
        holder: Holder,
    },
    /// A lease ended without a word: the leader says so, by its own monotonic clock.
    Expire {
        /// Of which lock.
        lock: Name,
        /// Which holding.
        token: u64,
        /// The renewal that it counted from.
        renewed: u64,
    },
    /// Change a counter by this much, from nought if it is new.
    Add {
        /// Which counter.
        counter: Name,
        /// By how much.
        by: i64,
    },
    /// Write a variable.
    Write {
        /// Which variable.
        variable: Name,
        /// What.
        value: String,
        /// Only if it is at this version; nought: only if it is not there.
        expected: Option<u64>,
    },
    /// Remove a variable.
    Erase {
        /// Which variable.
        variable: Name,
        /// Only if it is at this version.
        expected: Option<u64>,
    },
}

/// What an entry did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// The lock is held, under this fencing token.
    Held {
        /// Greater than every token of the lock before.
        token: u64,
    },
    /// The lock is another's; the asker stands in line.
    Waits {
        /// How many stand before it, the holder left out.
        ahead: u32,
    },
    /// The lock is no longer held under the token, or the asker no longer stands in line.
    Free,
    /// The counter after the change.
    Counted {
        /// Its value.
        value: i64,
    },
    /// The variable was written; it is not repeated here, as answers are remembered by their keys.
    Wrote {
        /// Its version.
        version: u64,
    },
    /// The variable is not there any more.
    Erased,
}

/// What became of an entry; a refused one changed nothing.
pub type Outcome = Result<Done, Refused>;
