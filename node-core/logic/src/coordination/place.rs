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
    /// All names that a node holds in namespaces of the backend `consensus`; it is called like the
    /// node, which alone takes it and gives it back.
    Names,
}

impl Kind {
    /// Whether it is for nodes alone to take it and to give it back.
    #[must_use]
    pub fn is_of_nodes(self) -> bool {
        match self {
            Self::Agent | Self::Names => true,
            Self::Lock | Self::Election | Self::Semaphore => false,
        }
    }
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

    /// All names of a node.
    #[must_use]
    pub fn names(node: NodeId) -> Self {
        Self { kind: Kind::Names, name: Name::of_node(node) }
    }

    /// The node whose names it is of.
    #[must_use]
    pub fn named_node(&self) -> Option<NodeId> {
        let node = self.name.as_str().parse().ok();
        node.filter(|_| self.kind == Kind::Names)
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
            Kind::Names => return write!(f, "the lease on the names of {}", self.name),
        };
        write!(f, "the {kind} {}", self.name)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.session, self.node.short())
    }
}
