//! Pictures for people.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    guard::{Reach, Share},
    ids::{Name, NodeId},
};

/// The guards around calls from one node, as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GuardView {
    /// How many calls of one agent may go on from this node.
    pub at_once: u32,
    /// How many more may wait.
    pub queue: u32,
    /// The agents of which calls go on, wait, fail or are refused; by name, the first thousand.
    pub gates: Vec<GateView>,
    /// The rates, each for each who asked of late; the first thousand.
    pub rates: Vec<RateView>,
}

/// The breaker and the bulkhead of one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GateView {
    /// Which agent.
    #[ts(type = "string")]
    pub name: Name,
    /// Whether calls pass the breaker.
    pub breaker: BreakerPhase,
    /// Calls in the window that went well.
    pub passed: u32,
    /// Calls in the window that failed.
    pub failed: u32,
    /// Calls that go on from this node.
    pub running: u32,
    /// Calls that wait.
    pub queued: u32,
    /// Calls that the breaker refused since something is known of the agent.
    #[ts(type = "number")]
    pub broken: u64,
    /// Calls that the bulkhead refused since then.
    #[ts(type = "number")]
    pub crowded: u64,
}

/// What a breaker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum BreakerPhase {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open {
        /// The node whose calls failed.
        #[ts(type = "string")]
        by: NodeId,
        /// Since when, in milliseconds.
        #[ts(type = "number")]
        since_ms: u64,
        /// How long until probes are let through, in milliseconds.
        #[ts(type = "number")]
        retry_ms: u64,
    },
    /// Some calls pass, to try whether the agent is well.
    HalfOpen {
        /// The node whose calls failed.
        #[ts(type = "string")]
        by: NodeId,
        /// Since when, in milliseconds.
        #[ts(type = "number")]
        since_ms: u64,
    },
}

/// A rate, for one who asks or for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RateView {
    /// The rule as it is written.
    pub rule: String,
    /// The operations that it is for.
    pub operation: String,
    /// Where it is counted.
    pub reach: Reach,
    /// For whom.
    pub share: Share,
    /// Who asked; none: it counts for all, or nobody asked of late.
    #[ts(type = "string | null")]
    pub actor: Option<Name>,
    /// How many may come at once.
    pub burst: u32,
    /// What this node can let through at once.
    pub left: u32,
    /// What is left for all nodes, of a rate of the cluster, as far as this node has heard; what a
    /// node drew and has not used within a second is lost.
    pub cluster_left: Option<u32>,
    /// When there is more, in milliseconds.
    #[ts(type = "number")]
    pub next_ms: u64,
    /// When all of it is there again if nobody asks, in milliseconds: of a rate of the cluster, all
    /// of that.
    #[ts(type = "number")]
    pub full_ms: u64,
    /// Let through by this node since it started.
    #[ts(type = "number")]
    pub passed: u64,
    /// Refused by this node since it started.
    #[ts(type = "number")]
    pub refused: u64,
    /// Whether only this node's part counts, for want of a majority.
    pub alone: bool,
}
