//! What nodes say of their moves and copies.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    agent::AgentState,
    ids::{Epoch, Name},
    time::Wall,
};

/// Which copy of an agent's state: of two the greater is the newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kept {
    /// The generation of the life that gave it: a fresh start leaves it behind.
    pub generation: u64,
    /// The life that gave it.
    pub epoch: Epoch,
    /// Its place among those of that life.
    pub seq: u64,
}

/// A copy of an agent's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Which.
    pub kept: Kept,
    /// The state.
    pub state: AgentState,
}

/// What a node says of its moves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moves {
    /// Whether it is about to stop, and takes no agents.
    pub leaving: bool,
    /// Its last drain.
    pub drained: Option<Drained>,
    /// The plan of which moves of this node failed, by its [`Plan::id`](crate::moving::Plan::id), and
    /// those moves.
    pub plan: Option<(u64, Vec<Failure>)>,
}

/// What came of a drain so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drained {
    /// Until when agents are handed over.
    pub until: Wall,
    /// Agents that went elsewhere.
    pub moved: u32,
    /// Agents whose hand-off failed at last try; the first [`Self::MAX_FAILED`] of them.
    pub failed: Vec<Failure>,
}

impl Drained {
    /// Failures told: enough to see what is wrong.
    pub const MAX_FAILED: usize = 20;
}

/// A move that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Failure {
    /// Of which agent.
    #[ts(type = "string")]
    pub name: Name,
    /// Why.
    pub reason: String,
}
