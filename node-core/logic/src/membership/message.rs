//! What members say to each other about who is up.

use serde::{Deserialize, Serialize};

use crate::ids::{Incarnation, NodeId};

/// What a member says about who is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Detect {
    /// I am here.
    Heartbeat {
        /// My life.
        incarnation: Incarnation,
        /// Counts up.
        seq: u64,
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
    /// I stop; I am still a member.
    Goodbye {
        /// My life.
        incarnation: Incarnation,
    },
}

/// How a node answers another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// I hear it.
    Heard,
    /// Its machine refuses connections: the process is gone.
    Refused,
    /// I do not hear it either.
    Silent,
}
