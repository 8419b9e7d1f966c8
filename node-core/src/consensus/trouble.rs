//! What is wrong with the store of the group, for people.

use std::path::PathBuf;

use super::error::ConsensusError;
use crate::volume::Refusal;

/// What is wrong with the store of the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It was damaged and set aside; the other members fill an empty one.
    Filling {
        /// Where the damaged one is.
        aside: PathBuf,
    },
    /// It is damaged, and no other member could fill an empty one: somebody has to say that it is to be
    /// set aside, and what it holds is lost for the group.
    Damaged {
        /// The store.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// It cannot be used, for now or with this Covey.
    Unusable {
        /// The store.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It takes no writes until the disk does.
    Stopped {
        /// The store.
        path: PathBuf,
        /// Why the disk does not.
        refusal: Refusal,
    },
}

/// Why a store was not set aside. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum SetAsideError {
    /// Ask on a node of an admin.
    #[error("the role of this node does not allow it")]
    Forbidden,
    /// There is nothing to set aside.
    #[error("the store of the group is not damaged")]
    Whole,
    /// The beginning of another group could not be written.
    #[error(transparent)]
    Store(#[from] ConsensusError),
}
