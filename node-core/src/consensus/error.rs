//! Why a wish was not carried out, and why there is no group.

use std::{
    io::{self, ErrorKind},
    path::PathBuf,
};

use covey_logic::{agreed::Denied, coordination::Refused};
use fjall::LsmError;
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
    /// The store was damaged: set it aside and start anew, and the group fills it again.
    #[error("commits of the group's store {} cannot be read", path.display())]
    Torn {
        /// Which file.
        path: PathBuf,
    },
    /// The store was damaged: set it aside and start anew, and the group fills it again.
    #[error("the group's store {} lost everything it held", path.display())]
    Emptied {
        /// Which file.
        path: PathBuf,
    },
    /// The store was damaged: set it aside and start anew, and the group fills it again.
    #[error("what the group's store {} holds does not add up", path.display())]
    Mixed {
        /// Which file.
        path: PathBuf,
    },
    /// What reads the store panicked over it: it is damaged, set it aside and start anew.
    #[error("the group's store {} cannot be made sense of", path.display())]
    Senseless {
        /// Which file.
        path: PathBuf,
    },
    /// The machine gives no thread.
    #[error("the group's store gets no thread")]
    Thread(#[source] io::Error),
    /// There is no number to draw.
    #[error(transparent)]
    Entropy(#[from] crate::entropy::EntropyError),
    /// See its text.
    #[error("the group does not start: {0}")]
    Raft(String),
}

impl ConsensusError {
    /// Whether what is on the disk is not what was written: what else keeps a store from being opened
    /// may pass.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. }
            | Self::Gap { .. }
            | Self::Torn { .. }
            | Self::Emptied { .. }
            | Self::Mixed { .. }
            | Self::Senseless { .. } => true,
            Self::Disk { source, .. } => is_damage(source),
            Self::Format { .. } | Self::Thread(_) | Self::Entropy(_) | Self::Raft(_) => false,
        }
    }
}

/// As far as fjall tells. A file that is gone, or shorter than what is looked for in it, is damage as
/// well; any other failure of the operating system is not.
fn is_damage(error: &fjall::Error) -> bool {
    let of_io = |error: &io::Error| {
        use ErrorKind::{InvalidData, InvalidInput, NotFound, UnexpectedEof};
        [NotFound, UnexpectedEof, InvalidData, InvalidInput].contains(&error.kind())
    };
    if let fjall::Error::Io(error) | fjall::Error::Storage(LsmError::Io(error)) = error {
        return of_io(error);
    }
    !matches!(error, fjall::Error::Locked | fjall::Error::Poisoned)
}
