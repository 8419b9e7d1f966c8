//! What is asked of this node about counters and variables that it may change by itself.

use crate::{coordination::Refused, ids::Name, merged::Merge};

/// A change that needs nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergedCommand {
    /// Change a counter that merges, from nought if it is new.
    Count {
        /// Which counter.
        counter: Name,
        /// By how much.
        by: i64,
    },
    /// Change a variable.
    Variable {
        /// Which variable.
        variable: Name,
        /// Which nodes have it.
        reach: Reach,
        /// What is done.
        act: VariableAct,
    },
}

/// Which nodes have a variable that needs no agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// This node alone.
    Local,
    /// Every node, each as it heard of it.
    Global,
}

/// A change of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableAct {
    /// Make it; it must not be there, as far as this node knows.
    Register {
        /// What it holds at first.
        value: String,
        /// Its terms; a variable of this node alone has no use for a strategy.
        merge: Merge,
    },
    /// Write it, or make it with terms that allow everything.
    Write {
        /// What.
        value: String,
        /// Only if it is at this version here; nought: only if it is not there.
        expected: Option<u64>,
    },
    /// Remove it.
    Erase {
        /// Only if it is at this version here.
        expected: Option<u64>,
    },
}

/// What came of it; on this node's disk when it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergedOutcome {
    /// The counter after the change, as this node knows it.
    Counted {
        /// Its value.
        value: i128,
    },
    /// The variable was written.
    Wrote {
        /// Its version here.
        version: u64,
    },
    /// The variable is not there any more.
    Erased,
}

impl VariableAct {
    /// Whether a variable at `version` is where the act wants it; nought: it is not there.
    pub(super) fn expects(&self, variable: &Name, version: u64) -> Result<(), Refused> {
        let expected = match self {
            Self::Register { .. } => Some(0),
            Self::Write { expected, .. } | Self::Erase { expected } => *expected,
        };
        if expected.is_none_or(|expected| expected == version) {
            return Ok(());
        }
        Err(Refused::Conflict { variable: variable.clone(), version })
    }
}
