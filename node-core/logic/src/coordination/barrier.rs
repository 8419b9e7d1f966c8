//! Barriers: so many parties wait until all of them are there, again and again.
//!
//! Mellor-Crummey and Scott, *Algorithms for scalable synchronization* (1991), section 3, for
//! barriers that serve again; that one who leaves breaks it for all is Java's `CyclicBarrier`.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    coordination::{Done, Holder, Outcome, Refused, machine::room},
    ids::{Name, NodeId},
};

/// A barrier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barrier {
    /// How many it takes to open.
    pub parties: u32,
    /// Which generation gathers: the entry of its first arrival. Nought while nobody is there.
    pub generation: u64,
    /// Who is there, and since which entry.
    pub arrived: BTreeMap<Holder, u64>,
    /// How the last generations ended, the latest last; [`Self::REMEMBERED`] at most.
    pub ended: VecDeque<(u64, Fate)>,
}

/// How a generation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// All were there.
    Opened,
    /// One that was there went away, or an operator ended it.
    Broken {
        /// Who.
        by: Holder,
        /// Why.
        cause: Absence,
    },
}

/// Why one that waited at a barrier waits no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// Its time to wait was over.
    TimedOut,
    /// It gave up.
    Left,
    /// Its node is down, or began anew.
    NodeLost,
    /// It was not there: it broke the barrier for those who were.
    Interrupted,
}

/// Every barrier at which somebody is or lately was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Barriers(BTreeMap<Name, Barrier>);

impl Barriers {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Name, &Barrier)> {
        self.0.iter()
    }

    pub(super) fn get(&self, barrier: &Name) -> Option<&Barrier> {
        self.0.get(barrier)
    }

    pub(super) fn arrive(
        &mut self,
        (index, barrier): (u64, Name),
        party: Holder,
        parties: u32,
    ) -> Outcome {
        let most = Barrier::MAX_PARTIES;
        if !(1..=most).contains(&parties) {
            return Err(Refused::Parties { barrier, parties: most });
        }
        if !self.0.contains_key(&barrier) {
            self.make_room()?;
        }
        let there = self.0.entry(barrier.clone()).or_default();
        there.arrive((index, &barrier), party, parties)
    }

    pub(super) fn leave(
        &mut self,
        (barrier, generation): (&Name, u64),
        by: Holder,
        cause: Absence,
    ) {
        if let Some(barrier) = self.0.get_mut(barrier) {
            barrier.leave(generation, by, cause);
        }
    }

    /// Breaks a generation that gathers, on the word of one who need not be there.
    pub(super) fn interrupt(&mut self, (barrier, generation): (&Name, u64), by: Holder) -> Outcome {
        let gathers = |there: &&mut Barrier| there.generation == generation && generation > 0;
        let Some(there) = self.0.get_mut(barrier).filter(gathers) else {
            return Err(Refused::Over { barrier: barrier.clone(), generation });
        };
        there.end(Fate::Broken { by, cause: Absence::Interrupted });
        Ok(Done::Free)
    }

    pub(super) fn depart(&mut self, node: NodeId, before: u64) {
        self.0.values_mut().for_each(|barrier| barrier.depart(node, before));
    }

    /// With as many as there may be, the one goes at which nobody was for longest.
    fn make_room(&mut self) -> Result<(), Refused> {
        if let Err(full) = room(self.0.len()) {
            let idle = self.0.iter().filter(|(_, barrier)| barrier.arrived.is_empty());
            let last = |barrier: &Barrier| barrier.ended.back().map_or(0, |(ended, _)| *ended);
            let oldest =
                idle.min_by_key(|(_, barrier)| last(barrier)).map(|(name, _)| name.clone());
            self.0.remove(&oldest.ok_or(full)?);
        }
        Ok(())
    }
}

impl Barrier {
    /// The most parties.
    pub const MAX_PARTIES: u32 = 10_000;
    /// Generations whose end is remembered: who waits learns of it within moments.
    pub const REMEMBERED: usize = 16;

    /// A party is there; who is there already is there once.
    fn arrive(&mut self, (index, barrier): (u64, &Name), party: Holder, parties: u32) -> Outcome {
        if self.arrived.is_empty() {
            self.parties = parties;
            self.generation = index;
        } else if self.parties != parties {
            return Err(Refused::Parties { barrier: barrier.clone(), parties: self.parties });
        }
        let generation = self.generation;
        self.arrived.entry(party).or_insert(index);
        let there = u32::try_from(self.arrived.len()).unwrap_or(u32::MAX);
        if there == parties {
            self.end(Fate::Opened);
        }
        Ok(Done::Arrived { generation, missing: parties - there })
    }

    /// A party of a generation goes away: the others are told.
    fn leave(&mut self, generation: u64, by: Holder, cause: Absence) {
        if self.generation == generation && self.arrived.contains_key(&by) {
            self.end(Fate::Broken { by, cause });
        }
    }

    /// All of a node that came no later than the entry `before` went away.
    fn depart(&mut self, node: NodeId, before: u64) {
        let gone = |(party, since): &(&Holder, &u64)| party.node == node && **since <= before;
        if let Some((by, _)) = self.arrived.iter().find(gone) {
            let by = by.clone();
            self.end(Fate::Broken { by, cause: Absence::NodeLost });
        }
    }

    /// How a generation ended; nothing while it gathers, or if it is forgotten.
    #[must_use]
    pub fn fate(&self, generation: u64) -> Option<&Fate> {
        self.ended.iter().rev().find(|(ended, _)| *ended == generation).map(|(_, fate)| fate)
    }

    fn end(&mut self, fate: Fate) {
        if self.ended.len() == Self::REMEMBERED {
            self.ended.pop_front();
        }
        self.ended.push_back((self.generation, fate));
        self.generation = 0;
        self.arrived.clear();
    }
}
