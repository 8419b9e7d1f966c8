//! What members say to each other about who is up.

use serde::{Deserialize, Serialize};

use crate::ids::{Incarnation, NodeId};

/// What a member says about who is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Detect {
    /// I am here.
    Heartbeat {
        /// My life, and how often it was doubted.
        sign: Lifesign,
        /// Counts up.
        seq: u64,
        /// Whether my machine slept, and I still compare notes.
        waking: bool,
    },
    /// I heard your heartbeat.
    Echo {
        /// Of the heartbeat.
        seq: u64,
    },
    /// I do not hear `target`; do you?
    Probe {
        /// Whom.
        target: NodeId,
        /// The life I last heard of.
        incarnation: Incarnation,
    },
    /// What I know of `target`.
    ProbeAnswer {
        /// Whom.
        target: NodeId,
        /// The life I last heard of.
        incarnation: Incarnation,
        /// How it answers me.
        reach: Reach,
    },
    /// I suspect `target`: nobody I asked hears it. Told to everyone, to itself first of all.
    Accusation {
        /// Whom.
        target: NodeId,
        /// The last sign of life I know of.
        sign: Lifesign,
    },
    /// `target` lives: it was accused, and says otherwise. Told by itself to everyone, and passed on
    /// to those who accused it.
    Refutation {
        /// Who.
        target: NodeId,
        /// Its sign of life since.
        sign: Lifesign,
    },
    /// My machine goes to sleep; I am still a member.
    Sleep {
        /// My life.
        incarnation: Incarnation,
        /// Of my last heartbeat: what comes after that, I say awake.
        seq: u64,
    },
    /// I stop; I am still a member.
    Goodbye {
        /// My life.
        incarnation: Incarnation,
    },
}

impl Detect {
    /// The node that this says to be up, and in which life; `from` says it.
    #[must_use]
    pub fn life(&self, from: NodeId) -> Option<(NodeId, Incarnation)> {
        match self {
            Self::Heartbeat { sign, .. } => Some((from, sign.incarnation)),
            Self::Refutation { target, sign } => Some((*target, sign.incarnation)),
            Self::Echo { .. }
            | Self::Probe { .. }
            | Self::ProbeAnswer { .. }
            | Self::Accusation { .. }
            | Self::Sleep { .. }
            | Self::Goodbye { .. } => None,
        }
    }
}

/// A sign of life: the greater one is the later one.
///
/// Das et al. (2002), section 4.2, have a node raise its incarnation to refute a suspicion. Here an
/// incarnation is a life, and what a node says of itself belongs to one; so a count beside it is
/// raised instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lifesign {
    /// Which life.
    pub incarnation: Incarnation,
    /// Accusations refuted in it.
    pub refuted: u32,
}

/// How a node answers another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// I hear it.
    Heard {
        /// How long ago I did, in milliseconds.
        silence_ms: u32,
    },
    /// Its machine refuses connections: the process is gone.
    Refused,
    /// I do not hear it either.
    Silent,
}
