//! Why something about names was refused.

use crate::ids::{Name, NodeId};

/// Why something about names was refused. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Somebody changed the metadata meanwhile: read it again and decide anew.
    #[error("{name} is at revision {revision}")]
    Conflict {
        /// Which name.
        name: Name,
        /// The revision it is at.
        revision: u64,
    },
    /// Another node owns the name: ask there.
    #[error("{name} is owned by {owner:?}")]
    NotOwner {
        /// Which name.
        name: Name,
        /// Who owns it.
        owner: NodeId,
    },
    /// This node holds the name already, for someone else.
    #[error("{name} is held here for {}", holder.as_ref().map_or("the node itself", Name::as_str))]
    HeldHere {
        /// Which name.
        name: Name,
        /// The agent it is held for; none: the node itself.
        holder: Option<Name>,
    },
    /// An agent can hold names only on the node it runs on, while it runs.
    #[error("{agent} does not run on this node")]
    NotRunningHere {
        /// Which agent.
        agent: Name,
    },
    /// This node, or the agent named, is not in the group.
    #[error("{} is not in {group}", agent.as_ref().map_or("this node", Name::as_str))]
    NotJoined {
        /// Which group.
        group: Name,
        /// Which agent.
        agent: Option<Name>,
    },
    /// Nobody registered the name in time.
    #[error("nobody registered {name} in time")]
    TimedOut {
        /// Which name.
        name: Name,
    },
    /// As many wait as a node lets wait: try again later.
    #[error("{capacity} wait for names already")]
    TooManyWait {
        /// The limit.
        capacity: usize,
    },
    /// This node is about to leave: register on another one.
    #[error("this node is draining")]
    Draining,
    /// The group that agrees takes no wishes yet; nothing changed. Try again in a few seconds.
    #[error("the group that agrees on names has no leader yet")]
    NoLeader,
    /// The group did not answer in time: it may still be done. Look, or ask again, which does no harm.
    #[error("whether the group agreed is not known")]
    Unknown,
    /// The query cannot be answered.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The metadata cannot be taken.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
}

/// Why a query cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Ask for less at once.
    #[error("{count} terms are more than {max}")]
    TooManyTerms {
        /// Terms given.
        count: usize,
        /// Terms allowed.
        max: usize,
    },
    /// Ask for a page of a size within the bounds.
    #[error("a page of {limit} is not within 1 to {max}")]
    Limit {
        /// What was asked.
        limit: u32,
        /// The most allowed.
        max: u32,
    },
    /// A field, a value or a prefix that no name can have.
    #[error("{what} cannot be {value:?}")]
    Text {
        /// Which part of the query.
        what: &'static str,
        /// What was given.
        value: String,
    },
    /// Give a lower bound, an upper one, or both in order.
    #[error("no number is between the bounds given for {field}")]
    Bounds {
        /// Which field.
        field: String,
    },
    /// Two negations cancel each other: leave both out.
    #[error("a negated term cannot be negated again")]
    Nested,
}

/// Why metadata cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Use fewer fields.
    #[error("{count} fields are more than {max}")]
    TooManyFields {
        /// Fields given.
        count: usize,
        /// Fields allowed.
        max: usize,
    },
    /// Name the field with 1 to 64 bytes without control characters.
    #[error("a field cannot be called {field:?}")]
    Field {
        /// What was given.
        field: String,
    },
    /// Say less: every node holds it.
    #[error("{size} bytes are more than {max}")]
    TooBig {
        /// Bytes given, fields and values together.
        size: usize,
        /// Bytes allowed.
        max: usize,
    },
}
