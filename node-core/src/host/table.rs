//! The lives that are here, found by name without one lock for all.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use covey_logic::{Epoch, Name};

use super::life::Life;
use crate::sharded::{NameMap, Sharded};

#[derive(Debug, Default)]
pub(super) struct Table(Sharded<Shard>);

#[derive(Debug, Default)]
struct Shard {
    lives: RwLock<NameMap<Vec<Arc<Life>>>>,
    handled: AtomicU64,
}

/// What is here of a name.
#[derive(Debug)]
pub(super) enum Found {
    /// The life that was asked for.
    Life(Arc<Life>),
    /// Another life.
    Other,
    /// Nothing.
    Nothing,
}

impl Table {
    pub(super) fn find(&self, name: &Name, epoch: Epoch) -> Found {
        let lives = self.0.of(name).lives.read().unwrap_or_else(PoisonError::into_inner);
        let Some(lives) = lives.get(name) else { return Found::Nothing };
        lives
            .iter()
            .find(|life| life.epoch == epoch)
            .map_or(Found::Other, |life| Found::Life(Arc::clone(life)))
    }

    /// Adds a life, unless the same or a later life of the agent is here.
    pub(super) fn add(&self, life: Arc<Life>) -> Result<(), Epoch> {
        let mut lives = self.0.of(&life.name).lives.write().unwrap_or_else(PoisonError::into_inner);
        let lives = lives.entry(life.name.clone()).or_default();
        match lives.iter().map(|other| other.epoch).max() {
            Some(latest) if latest >= life.epoch => Err(latest),
            Some(_) | None => {
                lives.push(life);
                Ok(())
            }
        }
    }

    pub(super) fn remove(&self, name: &Name, epoch: Epoch) {
        let mut shard = self.0.of(name).lives.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(lives) = shard.get_mut(name) {
            lives.retain(|life| life.epoch != epoch);
            if lives.is_empty() {
                shard.remove(name);
            }
        }
    }

    pub(super) fn all(&self) -> Vec<Arc<Life>> {
        let of = |shard: &Shard| -> Vec<_> {
            let lives = shard.lives.read().unwrap_or_else(PoisonError::into_inner);
            lives.values().flatten().map(Arc::clone).collect()
        };
        self.0.iter().flat_map(of).collect()
    }

    /// Counts a call that was handled.
    pub(super) fn count(&self, name: &Name) {
        self.0.of(name).handled.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn handled(&self) -> u64 {
        self.0.iter().map(|shard| shard.handled.load(Ordering::Relaxed)).sum()
    }
}
