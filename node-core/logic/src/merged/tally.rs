//! What one writer did to a counter.

use serde::{Deserialize, Serialize};

/// All that one writer added to a counter and took from it; each part only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// What it added.
    pub added: u64,
    /// What it took.
    pub taken: u64,
    /// How many changes it made.
    pub changes: u64,
}

/// What all writers did to a counter, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// What it is at: two sides of a split may together pass the bounds that each keeps.
    pub value: i128,
    /// How many changes were made.
    pub changes: u64,
}

impl Tally {
    /// After another change; nothing if it cannot be counted any more.
    #[must_use]
    pub fn change(self, by: i64) -> Option<Self> {
        let (up, down) = if by < 0 { (0, by.unsigned_abs()) } else { (by.unsigned_abs(), 0) };
        Some(Self {
            added: self.added.checked_add(up)?,
            taken: self.taken.checked_add(down)?,
            changes: self.changes.checked_add(1)?,
        })
    }

    /// What the changes come to.
    #[must_use]
    pub fn value(self) -> i128 {
        i128::from(self.added) - i128::from(self.taken)
    }
}

impl FromIterator<Tally> for Count {
    fn from_iter<T: IntoIterator<Item = Tally>>(tallies: T) -> Self {
        tallies.into_iter().fold(Self::default(), |sum, tally| Self {
            value: sum.value + tally.value(),
            changes: sum.changes.saturating_add(tally.changes),
        })
    }
}
