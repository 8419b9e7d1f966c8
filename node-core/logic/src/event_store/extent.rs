//! Which events of a node are held.

use serde::{Deserialize, Serialize};

/// Which events of a node are held: those from the first to the last, without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// The number of the oldest that is held; one more than the last if none is.
    pub first: u64,
    /// The number of the newest that was ever held, 0 if none was.
    pub last: u64,
}

impl Default for Extent {
    fn default() -> Self {
        Self { first: 1, last: 0 }
    }
}

impl Extent {
    /// All events up to the one numbered `last`.
    #[must_use]
    pub fn up_to(last: u64) -> Self {
        Self { first: 1, last }
    }

    /// The number of the next event.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.last.saturating_add(1)
    }

    /// How many are held.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.next().saturating_sub(self.first)
    }
}
