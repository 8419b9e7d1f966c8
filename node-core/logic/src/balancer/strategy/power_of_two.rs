//! The better of two.
//!
//! Mitzenmacher, *The power of two choices in randomized load balancing* (2001), section 2; what is
//! compared is the latency times what is in flight, as in Finagle's balancer with peak EWMA.

use super::{Chance, Slot, Standing, Strategy};

pub(super) const ABOUT: &str =
    "The better of two by chance: recent latency times what is in flight.";

/// What an unknown latency counts as once its first task is in flight, in microseconds: more than
/// any that is known, so that a newcomer gets one task and is then waited for.
const UNTRIED: u64 = u64::MAX / (1 << 24);

/// The two come from a deck in which everyone is once: so chance overlooks nobody for long. With 50
/// alike and sixty tasks in flight, two free draws gave someone 26 tasks of a thousand where a deck
/// gives 22.
#[derive(Debug, Default)]
pub(super) struct Chooser {
    /// Those who may be chosen, in no order.
    here: Vec<Slot>,
    /// Where a slot is in `here`, and how it ranks.
    known: Vec<Option<(usize, Rank)>>,
    deck: Vec<Slot>,
}

/// The cost of one more task, then how many it had, then when it had the last one.
type Rank = (u64, u64, u64);

impl Strategy for Chooser {
    fn offer(&mut self, slot: Slot, standing: Standing<'_>) {
        let Standing { worker, assigned, turn, .. } = standing;
        let waiting = u64::from(worker.in_flight);
        let cost = match worker.latency_us {
            Some(latency) => latency.saturating_mul(waiting + 1),
            None if waiting == 0 => 0,
            None => UNTRIED.saturating_add(waiting),
        };
        let rank = (cost, assigned, turn);
        if self.known.len() <= slot.0 {
            self.known.resize(slot.0 + 1, None);
        }
        match self.known.get_mut(slot.0) {
            Some(Some((_, known))) => *known = rank,
            Some(none) => {
                *none = Some((self.here.len(), rank));
                self.here.push(slot);
            }
            None => {}
        }
    }

    fn withdraw(&mut self, slot: Slot) {
        let Some((place, _)) = self.known.get_mut(slot.0).and_then(Option::take) else { return };
        self.here.swap_remove(place);
        if let Some(moved) = self.here.get(place).copied()
            && let Some(Some((at, _))) = self.known.get_mut(moved.0)
        {
            *at = place;
        }
    }

    fn choose(&mut self, chance: &mut Chance) -> Option<Slot> {
        let one = self.deal(chance)?;
        let other = self.another(one, chance).unwrap_or(one);
        let rank = |slot: Slot| self.known.get(slot.0).copied().flatten().map(|(_, rank)| rank);
        Some(if rank(other) < rank(one) { other } else { one })
    }
}

impl Chooser {
    /// The next of the deck beside `one`, if there is another.
    fn another(&mut self, one: Slot, chance: &mut Chance) -> Option<Slot> {
        if self.here.len() < 2 {
            return None;
        }
        // The first of a new deck may be the last of the one before.
        let first = self.deal(chance)?;
        if first == one { self.deal(chance) } else { Some(first) }
    }

    /// The next of the deck that may be chosen.
    fn deal(&mut self, chance: &mut Chance) -> Option<Slot> {
        if self.here.is_empty() {
            return None;
        }
        loop {
            while let Some(slot) = self.deck.pop() {
                if self.known.get(slot.0).is_some_and(Option::is_some) {
                    return Some(slot);
                }
            }
            self.deck.clone_from(&self.here);
            // Fisher and Yates, as in Knuth, volume 2, section 3.4.2, algorithm P.
            for last in (1..self.deck.len()).rev() {
                self.deck.swap(last, chance.below(last + 1));
            }
        }
    }
}
