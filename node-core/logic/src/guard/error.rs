//! Why a guard let nothing through.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{Name, NodeId};

/// Which guard refused a call, and why. Nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "guard", rename_all = "snake_case")]
#[ts(rename = "GuardRefused")]
pub enum Refused {
    /// Ask again after a while.
    #[error("{}", limited(actor, operation, *retry_ms, *shortage))]
    Rate {
        /// Who asked.
        actor: String,
        /// The operations that the rule is for.
        operation: String,
        /// When to ask again, in milliseconds.
        #[ts(type = "number")]
        retry_ms: u64,
        /// What there was too little of.
        shortage: Shortage,
    },
    /// Ask again once it is tried whether the agent is well.
    #[error("calls of {name} failed, and it is tried again in {retry_ms} ms")]
    Breaker {
        /// Which agent.
        #[ts(type = "string")]
        name: Name,
        /// The node whose calls failed.
        #[ts(type = "string")]
        by: NodeId,
        /// For how long calls have been refused, in milliseconds.
        #[ts(type = "number")]
        since_ms: u64,
        /// When it is tried whether the agent is well, in milliseconds.
        #[ts(type = "number")]
        retry_ms: u64,
    },
    /// Ask less at a time.
    #[error("{running} calls of {name} go on from this node, and {queued} wait")]
    Bulkhead {
        /// Which agent.
        #[ts(type = "string")]
        name: Name,
        /// Calls of it that go on from this node.
        running: u32,
        /// Calls that wait.
        queued: u32,
        /// How many may go on.
        at_once: u32,
        /// How many may wait.
        queue: u32,
        /// How long this one waited, in milliseconds.
        #[ts(type = "number")]
        waited_ms: u64,
    },
}

/// What a rate had too little of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "RateShortage")]
pub enum Shortage {
    /// It is used up.
    Rate,
    /// Voters: no majority says what is left.
    Majority,
    /// Room: too many different actors are counted.
    Room,
}

/// Why a rate let nothing through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// When to ask again.
    pub retry: std::time::Duration,
    /// What there was too little of.
    pub shortage: Shortage,
}

fn limited(actor: &str, operation: &str, retry_ms: u64, shortage: Shortage) -> String {
    match shortage {
        Shortage::Rate => {
            format!("{actor} asked too often for {operation}; the next may come in {retry_ms} ms")
        }
        Shortage::Majority => {
            format!("no majority says how often {actor} asked for {operation}")
        }
        Shortage::Room => format!("too many ask for {operation} to count each"),
    }
}
