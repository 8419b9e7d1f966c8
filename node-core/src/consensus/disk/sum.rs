//! A sum over everything that a store should hold, committed with each change of it.
//!
//! fjall's checksums are those of its blocks and commits. They do not tell when a flipped bit in the
//! list of its tables brings an older vote back; the sum does.

use std::collections::BTreeMap;

/// The sum, and what each part of the store adds to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    total: u64,
    entries: BTreeMap<u64, u64>,
    facts: BTreeMap<Box<[u8]>, u64>,
}

impl Sum {
    /// An entry is in the log from here on, or gone from it.
    pub(super) fn entry(&mut self, index: u64, bytes: Option<&[u8]>) {
        let before = match bytes.map(|bytes| hash(&index.to_be_bytes(), bytes)) {
            Some(hash) => {
                self.total = self.total.wrapping_add(hash);
                self.entries.insert(index, hash)
            }
            None => self.entries.remove(&index),
        };
        self.total = self.total.wrapping_sub(before.unwrap_or(0));
    }

    /// A fact is known from here on.
    pub(super) fn fact(&mut self, key: &[u8], bytes: &[u8]) {
        let hash = hash(key, bytes);
        let before = self.facts.insert(key.into(), hash);
        self.total = self.total.wrapping_add(hash).wrapping_sub(before.unwrap_or(0));
    }

    /// The sum of all parts.
    pub(super) fn total(&self) -> u64 {
        self.total
    }
}

fn hash(key: &[u8], bytes: &[u8]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u64).to_be_bytes()).update(key).update(bytes);
    let mut hash = [0; 8];
    hasher.finalize_xof().fill(&mut hash);
    u64::from_be_bytes(hash)
}
