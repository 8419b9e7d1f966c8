//! The faster, the more.
//!
//! Stride scheduling (Waldspurger, Weihl, 1995, section 2): each has a pass that a task moves on by
//! its latency, and whoever's is least is next. So everyone's share is in proportion to its speed,
//! and those alike get alike.

use super::{super::ranked::Ranked, Chance, Slot, Standing, Strategy};

pub(super) const ABOUT: &str =
    "In proportion to speed; a newcomer gets one task, and counts as the slowest until it answers.";

#[derive(Debug, Default)]
pub(super) struct Chooser {
    /// By whether it is waited for, then by its pass, then by when it was chosen last.
    order: Ranked<(bool, u64, u64)>,
    /// The latencies that are known, in microseconds.
    latencies: Ranked<u64>,
    /// How far each is, in microseconds of work; kept while it takes none.
    passes: Vec<u64>,
    /// The pass of the last who was chosen: whoever comes begins there, and so catches up on
    /// nothing.
    now: u64,
}

impl Strategy for Chooser {
    fn offer(&mut self, slot: Slot, Standing { worker, turn, .. }: Standing<'_>) {
        match worker.latency_us {
            Some(latency) => self.latencies.set(slot, latency.max(1)),
            None => self.latencies.remove(slot),
        }
        let untried = worker.latency_us.is_none() && worker.in_flight > 0;
        let waited_for = untried && !self.latencies.is_empty();
        if self.passes.len() <= slot.0 {
            self.passes.resize(slot.0 + 1, 0);
        }
        let came = self.order.rank(slot).is_none();
        if let Some(pass) = self.passes.get_mut(slot.0) {
            if came {
                *pass = self.now.max(*pass);
            }
            self.order.set(slot, (waited_for, *pass, turn));
        }
    }

    fn withdraw(&mut self, slot: Slot) {
        self.order.remove(slot);
        self.latencies.remove(slot);
    }

    fn choose(&mut self, _chance: &mut Chance) -> Option<Slot> {
        let ((_, pass, _), slot) = self.order.first()?;
        self.now = self.now.max(pass);
        let slowest = self.latencies.last().map_or(1, |(latency, _)| latency);
        let stride = self.latencies.rank(slot).unwrap_or(slowest);
        if let Some(place) = self.passes.get_mut(slot.0) {
            *place = pass.saturating_add(stride);
        }
        Some(slot)
    }
}
