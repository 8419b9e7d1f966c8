//! What a subscription says, and what its reader makes of it.

use std::collections::BTreeMap;

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
    /// Take the removed rows away, then put the fields of these in place of those of the row with
    /// the same `id`: a row that is there already comes with its `id` and what changed of it.
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

/// Why a frame adds nothing to a picture.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FrameError {
    /// The node said that the topic cannot be watched.
    #[error("{0}")]
    Said(Box<UiError>),
    /// A row has no `id`.
    #[error("a row has no id")]
    NoId,
}

/// What a reader of frames has before it: every row of the topic by its `id`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture(pub BTreeMap<String, Value>);

impl Picture {
    /// Takes a frame in.
    ///
    /// # Errors
    ///
    /// As [`FrameError`] has it; the picture is of no use then.
    pub fn apply(&mut self, frame: Frame) -> Result<(), FrameError> {
        let rows = match frame {
            Frame::Snapshot(rows) => {
                self.0.clear();
                rows
            }
            Frame::Patch(rows) => rows,
            Frame::Error { error, .. } => return Err(FrameError::Said(Box::new(error))),
        };
        for id in &rows.removed {
            self.0.remove(id);
        }
        for row in rows.rows {
            let id = row.get("id").and_then(Value::as_str).ok_or(FrameError::NoId)?.to_owned();
            match (self.0.get_mut(&id).and_then(Value::as_object_mut), row) {
                (Some(known), Value::Object(fields)) => known.extend(fields),
                (_, row) => drop(self.0.insert(id, row)),
            }
        }
        Ok(())
    }
}
