//! Variables with versions, and what they were before.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::ids::NodeId;

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// As it is.
    pub last: Written,
    /// As it was, the latest last; [`Self::HISTORY`] at most.
    pub before: VecDeque<Written>,
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

    pub(super) fn new(last: Written) -> Self {
        Self { last, before: VecDeque::new() }
    }

    pub(super) fn write(&mut self, written: Written) {
        if self.before.len() == Self::HISTORY {
            self.before.pop_front();
        }
        self.before.push_back(std::mem::replace(&mut self.last, written));
    }
}
