//! A copy of what one node says of itself.

use std::{collections::BTreeMap, ops::Bound};

use crate::{
    ids::{Incarnation, NodeId},
    replica::{Kind, Presence, PresenceKey, ShardDelta, ShardDigest, hash::hash},
    wire,
};

/// Which shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardId {
    /// Whose.
    pub origin: NodeId,
    /// In which life of that node.
    pub incarnation: Incarnation,
    /// Which of its shards.
    pub kind: Kind,
}

/// A copy of what one node says of itself of one kind in one incarnation, with the changes that led to
/// it as far back as they are remembered.
#[derive(Clone, Debug)]
pub struct Shard {
    id: ShardId,
    version: u64,
    hash: u64,
    entries: BTreeMap<PresenceKey, (u64, Presence)>,
    /// The last change of each key, by version; a removed key is in no entry.
    changes: BTreeMap<u64, PresenceKey>,
    /// The keys of [`Self::changes`] that were removed, with the version of the removal.
    removed: BTreeMap<PresenceKey, u64>,
    /// Removals up to here are forgotten: one who holds less gets the shard whole.
    floor: u64,
}

impl Shard {
    /// Removals remembered: one who missed fewer gets them one by one.
    pub const MAX_REMOVALS: usize = 4_096;

    /// An empty shard of an incarnation.
    #[must_use]
    pub fn new(id: ShardId) -> Self {
        Self {
            id,
            version: 0,
            hash: 0,
            entries: BTreeMap::new(),
            changes: BTreeMap::new(),
            removed: BTreeMap::new(),
            floor: 0,
        }
    }

    /// How many changes it holds.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &PresenceKey) -> Option<&Presence> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// Every key and value, in order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&PresenceKey, &Presence)> {
        self.entries.iter().map(|(key, (_, value))| (key, value))
    }

    /// What it holds, in short.
    #[must_use]
    pub fn digest(&self) -> ShardDigest {
        ShardDigest { version: self.version, hash: self.hash }
    }

    /// Writes the next change; false if it changes nothing.
    pub fn write(&mut self, key: PresenceKey, value: Option<Presence>) -> bool {
        if self.get(&key) == value.as_ref() {
            return false;
        }
        self.version += 1;
        self.put(self.version, key, value);
        self.forget_old_removals();
        true
    }

    /// The changes after `from`, in pieces of about `size` bytes that continue one another; nothing
    /// if there are none.
    ///
    /// One who holds nothing needs no removals, so it is never behind them.
    #[must_use]
    pub fn changes_after(&self, from: u64, size: usize) -> Vec<ShardDelta> {
        if from >= self.version {
            return Vec::new();
        }
        if from > 0 && from < self.floor {
            return vec![self.whole()];
        }
        let (mut pieces, mut changes, mut used, mut start, mut last) =
            (Vec::new(), Vec::new(), 0, from, from);
        let piece = |from, to, changes| self.delta((from, to), false, changes);
        for (version, key) in self.changes.range((Bound::Excluded(from), Bound::Unbounded)) {
            let change = (*version, key.clone(), self.get(key).cloned());
            let length = wire::encode(&change).len();
            if used + length > size && !changes.is_empty() {
                pieces.push(piece(start, last, std::mem::take(&mut changes)));
                (start, used) = (last, 0);
            }
            used += length;
            last = *version;
            changes.push(change);
        }
        pieces.push(piece(start, self.version, changes));
        pieces
    }

    /// Everything, for one whose copy is wrong.
    #[must_use]
    pub fn whole(&self) -> ShardDelta {
        let changes = self
            .changes
            .iter()
            .filter_map(|(version, key)| {
                Some((*version, key.clone(), Some(self.get(key)?.clone())))
            })
            .collect();
        self.delta((0, self.version), true, changes)
    }

    fn delta(
        &self,
        (from, to): (u64, u64),
        whole: bool,
        changes: Vec<(u64, PresenceKey, Option<Presence>)>,
    ) -> ShardDelta {
        let ShardId { origin, incarnation, kind } = self.id;
        ShardDelta { origin, incarnation, kind, from, to, whole, changes }
    }

    /// Takes changes over that continue this copy, and gives the keys that changed.
    ///
    /// # Panics
    ///
    /// If `to` lies before this copy: the caller has to have compared (R2).
    pub fn extend(
        &mut self,
        to: u64,
        changes: Vec<(u64, PresenceKey, Option<Presence>)>,
    ) -> Vec<PresenceKey> {
        let mut changed = Vec::new();
        for (version, key, value) in changes {
            let known = self.entries.get(&key).map(|(version, _)| *version);
            let known = known.or_else(|| self.removed.get(&key).copied()).unwrap_or(0);
            if version > known && version <= to {
                if self.get(&key) != value.as_ref() {
                    changed.push(key.clone());
                }
                self.put(version, key, value);
            }
        }
        assert!(to >= self.version, "R2: a shard's version went back");
        self.version = to;
        self.forget_old_removals();
        changed
    }

    /// Takes everything over that the writer holds, and gives the keys that differ from before: what
    /// both hold alike does not change for a moment.
    pub fn replace(
        &mut self,
        to: u64,
        changes: Vec<(u64, PresenceKey, Option<Presence>)>,
    ) -> Vec<PresenceKey> {
        let mut fresh = Self::new(self.id);
        fresh.extend(to, changes);
        fresh.floor = to;
        let old = std::mem::replace(self, fresh);
        let gone = old.entries.keys().filter(|key| self.get(key).is_none());
        let other = self.iter().filter(|(key, value)| old.get(key) != Some(*value));
        gone.chain(other.map(|(key, _)| key)).cloned().collect()
    }

    fn put(&mut self, version: u64, key: PresenceKey, value: Option<Presence>) {
        if let Some(old) = self.removed.remove(&key) {
            self.changes.remove(&old);
        }
        let before = match value {
            Some(value) => {
                self.hash ^= entry_hash(version, &key, &value);
                self.entries.insert(key.clone(), (version, value))
            }
            None => {
                self.removed.insert(key.clone(), version);
                self.entries.remove(&key)
            }
        };
        if let Some((old, before)) = before {
            self.changes.remove(&old);
            self.hash ^= entry_hash(old, &key, &before);
        }
        self.changes.insert(version, key);
    }

    fn forget_old_removals(&mut self) {
        if self.removed.len() <= Self::MAX_REMOVALS {
            return;
        }
        let mut versions: Vec<u64> = self.removed.values().copied().collect();
        versions.sort_unstable();
        let Some(floor) = versions.get(versions.len() / 2).copied() else { return };
        self.removed.retain(|_, version| *version > floor);
        let Self { changes, entries, removed, .. } = self;
        changes.retain(|_, key| entries.contains_key(key) || removed.contains_key(key));
        self.floor = self.floor.max(floor);
    }
}

fn entry_hash(version: u64, key: &PresenceKey, value: &Presence) -> u64 {
    hash(&wire::encode(&(version, key, value)))
}
