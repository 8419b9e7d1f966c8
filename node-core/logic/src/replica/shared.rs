//! Shared values: the greatest stamp wins.

use std::{collections::BTreeMap, ops::RangeInclusive};

use crate::{
    hlc::Stamp,
    replica::{Shared, SharedKey, hash::hash},
    wire,
};

/// Every shared value, with a hash for each of 256 buckets of keys, so that two copies find what
/// differs by sending what lies in the buckets that differ.
#[derive(Clone, Debug, Default)]
pub struct SharedValues {
    entries: BTreeMap<SharedKey, Entry>,
    buckets: BTreeMap<u8, u64>,
}

#[derive(Clone, Debug)]
struct Entry {
    stamp: Stamp,
    value: Shared,
    bucket: u8,
}

impl SharedValues {
    /// The value of `key`; a deleted one is no value.
    #[must_use]
    pub fn get(&self, key: &SharedKey) -> Option<&Shared> {
        self.entries.get(key).map(|entry| &entry.value).filter(|value| **value != Shared::Deleted)
    }

    /// The stamp of `key`, whether it was deleted or not.
    #[must_use]
    pub fn stamp(&self, key: &SharedKey) -> Option<Stamp> {
        self.entries.get(key).map(|entry| entry.stamp)
    }

    /// The stamp and the value or mark of `key`.
    #[must_use]
    pub fn entry(&self, key: &SharedKey) -> Option<(Stamp, &Shared)> {
        self.entries.get(key).map(|entry| (entry.stamp, &entry.value))
    }

    /// Every key with its value; deleted ones are left out.
    pub fn iter(&self) -> impl Iterator<Item = (&SharedKey, &Shared)> {
        self.entries
            .iter()
            .map(|(key, entry)| (key, &entry.value))
            .filter(|(_, value)| **value != Shared::Deleted)
    }

    /// The keys of a range with their values; deleted ones are left out.
    pub fn range(
        &self,
        keys: RangeInclusive<SharedKey>,
    ) -> impl Iterator<Item = (&SharedKey, &Shared)> {
        self.entries
            .range(keys)
            .map(|(key, entry)| (key, &entry.value))
            .filter(|(_, value)| **value != Shared::Deleted)
    }

    /// Every key with its stamp and its value or mark.
    pub fn entries(&self) -> impl Iterator<Item = (&SharedKey, Stamp, &Shared)> {
        self.entries.iter().map(|(key, entry)| (key, entry.stamp, &entry.value))
    }

    /// Takes a write over if it is later than the one held; says whether it was.
    pub fn merge(&mut self, key: SharedKey, stamp: Stamp, value: Shared) -> bool {
        let old = self.stamp(&key);
        if old.is_some_and(|old| old >= stamp) {
            return false;
        }
        let flip = mark(&key, stamp);
        let undo = old.map_or(0, |old| mark(&key, old));
        let [bucket, ..] = hash(&wire::encode(&key)).to_le_bytes();
        *self.buckets.entry(bucket).or_default() ^= flip ^ undo;
        self.entries.insert(key, Entry { stamp, value, bucket });
        true
    }

    /// A hash for each bucket that holds anything.
    #[must_use]
    pub fn digest(&self) -> Vec<(u8, u64)> {
        self.buckets.iter().map(|(bucket, hash)| (*bucket, *hash)).collect()
    }

    /// The buckets whose hash differs from the one in `other`.
    #[must_use]
    pub fn differing(&self, other: &[(u8, u64)]) -> Vec<u8> {
        let other: BTreeMap<u8, u64> = other.iter().copied().collect();
        (0..=u8::MAX)
            .filter(|bucket| {
                self.buckets.get(bucket).copied().unwrap_or(0)
                    != other.get(bucket).copied().unwrap_or(0)
            })
            .collect()
    }

    /// The keys and stamps of some buckets.
    #[must_use]
    pub fn buckets(&self, wanted: &[u8]) -> Vec<(u8, Vec<(SharedKey, Stamp)>)> {
        let mut found: BTreeMap<u8, Vec<(SharedKey, Stamp)>> =
            wanted.iter().map(|bucket| (*bucket, Vec::new())).collect();
        for (key, entry) in &self.entries {
            if let Some(keys) = found.get_mut(&entry.bucket) {
                keys.push((key.clone(), entry.stamp));
            }
        }
        found.into_iter().collect()
    }
}

fn mark(key: &SharedKey, stamp: Stamp) -> u64 {
    hash(&wire::encode(&(key, stamp)))
}
