//! How many names there are, and how much they hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    ids::Name,
    merged::{Said, Writer, variable::said_of},
    replica::{Shared, SharedKey},
};

/// Names that were ever used, with who wrote under each, and bytes of what is held.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    counters: BTreeMap<Name, BTreeSet<Writer>>,
    variables: BTreeMap<Name, BTreeMap<Writer, usize>>,
    bytes: usize,
}

impl Index {
    /// Takes note of an entry.
    pub(super) fn note(&mut self, key: &SharedKey, value: &Shared) {
        match key {
            SharedKey::Tally(counter, writer) => {
                self.counters.entry(counter.clone()).or_default().insert(*writer);
            }
            SharedKey::Variable(variable, writer) => {
                let bytes = said_of(value).map_or(0, Said::bytes);
                let writers = self.variables.entry(variable.clone()).or_default();
                let before = writers.insert(*writer, bytes).unwrap_or(0);
                self.bytes = self.bytes - before + bytes;
            }
            SharedKey::Member(_)
            | SharedKey::Revoked(_)
            | SharedKey::Spec(_)
            | SharedKey::Intent(_)
            | SharedKey::Assignment(_)
            | SharedKey::Scheduling(_)
            | SharedKey::Namespace(_)
            | SharedKey::Rebalance
            | SharedKey::Lineage
            | SharedKey::Cleanup(_)
            | SharedKey::Alert(..)
            | SharedKey::Quiet(..) => {}
        }
    }

    pub(super) fn counters(&self) -> impl ExactSizeIterator<Item = &Name> {
        self.counters.keys()
    }

    pub(super) fn variables(&self) -> impl ExactSizeIterator<Item = &Name> {
        self.variables.keys()
    }

    pub(super) fn has_counter(&self, counter: &Name) -> bool {
        self.counters.contains_key(counter)
    }

    pub(super) fn has_variable(&self, variable: &Name) -> bool {
        self.variables.contains_key(variable)
    }

    /// Bytes that all values hold.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
