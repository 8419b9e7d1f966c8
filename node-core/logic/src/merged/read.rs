//! What counters and variables come to, as this node knows them.

use std::{collections::BTreeMap, ops::RangeInclusive};

use crate::{
    ids::Name,
    merged::{
        Count, LocalVariable, Merged, Reading, Said, Tally, Writer,
        variable::{Words, said_of},
    },
    replica::{Replica, Shared, SharedKey},
};

impl Merged {
    /// What a counter is at; none if nobody ever changed it.
    #[must_use]
    pub fn find_counter(&self, counter: &Name, replica: &Replica) -> Option<Count> {
        self.index.has_counter(counter).then(|| self.counter(counter, replica))
    }

    /// Every counter that somebody changed.
    pub fn counters(&self) -> impl Iterator<Item = &Name> {
        self.index.counters()
    }

    /// What a variable holds, and its version here: how many writes of it are known.
    #[must_use]
    pub fn variable(&self, variable: &Name, replica: &Replica) -> Option<(Reading, u64)> {
        if !self.index.has_variable(variable) {
            return None;
        }
        let words = self.words(variable, replica);
        Some((words.read()?, words.version()))
    }

    /// Every variable that was ever written, removed ones among them.
    pub fn variables(&self) -> impl Iterator<Item = &Name> {
        self.index.variables()
    }

    /// A variable of this node alone.
    #[must_use]
    pub fn local(&self, variable: &Name) -> Option<&LocalVariable> {
        self.locals.get(variable)
    }

    /// Every variable of this node alone.
    pub fn locals(&self) -> impl Iterator<Item = (&Name, &LocalVariable)> {
        self.locals.iter()
    }

    pub(super) fn counter(&self, counter: &Name, replica: &Replica) -> Count {
        let key = |writer| SharedKey::Tally(counter.clone(), writer);
        let entries = self.entries(key(Writer::FIRST)..=key(Writer::LAST), replica);
        entries.into_values().filter_map(tally_of).collect()
    }

    pub(super) fn words(&self, variable: &Name, replica: &Replica) -> Words {
        let key = |writer| SharedKey::Variable(variable.clone(), writer);
        let entries = self.entries(key(Writer::FIRST)..=key(Writer::LAST), replica);
        let said =
            |(key, value): (&SharedKey, &Shared)| Some((*key.writer()?, said_of(value)?.clone()));
        Words(entries.into_iter().filter_map(said).collect())
    }

    /// What this node did to a counter.
    pub(super) fn own_tally(&self, counter: &Name, replica: &Replica) -> Tally {
        let Some(since) = self.since else { return Tally::default() };
        let key = SharedKey::Tally(counter.clone(), Writer { node: self.me, since });
        let latest = self.latest.get(&key).map(|(_, value)| value);
        latest.or_else(|| replica.shared().get(&key)).and_then(tally_of).unwrap_or_default()
    }

    /// Bytes that another write of this node gives back.
    pub(super) fn own_bytes(&self, words: &Words) -> usize {
        let own = self.since.map(|since| Writer { node: self.me, since });
        own.and_then(|own| words.0.get(&own)).map_or(0, Said::bytes)
    }

    /// Entries with what this node wrote last, whether it is on disk or not.
    fn entries<'a>(
        &'a self,
        keys: RangeInclusive<SharedKey>,
        replica: &'a Replica,
    ) -> BTreeMap<&'a SharedKey, &'a Shared> {
        let mut entries: BTreeMap<_, _> = replica.shared().range(keys.clone()).collect();
        let latest = self.latest.range(keys);
        entries.extend(latest.map(|(key, (_, value))| (key, value)));
        entries
    }
}

fn tally_of(value: &Shared) -> Option<Tally> {
    if let Shared::Tally(tally) = value { Some(*tally) } else { None }
}
