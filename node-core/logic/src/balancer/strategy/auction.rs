//! Who does it for least.
//!
//! A reverse auction over standing, sealed asks, at the second price (Vickrey, *Counterspeculation,
//! Auctions, and Competitive Sealed Tenders*, Journal of Finance 1961, section II): who asks least
//! does the task, and is paid what the next asks, so that it gains nothing by asking for more than
//! the work costs it. Nodes bid, so the next is the lowest ask of another node. What the task pays
//! at most stands in for a bidder: it is the price if nobody else asks for less, and who asks for
//! more does not win.

use super::{super::ranked::Ranked, Award, Chance, Credits, Slot, Standing, Strategy};
use crate::{credits::Cost, ids::NodeId};

pub(super) const ABOUT: &str = "Who asks least: its node's ask times how long it takes until the \
                                task is done. Paid is what the next node asks.";

#[derive(Debug, Default)]
pub(super) struct Chooser {
    /// Those that were measured, by what they ask.
    asks: Ranked<(Cost, u64)>,
    /// Those that were not, by how many tasks they have, then by what their nodes ask a second: each
    /// is tried with one task before anybody else, and waited for.
    untried: Ranked<(u32, u32, u64)>,
    /// Whose agents they are.
    nodes: Vec<Option<NodeId>>,
}

impl Strategy for Chooser {
    fn offer(&mut self, slot: Slot, Standing { worker, turn, .. }: Standing<'_>) {
        let Some(bid) = worker.bid else { return self.withdraw(slot) };
        if self.nodes.len() <= slot.0 {
            self.nodes.resize(slot.0 + 1, None);
        }
        if let Some(node) = self.nodes.get_mut(slot.0) {
            *node = Some(bid.node);
        }
        if let Some(asks) = worker.asks() {
            self.untried.remove(slot);
            self.asks.set(slot, (asks, turn));
        } else {
            self.asks.remove(slot);
            self.untried.set(slot, (worker.in_flight, bid.ask.get(), turn));
        }
    }

    fn withdraw(&mut self, slot: Slot) {
        self.asks.remove(slot);
        self.untried.remove(slot);
    }

    fn choose(&mut self, _chance: &mut Chance) -> Option<Slot> {
        let lowest = self.asks.first().map(|(_, slot)| slot);
        self.idle().or(lowest).or_else(|| self.untried.first().map(|(_, slot)| slot))
    }

    fn award(&mut self, most: Credits) -> Award {
        if let Some(slot) = self.idle() {
            return Award::Won { slot, price: self.next(slot).min(most) };
        }
        let Some(((asks, _), slot)) = self.asks.first() else { return Award::Nobody };
        let least = asks.whole();
        if least > most {
            return Award::TooDear { least };
        }
        Award::Won { slot, price: self.next(slot).min(most) }
    }
}

impl Chooser {
    /// One that was not measured, and has nothing to do.
    fn idle(&self) -> Option<Slot> {
        self.untried.first().filter(|((has, ..), _)| *has == 0).map(|(_, slot)| slot)
    }

    /// The lowest ask of another node than that of `winner`, as far as it was measured.
    fn next(&self, winner: Slot) -> Credits {
        let node = self.node(winner);
        let others = self.asks.iter().find(|(_, slot)| self.node(*slot) != node);
        others.map_or(Credits::MAX, |((asks, _), _)| asks.whole())
    }

    fn node(&self, slot: Slot) -> Option<NodeId> {
        self.nodes.get(slot.0).copied().flatten()
    }
}
