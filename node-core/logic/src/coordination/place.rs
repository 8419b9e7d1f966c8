//! What is held under a lease, and by whom.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{Name, NodeId};

/// What a lease is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PlaceKind")]
pub enum Kind {
    /// A lock: one holds it.
    Lock,
    /// An election: one leads, and its fencing token is the term.
    Election,
    /// A semaphore: as many hold it as it has permits.
    Semaphore,
    /// An exclusive agent: the node that holds it may run it. Nodes alone take it and give it back.
    Agent,
}

/// One lock, election or semaphore; each kind has names of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct Place {
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    #[ts(type = "string")]
    pub name: Name,
}

/// Who holds something, waits for it, or takes part: somebody on a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct Holder {
    /// Where.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Who, as that node tells them apart.
    #[ts(type = "string")]
    pub session: Name,
}

impl Place {
    /// A lock.
    #[must_use]
    pub fn lock(name: Name) -> Self {
        Self { kind: Kind::Lock, name }
    }

    /// An election.
    #[must_use]
    pub fn election(name: Name) -> Self {
        Self { kind: Kind::Election, name }
    }

    /// An exclusive agent.
    #[must_use]
    pub fn agent(name: Name) -> Self {
        Self { kind: Kind::Agent, name }
    }

    /// A semaphore.
    #[must_use]
    pub fn semaphore(name: Name) -> Self {
        Self { kind: Kind::Semaphore, name }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Lock => "lock",
            Kind::Election => "election",
            Kind::Semaphore => "semaphore",
            Kind::Agent => "agent",
        };
        write!(f, "the {kind} {}", self.name)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.session, self.node.short())
    }
}
