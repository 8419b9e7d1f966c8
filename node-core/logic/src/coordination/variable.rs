//! Variables with versions, rules, and what they were before.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::{coordination::Terms, ids::NodeId};

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// As it is.
    pub last: Written,
    /// As it was, the latest last; [`Self::HISTORY`] at most.
    pub before: VecDeque<Written>,
    /// What it may hold, and who may write it.
    pub terms: Terms,
    /// The entry that made it.
    pub made: u64,
    /// The last write that is not remembered any more; nought while all are.
    pub forgotten: u64,
}

/// One write of a variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// What was written.
    pub value: String,
    /// The entry that wrote it: it never goes back, also if the variable was removed meanwhile.
    pub version: u64,
    /// The node whose user wrote it.
    pub by: NodeId,
}

impl Variable {
    /// Bytes that one holds at most: what is larger belongs in a file.
    pub const MAX_LEN: usize = 64 * 1024;
    /// Writes that are remembered beside the last.
    pub const HISTORY: usize = 10;

    pub(super) fn new(last: Written, terms: Terms) -> Self {
        let made = last.version;
        Self { last, before: VecDeque::new(), terms, made, forgotten: 0 }
    }

    pub(super) fn write(&mut self, written: Written) {
        if self.before.len() == Self::HISTORY
            && let Some(oldest) = self.before.pop_front()
        {
            self.forgotten = oldest.version;
        }
        self.before.push_back(std::mem::replace(&mut self.last, written));
    }

    /// The writes after a version, oldest first, and whether these are all that there were: not if
    /// some are forgotten, or the variable was removed and made anew meanwhile.
    #[must_use]
    pub fn since(&self, version: u64) -> (Vec<&Written>, bool) {
        let all = self.before.iter().chain([&self.last]);
        let later = all.filter(|written| written.version > version).collect();
        (later, version >= self.forgotten && (version == 0 || version >= self.made))
    }

    /// Bytes of what it holds and held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.before.iter().chain([&self.last]).map(|written| written.value.len()).sum()
    }
}
