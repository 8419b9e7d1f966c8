//! Workers in the order in which a strategy would choose them.

use std::collections::BTreeSet;

use super::Slot;

/// Slots by their ranks; a change costs two steps down a tree.
#[derive(Clone, Debug)]
pub(super) struct Ranked<R> {
    order: BTreeSet<(R, Slot)>,
    ranks: Vec<Option<R>>,
}

impl<R> Default for Ranked<R> {
    fn default() -> Self {
        Self { order: BTreeSet::new(), ranks: Vec::new() }
    }
}

impl<R: Ord + Copy> Ranked<R> {
    /// A slot has this rank from here on.
    pub(super) fn set(&mut self, slot: Slot, rank: R) {
        if self.rank(slot) == Some(rank) {
            return;
        }
        self.remove(slot);
        if self.ranks.len() <= slot.0 {
            self.ranks.resize(slot.0 + 1, None);
        }
        if let Some(place) = self.ranks.get_mut(slot.0) {
            *place = Some(rank);
            self.order.insert((rank, slot));
        }
    }

    /// A slot has no rank.
    pub(super) fn remove(&mut self, slot: Slot) {
        if let Some(rank) = self.ranks.get_mut(slot.0).and_then(Option::take) {
            self.order.remove(&(rank, slot));
        }
    }

    pub(super) fn rank(&self, slot: Slot) -> Option<R> {
        self.ranks.get(slot.0).copied().flatten()
    }

    pub(super) fn first(&self) -> Option<(R, Slot)> {
        self.order.first().copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (R, Slot)> {
        self.order.iter().copied()
    }

    pub(super) fn last(&self) -> Option<(R, Slot)> {
        self.order.last().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}
