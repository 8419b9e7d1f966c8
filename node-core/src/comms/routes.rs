//! Where names lead, read by callers on every thread while the driver writes.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{PoisonError, RwLock},
};

use covey_logic::{Name, comms::Route};

/// The table of routes.
///
/// Cut into shards, so that a write stops one caller in 64 and not all.
#[derive(Debug)]
pub struct Routes {
    hasher: RandomState,
    shards: [RwLock<HashMap<Name, Route>>; SHARDS],
}

const SHARDS: usize = 64;

impl Routes {
    /// An empty table.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| RwLock::new(HashMap::new())),
        }
    }

    /// Where messages for `name` go.
    #[must_use]
    pub fn get(&self, name: &Name) -> Option<Route> {
        self.shard(name)?.read().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }

    /// Messages for `name` go to `route` from here on, or nowhere.
    pub(crate) fn set(&self, name: Name, route: Option<Route>) {
        let Some(shard) = self.shard(&name) else { return };
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        match route {
            Some(route) => shard.insert(name, route),
            None => shard.remove(&name),
        };
    }

    fn shard(&self, name: &Name) -> Option<&RwLock<HashMap<Name, Route>>> {
        let hash = usize::try_from(self.hasher.hash_one(name) % (1 << 16)).unwrap_or_default();
        self.shards.get(hash % SHARDS)
    }
}
