//! Who can do little else.

use super::{super::ranked::Ranked, Chance, Slot, Standing, Strategy};

pub(super) const ABOUT: &str =
    "Who has the fewest other capabilities; of those alike, who has the fewest tasks in flight.";

#[derive(Debug, Default)]
pub(super) struct Chooser {
    order: Ranked<(u32, u32, u64)>,
}

impl Strategy for Chooser {
    fn offer(&mut self, slot: Slot, Standing { worker, turn, .. }: Standing<'_>) {
        self.order.set(slot, (worker.extra, worker.in_flight, turn));
    }

    fn withdraw(&mut self, slot: Slot) {
        self.order.remove(slot);
    }

    fn choose(&mut self, _chance: &mut Chance) -> Option<Slot> {
        self.order.first().map(|(_, slot)| slot)
    }
}
