//! Why an entry was refused.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{coordination::Holder, ids::Name};

/// Why an entry was refused, alike on every node. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// Wait for it, or come again.
    #[error("{lock} is held by {holder}")]
    Held {
        /// Which lock.
        #[ts(type = "string")]
        lock: Name,
        /// By whom.
        holder: Holder,
    },
    /// The holding is over: its lease ended, or it was given up. Whoever acts on it must stop.
    #[error("the token {token} of {lock} is no longer good")]
    Fenced {
        /// Which lock.
        #[ts(type = "string")]
        lock: Name,
        /// The token that was shown.
        #[ts(type = "number")]
        token: u64,
    },
    /// As many stand in line as may.
    #[error("{capacity} wait for {lock} already")]
    LineFull {
        /// Which lock.
        #[ts(type = "string")]
        lock: Name,
        /// The bound.
        capacity: usize,
    },
    /// Choose a lease within the bounds.
    #[error("a lease lasts from {least_ms} ms to {most_ms} ms")]
    Lease {
        /// The shortest.
        #[ts(type = "number")]
        least_ms: u64,
        /// The longest.
        #[ts(type = "number")]
        most_ms: u64,
    },
    /// The counter stays where it is.
    #[error("{counter} would pass the bounds of 64 bits")]
    Overflow {
        /// Which counter.
        #[ts(type = "string")]
        counter: Name,
    },
    /// Read it again and decide anew.
    #[error("{variable} is at version {version}")]
    Conflict {
        /// Which variable.
        #[ts(type = "string")]
        variable: Name,
        /// Where it is; nought: it is not there.
        #[ts(type = "number")]
        version: u64,
    },
    /// Write less.
    #[error("{bytes} bytes are more than the {capacity} that a variable holds")]
    TooLarge {
        /// How many there were.
        bytes: usize,
        /// The bound.
        capacity: usize,
    },
    /// Remove something first.
    #[error("there are {capacity} of the kind already")]
    Full {
        /// The bound.
        capacity: usize,
    },
}
