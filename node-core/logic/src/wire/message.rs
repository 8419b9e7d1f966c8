//! Everything members say to each other.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    event::EventRecord,
    event_store::EventTalk,
    membership::Detect,
    moving::Move,
    replica::{Delta, Repair},
};

/// What a member says to one other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// Who is up.
    Detect(Detect),
    /// What one of us lacks.
    Repair(Repair),
    /// An agent moves, or a copy of its state does.
    Move(Move),
    /// Who has which events.
    Events(EventTalk),
}

/// What a member says to everyone; any of it may be lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Publication {
    /// Changes of replica state.
    Delta(Delta),
    /// Events of the publisher, in order, without gaps.
    Events(Vec<Arc<EventRecord>>),
    /// The publisher has its events up to this number on disk: who lacks them asks.
    EventNews(u64),
}

/// Which stream a message travels on, so that a large repair does not delay a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Small and urgent.
    Detect,
    /// Large and patient.
    Repair,
    /// Large, while callers wait.
    Move,
}

impl Message {
    /// The lane it travels on.
    #[must_use]
    pub fn lane(&self) -> Lane {
        match self {
            Self::Detect(_) | Self::Events(_) => Lane::Detect,
            Self::Repair(_) => Lane::Repair,
            Self::Move(_) => Lane::Move,
        }
    }
}
