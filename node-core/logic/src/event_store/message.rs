//! What members say to each other about events.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Extent;
use crate::{event::EventRecord, ids::NodeId};

/// What a member says to another about events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventTalk {
    /// Your events up to this number are on my disk.
    Kept(u64),
}

/// Events of one origin that someone lacks: in order, without gaps, told together as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Whose.
    pub origin: NodeId,
    /// What the sender holds of them: who lacks more asks on, and what lies before is gone there.
    pub held: Extent,
    /// The events; none if those that were asked for are gone.
    pub events: Vec<Arc<EventRecord>>,
}
