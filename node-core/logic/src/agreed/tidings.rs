//! What a node hears of the group, and of what it asked to hold.

use std::time::Duration;

use crate::{holding, ids::NodeId, time::Instant};

/// How long the renewals of a lease may fail before its holder has to let go: three renewals, and
/// longer than a group takes to find another leader.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The voters of the group that a node sees, and how many of them agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voters {
    /// In sight.
    pub have: u32,
    /// Needed.
    pub need: u32,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tidings {
    /// It was granted, or renewed.
    Granted {
        /// The fencing token: greater than that of every grant before.
        token: u64,
        /// The end of the lease, measured from the asking.
        until: Instant,
    },
    /// It was not granted, or is over.
    Over {
        /// Who has it, if that is known.
        holder: Option<NodeId>,
    },
}

impl Default for Voters {
    /// As long as nothing was heard of the group.
    fn default() -> Self {
        Self { have: 0, need: 1 }
    }
}

impl Voters {
    /// Whether they agree.
    #[must_use]
    pub fn agree(self) -> bool {
        self.have >= self.need
    }
}

/// Why a change of names did not come about, or is not known to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    /// The group said no.
    Refused(holding::Refused),
    /// Too few voters are in sight; nothing changed.
    NoQuorum(Voters),
    /// The group takes no wishes yet, or not from this node; nothing changed.
    NoLeader,
    /// No answer came in time: it may still be done.
    Unknown,
}
