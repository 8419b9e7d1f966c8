//! Counters that lose no change.

use serde::{Deserialize, Serialize};

/// A counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Its value.
    pub value: i64,
    /// The entry that changed it last.
    pub version: u64,
}
