//! Who has least to do.

use super::{super::ranked::Ranked, Chance, Slot, Standing, Strategy};

pub(super) const ABOUT: &str =
    "Who has the fewest tasks in flight; a busy node counts like tasks more.";

/// What one task in flight weighs.
const TASK: u64 = 100;
/// What a percent of busy processors weighs: all of them weigh as much as four tasks.
const CPU_PERCENT: u64 = 4;
/// What a percent of full memory weighs: all of it weighs as much as two tasks. It is felt later
/// than a busy processor, and is slower to change.
const MEMORY_PERCENT: u64 = 2;

#[derive(Debug, Default)]
pub(super) struct Chooser {
    order: Ranked<(u64, u64)>,
}

impl Strategy for Chooser {
    fn offer(&mut self, slot: Slot, Standing { worker, turn, .. }: Standing<'_>) {
        let strain = worker.strain.unwrap_or_default();
        let load = u64::from(worker.in_flight) * TASK
            + u64::from(strain.cpu_percent) * CPU_PERCENT
            + u64::from(strain.memory_percent) * MEMORY_PERCENT;
        self.order.set(slot, (load, turn));
    }

    fn withdraw(&mut self, slot: Slot) {
        self.order.remove(slot);
    }

    fn choose(&mut self, _chance: &mut Chance) -> Option<Slot> {
        self.order.first().map(|(_, slot)| slot)
    }
}
