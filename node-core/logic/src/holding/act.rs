//! What is asked of the names, and what comes of it.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Name, NodeId},
    registry::Metadata,
    time::Wall,
};

/// A change of names, by the node whose they are or are to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Take names, each for itself. A name that the node has already, for the same agent, stays as it
    /// is, or tells what is told here.
    Claim {
        /// The token of the node's lease.
        lease: u64,
        /// Which names; [`Act::MOST`] at most.
        names: Vec<Wanted>,
    },
    /// Give names up that are held under these tokens; others stay as they are.
    Release {
        /// Which names; [`Act::MOST`] at most.
        names: Vec<(Name, u64)>,
    },
    /// Tell something else of a name.
    Tell {
        /// Which name.
        name: Name,
        /// Under which token it is held.
        token: u64,
        /// The revision it must be at; none: whichever.
        expected: Option<u64>,
        /// The least revision that it has from here on, if anything changes.
        revision: u64,
        /// All that is told of it from here on.
        metadata: Metadata,
    },
}

/// A name to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Which.
    pub name: Name,
    /// The agent of the node that it is held for; none: the node itself.
    pub holder: Option<Name>,
    /// The token of a holding that the node gave up, which ends if the group has not heard so.
    pub over: Option<u64>,
    /// Since when the node claims it, by its hybrid clock.
    pub since: (Wall, u32),
    /// The least revision that its metadata has.
    pub revision: u64,
    /// What is told of it.
    pub metadata: Metadata,
}

/// What an act did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// The names are held, but for those that were refused, with their places in the wish.
    Claimed {
        /// The last entry by which a name changed hands or what is told of it: this one, if one of
        /// these did.
        index: u64,
        /// Which were refused, and why.
        refused: Vec<(u32, Refused)>,
    },
    /// The names are held no more.
    Released {
        /// As above.
        index: u64,
    },
    /// This is told of the name.
    Told {
        /// As above.
        index: u64,
        /// The revision that the metadata is at.
        revision: u64,
    },
}

/// Why a name was refused, alike on every node. Nothing of it changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refused {
    /// Another node holds it: wait until it is free, or choose another.
    #[error("the name is held by {by:?}")]
    Taken {
        /// Which node.
        by: NodeId,
    },
    /// The node holds it already, for someone else.
    #[error("the name is held for {}", holder.as_ref().map_or("the node itself", Name::as_str))]
    HeldFor {
        /// The agent it is held for; none: the node itself.
        holder: Option<Name>,
    },
    /// The lease of the node is over, and all that it held: take another and claim anew.
    #[error("the lease of the node is over")]
    Lapsed,
    /// The holding under this token is over.
    #[error("the token {token} of {name} is no longer good")]
    Fenced {
        /// Of which name.
        name: Name,
        /// The token that was shown.
        token: u64,
    },
    /// Somebody changed the metadata meanwhile: read it again and decide anew.
    #[error("the metadata is at revision {revision}")]
    Conflict {
        /// The revision it is at.
        revision: u64,
    },
    /// Give names up first.
    #[error("{capacity} names are held already")]
    Full {
        /// The bound.
        capacity: usize,
    },
    /// Tell less of names, or give some up.
    #[error("what is told of all names takes {capacity} bytes at most")]
    OutOfSpace {
        /// The bound.
        capacity: usize,
    },
    /// Ask for fewer at once.
    #[error("{count} names at once are more than {most}")]
    TooMany {
        /// How many were asked for.
        count: usize,
        /// The bound.
        most: usize,
    },
}

/// What became of an act; a refused one changed nothing.
pub type Outcome = Result<Done, Refused>;

impl Act {
    /// Names of one act: an answer in which each is refused takes some 5 KiB, and is remembered for a
    /// while.
    pub const MOST: usize = 128;
    /// Bytes of one act that are not passed once another name would do so: with the longest metadata
    /// it is still shorter than what is taken into one entry of the log.
    pub const MAX_BYTES: usize = 64 * 1024;

    pub(super) fn count(&self) -> usize {
        match self {
            Self::Claim { names, .. } => names.len(),
            Self::Release { names } => names.len(),
            Self::Tell { .. } => 1,
        }
    }
}

impl Wanted {
    /// About as many bytes as it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        let holder = self.holder.as_ref().map_or(0, |holder| holder.as_str().len());
        // A revision, a moment and lengths.
        self.name.as_str().len() + holder + crate::registry::size_of(&self.metadata) + 32
    }
}

impl Done {
    /// Who has taken in as much of the log knows what was done.
    #[must_use]
    pub fn index(&self) -> u64 {
        match self {
            Self::Claimed { index, .. } | Self::Released { index } | Self::Told { index, .. } => {
                *index
            }
        }
    }
}
