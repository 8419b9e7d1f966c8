//! What became of breakers, until it is told as events.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use covey_logic::{
    Name,
    event::{BreakerTurn, Fact},
    guard::Turn,
};
use tokio::sync::Notify;

use super::Guard;

/// Turns of breakers that are no events yet, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Untold {
    turns: Mutex<VecDeque<(Name, BreakerTurn)>>,
    noted: Notify,
}

impl Untold {
    /// Turns that wait to be told: with the events of a minute, the node tells no more of all. Those
    /// that come when so many wait are left out.
    const CAPACITY: usize = 1_000;

    fn note(&self, name: &Name, turn: BreakerTurn) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() < Self::CAPACITY {
            turns.push_back((name.clone(), turn));
            self.noted.notify_one();
        }
    }

    fn take(&self) -> Vec<(Name, BreakerTurn)> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}

impl Guard {
    /// The breaker for an agent turned by calls of this node: that is to be told.
    pub(crate) fn note_turn(&self, name: &Name, turn: Turn) {
        let turn = match turn {
            Turn::Opened { .. } => BreakerTurn::Opened,
            Turn::Probing { .. } => BreakerTurn::HalfOpen,
            Turn::Closed => BreakerTurn::Closed,
        };
        self.0.untold.note(name, turn);
    }

    /// An operator let calls of an agent through: that is to be told.
    pub(crate) fn note_reset(&self, name: &Name) {
        self.0.untold.note(name, BreakerTurn::Reset);
    }

    /// What is to be told, once there is something.
    pub(crate) async fn untold(&self) -> Vec<(Name, Fact)> {
        loop {
            let turns = self.0.untold.take();
            if !turns.is_empty() {
                let fact = |(name, to): (Name, BreakerTurn)| {
                    (name.clone(), Fact::BreakerTurned { name, to })
                };
                return turns.into_iter().map(fact).collect();
            }
            self.0.untold.noted.notified().await;
        }
    }
}
