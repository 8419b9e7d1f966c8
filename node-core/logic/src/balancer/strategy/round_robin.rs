//! In turn, by the order of names.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::Bound::{Excluded, Unbounded},
};

use super::{Chance, Slot, Standing, Strategy};
use crate::ids::Name;

pub(super) const ABOUT: &str =
    "Each in turn, by name; who joins or leaves changes nobody else's turn.";

/// Remembers a name and not a place in a list: so nobody is passed over when others come and go,
/// and every balancer goes on where it was.
#[derive(Debug, Default)]
pub(super) struct Chooser {
    turns: BTreeMap<Name, Slot>,
    names: BTreeMap<Slot, Name>,
    last: Option<Name>,
}

impl Strategy for Chooser {
    fn offer(&mut self, slot: Slot, standing: Standing<'_>) {
        if let Entry::Vacant(vacant) = self.names.entry(slot) {
            vacant.insert(standing.name.clone());
            self.turns.insert(standing.name.clone(), slot);
        }
    }

    fn withdraw(&mut self, slot: Slot) {
        if let Some(name) = self.names.remove(&slot) {
            self.turns.remove(&name);
        }
    }

    fn choose(&mut self, _chance: &mut Chance) -> Option<Slot> {
        let after = self.last.as_ref().map_or(Unbounded, Excluded);
        let next = self.turns.range::<Name, _>((after, Unbounded)).next();
        let (name, slot) = next.or_else(|| self.turns.first_key_value())?;
        self.last = Some(name.clone());
        Some(*slot)
    }
}
