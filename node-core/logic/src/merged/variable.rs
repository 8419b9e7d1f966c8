//! Writes of a variable, and what they come to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    coordination::{Rule, Strategy, Terms},
    merged::{VectorClock, Writer},
    replica::Shared,
    time::Wall,
};

/// What one writer has to say of a variable; its later word replaces the earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// Its last write.
    Write(Write),
    /// Its last write was superseded by another that stands. The mark keeps the write from coming
    /// back, and the writer from counting anew.
    Withdrawn {
        /// How many writes it made.
        count: u64,
    },
}

/// A write of a variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// What was written; none: it was removed.
    pub value: Option<String>,
    /// What the writer knew, this write counted.
    pub clock: VectorClock,
    /// When, by the writer's hybrid clock.
    pub at: (Wall, u32),
    /// What the variable may hold, who may write it, and what becomes of writes made apart.
    pub merge: Merge,
}

/// The terms of a variable that merges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// What it may hold, and who may write it.
    pub terms: Terms,
    /// What becomes of writes that knew nothing of each other.
    pub strategy: Strategy,
}

/// What all writes of a variable come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it holds; none while writes stand beside each other.
    pub value: Option<String>,
    /// The writes that nobody who wrote later knew of, the last one last: one unless there is a
    /// conflict.
    pub writes: Vec<(Writer, Write)>,
    /// Its terms, by the last of them.
    pub merge: Merge,
}

/// Every word on one variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words(pub(super) BTreeMap<Writer, Said>);

impl Said {
    /// How many writes the writer made.
    #[must_use]
    pub fn count(&self, writer: &Writer) -> u64 {
        match self {
            Self::Write(write) => write.clock.count(writer),
            Self::Withdrawn { count } => *count,
        }
    }

    /// Bytes of what it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Write(write) => write.value.as_ref().map_or(0, String::len),
            Self::Withdrawn { .. } => 0,
        }
    }
}

impl Merge {
    /// Whether they can be kept.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let merges = match self.strategy {
            // What is made of several must keep the rule as well as each of them.
            Strategy::Union => matches!(self.terms.rule, Rule::Text | Rule::Json),
            Strategy::LastWriteWins | Strategy::Greatest | Strategy::Least | Strategy::KeepAll => {
                true
            }
            Strategy::Consensus => false,
        };
        merges && self.terms.are_sound()
    }
}

impl Words {
    /// How many writes there were, as far as is known: it grows with each that is heard of.
    pub(super) fn version(&self) -> u64 {
        self.0.iter().map(|(writer, said)| said.count(writer)).fold(0, u64::saturating_add)
    }

    /// Writes that no other that is known knew of, the last one last.
    fn standing(&self) -> Vec<(Writer, &Write)> {
        let writes = || self.0.iter().filter_map(|(writer, said)| write_of(*writer, said));
        let superseded = |writer: Writer| {
            let count = self.0.get(&writer).map_or(0, |said| said.count(&writer));
            writes().any(|(other, write)| other != writer && write.clock.count(&writer) >= count)
        };
        let mut standing: Vec<_> = writes().filter(|(writer, _)| !superseded(*writer)).collect();
        standing.sort_by_key(|(writer, write)| (write.at, *writer));
        standing
    }

    /// Whether the writer's write is superseded by another.
    pub(super) fn is_superseded(&self, writer: Writer) -> bool {
        matches!(self.0.get(&writer), Some(Said::Write(_)))
            && self.standing().iter().all(|(other, _)| *other != writer)
    }

    /// What all writes come to; none if there is no such variable.
    pub(super) fn read(&self) -> Option<Reading> {
        let standing = self.standing();
        let (_, last) = standing.last()?;
        let merge = match standing.iter().rev().find(|(_, write)| write.value.is_some()) {
            Some((_, write)) => write.merge.clone(),
            None => return None,
        };
        if merge.strategy == Strategy::LastWriteWins && last.value.is_none() {
            return None;
        }
        let values: Vec<&str> =
            standing.iter().filter_map(|(_, write)| write.value.as_deref()).collect();
        let value = merge.strategy.merge(&values);
        let writes = standing.into_iter().filter(|(_, write)| write.value.is_some());
        let writes = writes.map(|(writer, write)| (writer, write.clone())).collect();
        Some(Reading { value, writes, merge })
    }

    /// The clock of a write that knows of all of these.
    ///
    /// Writers that withdrew are left out: their mark keeps their writes from coming back.
    pub(super) fn clock(&self, writer: Writer) -> VectorClock {
        let mut clock = VectorClock::default();
        for (other, said) in &self.0 {
            if let Said::Write(write) = said {
                clock.merge(&write.clock);
            }
            clock.observe(*other, said.count(other));
        }
        clock.prune(|other| {
            *other != writer && matches!(self.0.get(other), Some(Said::Withdrawn { .. }))
        });
        clock.increment(writer);
        clock
    }
}

fn write_of(writer: Writer, said: &Said) -> Option<(Writer, &Write)> {
    match said {
        Said::Write(write) => Some((writer, write)),
        Said::Withdrawn { .. } => None,
    }
}

/// What a shared value says of a variable, if it does.
pub(super) fn said_of(value: &Shared) -> Option<&Said> {
    if let Shared::Variable(said) = value { Some(said) } else { None }
}
