//! What a subscription says.

use covey_logic::Wall;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::UiError;

/// What a subscription says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Frame {
    /// Forget every row; these are all.
    Snapshot(Rows),
    /// Put these rows in place of those with the same `id`, and take the removed ones away.
    Patch(Rows),
    /// The topic cannot be watched, or not right now.
    Error {
        /// Which subscription.
        #[ts(type = "number")]
        id: u64,
        /// Why.
        error: UiError,
    },
}

/// Rows of a topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Rows {
    /// Which subscription.
    #[ts(type = "number")]
    pub id: u64,
    /// Which topic.
    pub topic: String,
    /// Counts the frames of the subscription, from 1, without gaps.
    #[ts(type = "number")]
    pub seq: u64,
    /// When it was made, by the clock of this node.
    #[ts(type = "number")]
    pub at: Wall,
    /// The rows, each with its `id`.
    #[ts(type = "unknown[]")]
    pub rows: Vec<Value>,
    /// The ids of rows that are no more.
    pub removed: Vec<String>,
}
