//! What people and programs want of the registry, beside claiming names and giving them up.

use std::time::Duration;

use crate::{
    ids::Name,
    outbox::Owner,
    registry::{Backend, Metadata, Query},
};

/// A wish about names; it may be refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameCommand {
    /// Claim names for an agent of this node; they go when it ends.
    RegisterFor {
        /// Which agent.
        holder: Name,
        /// The names and what to tell of each.
        names: Vec<(Name, Metadata)>,
    },
    /// Give up the names of this node, agents' own aside, that fit.
    DeregisterMatching {
        /// Which names; its page is of no account.
        query: Query,
    },
    /// Tell something else of a name of this node.
    SetMetadata {
        /// Which name.
        name: Name,
        /// The revision it must be at; none: whichever.
        expected: Option<u64>,
        /// All that is told of it from here on.
        metadata: Metadata,
    },
    /// Answer once the name is registered, on whichever node.
    WaitFor {
        /// Which name.
        name: Name,
        /// How long to wait at most; an hour is the longest.
        timeout: Duration,
    },
    /// Join a group, or tell something else of oneself in it.
    Join {
        /// Which group.
        group: Name,
        /// Which agent of this node joins; none: the node itself.
        agent: Option<Name>,
        /// What the member tells of itself.
        metadata: Metadata,
    },
    /// Leave a group.
    Quit {
        /// Which group.
        group: Name,
        /// Which agent of this node leaves; none: the node itself.
        agent: Option<Name>,
    },
    /// Choose what keeps the names of a namespace; names that nodes hold stay theirs.
    SetBackend {
        /// Which namespace.
        namespace: String,
        /// What keeps them from here on.
        backend: Backend,
    },
    /// Have every name, group membership and agent of a namespace go, on every node.
    CleanUp {
        /// Which namespace.
        namespace: String,
    },
}

/// What came of a wish about names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameOutcome {
    /// The metadata is set, and this is its revision.
    Revision(u64),
    /// So many names were given up.
    Count(u32),
    /// The name is registered by this owner.
    Owner(Owner),
}
