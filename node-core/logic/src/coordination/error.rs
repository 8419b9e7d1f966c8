//! Why an entry was refused.

use serde::{Deserialize, Serialize};

use crate::{coordination::Holder, ids::Name};

/// Why an entry was refused, alike on every node. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refused {
    /// Wait for it, or come again.
    #[error("{lock} is held by {holder}")]
    Held {
        /// Which lock.
        lock: Name,
        /// By whom.
        holder: Holder,
    },
    /// The holding is over: its lease ended, or it was given up. Whoever acts on it must stop.
    #[error("the token {token} of {lock} is no longer good")]
    Fenced {
        /// Which lock.
        lock: Name,
        /// The token that was shown.
        token: u64,
    },
    /// As many stand in line as may.
    #[error("{capacity} wait for {lock} already")]
    LineFull {
        /// Which lock.
        lock: Name,
        /// The bound.
        capacity: usize,
    },
    /// Choose a lease within the bounds.
    #[error("a lease lasts from {least_ms} ms to {most_ms} ms")]
    Lease {
        /// The shortest.
        least_ms: u64,
        /// The longest.
        most_ms: u64,
    },
    /// The counter stays where it is.
    #[error("{counter} would pass the bounds of 64 bits")]
    Overflow {
        /// Which counter.
        counter: Name,
    },
    /// Read it again and decide anew.
    #[error("{variable} is at version {version}")]
    Conflict {
        /// Which variable.
        variable: Name,
        /// Where it is; nought: it is not there.
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
