//! The lives that are here, found by name without one lock for all.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use covey_logic::{Epoch, Name};

use super::life::Life;

/// Parts that are locked apart: with as many callers as a machine has processors, two rarely meet.
const SHARDS: usize = 64;

#[derive(Debug)]
pub(super) struct Table {
    shards: [Shard; SHARDS],
}

/// Alone in its cache lines, so that counting in one does not slow its neighbours.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard {
    lives: RwLock<HashMap<Name, Vec<Arc<Life>>>>,
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
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Shard::default()) }
    }

    pub(super) fn find(&self, name: &Name, epoch: Epoch) -> Found {
        let lives = self.shard(name).lives.read().unwrap_or_else(PoisonError::into_inner);
        let Some(lives) = lives.get(name) else { return Found::Nothing };
        lives
            .iter()
            .find(|life| life.epoch == epoch)
            .map_or(Found::Other, |life| Found::Life(Arc::clone(life)))
    }

    /// Adds a life, unless the same or a later life of the agent is here.
    pub(super) fn add(&self, life: Arc<Life>) -> Result<(), Epoch> {
        let mut lives =
            self.shard(&life.name).lives.write().unwrap_or_else(PoisonError::into_inner);
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
        let mut shard = self.shard(name).lives.write().unwrap_or_else(PoisonError::into_inner);
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
        self.shards.iter().flat_map(of).collect()
    }

    /// Counts a call that was handled.
    pub(super) fn count(&self, name: &Name) {
        self.shard(name).handled.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn handled(&self) -> u64 {
        self.shards.iter().map(|shard| shard.handled.load(Ordering::Relaxed)).sum()
    }

    #[expect(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "the index is below SHARDS, which any usize holds"
    )]
    fn shard(&self, name: &Name) -> &Shard {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        &self.shards[(hasher.finish() % SHARDS as u64) as usize]
    }
}
