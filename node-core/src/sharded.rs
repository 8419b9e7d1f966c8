//! What is found by name, cut into parts that are locked apart: with as many threads as a machine has
//! processors, two rarely meet, and a write stops one reader in 64.

use std::{collections::HashMap, hash::BuildHasher as _};

use covey_logic::Name;
use foldhash::fast::RandomState;

/// A map by names; its keys come from members, so its hashes are seeded.
pub(crate) type NameMap<V> = HashMap<Name, V, RandomState>;

const SHARDS: usize = 64;

/// Parts, and which of them has a name.
#[derive(Debug)]
pub(crate) struct Sharded<S> {
    hasher: RandomState,
    shards: [Shard<S>; SHARDS],
}

/// Alone in its cache lines, so that a lock or a count in one does not slow its neighbours.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard<S>(S);

impl<S: Default> Default for Sharded<S> {
    fn default() -> Self {
        let shards = std::array::from_fn(|_| Shard::default());
        Self { hasher: RandomState::default(), shards }
    }
}

impl<S> Sharded<S> {
    /// The part that has `name`.
    #[expect(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "the index is below SHARDS, which any usize holds"
    )]
    pub(crate) fn of(&self, name: &Name) -> &S {
        &self.shards[(self.hasher.hash_one(name) % SHARDS as u64) as usize].0
    }

    /// All parts.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &S> {
        self.shards.iter().map(|shard| &shard.0)
    }
}
