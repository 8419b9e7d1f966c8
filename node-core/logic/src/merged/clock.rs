//! Vector clocks: which of two writes knew of the other.
//!
//! Fidge, *Timestamps in Message-Passing Systems That Preserve the Partial Ordering*, and Mattern,
//! *Virtual Time and Global States of Distributed Systems*, both 1988.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::merged::Writer;

/// How many writes of each writer are known; of a writer that is not named, none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "W: Ord + Deserialize<'de>"))]
pub struct VectorClock<W: Ord = Writer>(BTreeMap<W, u64>);

/// How one clock stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Causality {
    /// Both know the same.
    Equal,
    /// The other knows all that this one does, and more.
    Before,
    /// This one knows all that the other does, and more.
    After,
    /// Each knows what the other does not.
    Concurrent,
}

impl<W: Ord> Default for VectorClock<W> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<W: Ord + Clone> VectorClock<W> {
    /// How many writes of a writer are known.
    #[must_use]
    pub fn count(&self, writer: &W) -> u64 {
        self.0.get(writer).copied().unwrap_or(0)
    }

    /// Every writer of whom a write is known, and how many.
    pub fn iter(&self) -> impl Iterator<Item = (&W, u64)> {
        self.0.iter().map(|(writer, count)| (writer, *count))
    }

    /// Counts another write of a writer.
    pub fn increment(&mut self, writer: W) {
        let count = self.0.entry(writer).or_default();
        *count = count.saturating_add(1);
    }

    /// Takes note that so many writes of a writer are known.
    pub fn observe(&mut self, writer: W, count: u64) {
        if count > 0 {
            let known = self.0.entry(writer).or_default();
            *known = count.max(*known);
        }
    }

    /// Knows from here on what the other knows too.
    pub fn merge(&mut self, other: &Self) {
        for (writer, count) in other.iter() {
            self.observe(writer.clone(), count);
        }
    }

    /// How this clock stands to another.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Causality {
        let knows_all = |one: &Self, two: &Self| two.0.iter().all(|(w, n)| one.count(w) >= *n);
        match (knows_all(self, other), knows_all(other, self)) {
            (true, true) => Causality::Equal,
            (true, false) => Causality::After,
            (false, true) => Causality::Before,
            (false, false) => Causality::Concurrent,
        }
    }

    /// Forgets the writers that `settled` names.
    ///
    /// That is safe for a writer whose earlier writes nobody can bring up any more, and who goes on
    /// counting where it was: who forgets less knows more, so a write may be held against one that
    /// knew of it for a while, and never the other way round.
    pub fn prune(&mut self, settled: impl Fn(&W) -> bool) {
        self.0.retain(|writer, _| !settled(writer));
    }
}
