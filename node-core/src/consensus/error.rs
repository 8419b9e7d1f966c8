//! Why a wish was not carried out, and why there is no group.

use std::path::PathBuf;

use covey_logic::{agreed::Denied, coordination::Refused};
use serde::{Deserialize, Serialize};

/// Why a wish was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ProposeError {
    /// The group said no; nothing changed.
    #[error(transparent)]
    Refused(#[from] Denied),
    /// Too few voters are seen from here; nothing changed. Bring one back, or wait.
    #[error("{have} of {need} voters are in sight that it takes to agree")]
    NoQuorum {
        /// Voters that are seen, this node counted.
        have: u32,
        /// As many as it takes.
        need: u32,
    },
    /// The group takes no wishes yet: it has no leader, or this node was not let in. Nothing
    /// changed; try again.
    #[error("the group has no leader yet")]
    NoLeader,
    /// The role of the node does not allow it, or it speaks for another; nothing changed.
    #[error("the role of this node does not allow it")]
    Forbidden,
    /// The deadline passed after the wish was handed on: it may still be carried out. Ask again
    /// with the same idempotency key.
    #[error("the outcome is unknown: the deadline passed")]
    Unknown,
    /// The group's file takes no more; nothing changed as far as this node knows. Look at the
    /// disk, then start the node anew.
    #[error("the group has stopped: {reason}")]
    Stopped {
        /// What openraft said.
        reason: String,
    },
}

impl From<Refused> for ProposeError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused.into())
    }
}

/// Why a group was not opened. Its file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ConsensusError {
    /// See its cause; the file belongs to one group alone.
    #[error("the group's store {} cannot be used", path.display())]
    Disk {
        /// Which file.
        path: PathBuf,
        /// What the store said.
        source: fjall::Error,
    },
    /// Use the Covey that wrote it; or set the file aside and start anew, and the group fills it
    /// again.
    #[error("the group's store {} is of format {found}, this Covey reads {known}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The one that this Covey reads.
        known: u32,
    },
    /// The store was damaged: set it aside and start anew, and the group fills it again.
    #[error("the group's store {} holds what cannot be read: {what}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What cannot be read.
        what: &'static str,
        /// Why.
        source: postcard::Error,
    },
    /// The store was damaged: set it aside and start anew, and the group fills it again.
    #[error("the log in the group's store {} has a gap", path.display())]
    Gap {
        /// Which file.
        path: PathBuf,
    },
    /// The machine gives no thread.
    #[error("the group's store gets no thread")]
    Thread(#[source] std::io::Error),
    /// There is no number to draw.
    #[error(transparent)]
    Entropy(#[from] crate::entropy::EntropyError),
    /// See its text.
    #[error("the group does not start: {0}")]
    Raft(String),
}
