//! The value, and how acts change it.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    coordination::{
        Act, Barrier, Counter, Done, Holder, Lease, Outcome, Place, Refused, Seats, Variable,
        Written, barrier::Barriers, places::Places, variables::Variables,
    },
    ids::{Name, NodeId},
};

/// The primitives, as they follow from the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coordination {
    places: Places,
    barriers: Barriers,
    counters: BTreeMap<Name, Counter>,
    variables: Variables,
}

impl Coordination {
    /// Places, barriers, counters, variables and questions, of each kind.
    pub const CAPACITY: usize = 100_000;
    /// Bytes of all variables and answers together: every member holds them, and a snapshot carries
    /// them whole.
    pub const MAX_BYTES: usize = 64 * 1024 * 1024;

    /// Carries out an act of the entry at `index`, which is greater than that of every entry before.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn apply(&mut self, index: u64, actor: NodeId, act: Act) -> Outcome {
        let written = |value| Written { value, version: index, by: actor };
        match act {
            Act::Acquire { place, holder, permits, lease, wait } => {
                self.places.acquire((index, place), (holder, lease), permits, wait)
            }
            Act::Renew { place, token } => self.places.renew(index, &place, token),
            Act::Release { place, token } | Act::Revoke { place, token } => {
                self.places.release(index, &place, token)
            }
            Act::StepBack { place, holder } => {
                self.places.step_back(&place, &holder);
                Ok(Done::Free)
            }
            Act::Expire { place, token, renewed } => {
                self.places.expire(index, (&place, token), renewed)
            }
            Act::Depart { node, before } => {
                self.places.depart(node, before);
                self.barriers.depart(node, before);
                Ok(Done::Free)
            }
            Act::Arrive { barrier, party, parties } => {
                self.barriers.arrive((index, barrier), party, parties)
            }
            Act::Leave { barrier, generation, party, cause } => {
                self.barriers.leave((&barrier, generation), party, cause);
                Ok(Done::Free)
            }
            Act::Break { barrier, generation, by } => {
                self.barriers.interrupt((&barrier, generation), by)
            }
            Act::Add { counter, by } => self.add(index, counter, by),
            Act::Discard { counter } => {
                self.counters.remove(&counter);
                Ok(Done::Erased)
            }
            Act::Register { variable, value, terms } => {
                self.variables.register(variable, written(value), terms)
            }
            Act::Write { variable, value, expected } => {
                self.variables.write(variable, written(value), expected)
            }
            Act::Erase { variable, expected } => self.variables.erase(&variable, actor, expected),
            Act::Decide { question, value } => self.variables.decide(question, written(value)),
            Act::Reopen { question } => Ok(self.variables.reopen(&question)),
            Act::Fenced { place, token, act } => {
                self.places.held(&place, token)?;
                if matches!(*act, Act::Fenced { .. }) {
                    return Err(Refused::FencedTwice);
                }
                self.apply(index, actor, *act)
            }
        }
    }

    /// What is held, and by whom.
    pub fn places(&self) -> impl Iterator<Item = (&Place, &Seats)> {
        self.places.iter()
    }

    /// One lock, election or semaphore, if somebody holds it.
    #[must_use]
    pub fn place(&self, place: &Place) -> Option<&Seats> {
        self.places.get(place)
    }

    /// Every lease that runs, and how long it lasts.
    pub fn leases(&self) -> impl Iterator<Item = (Lease, Duration)> {
        self.places.leases()
    }

    /// The barriers at which somebody is or lately was.
    pub fn barriers(&self) -> impl Iterator<Item = (&Name, &Barrier)> {
        self.barriers.iter()
    }

    /// One barrier.
    #[must_use]
    pub fn barrier(&self, barrier: &Name) -> Option<&Barrier> {
        self.barriers.get(barrier)
    }

    /// Who waits for something, and since which entry: in a line, or at a barrier.
    pub fn waiting(&self) -> impl Iterator<Item = (&Holder, u64)> {
        let lines = self.places.iter().flat_map(|(_, seats)| &seats.line);
        let there = self.barriers.iter().flat_map(|(_, barrier)| &barrier.arrived);
        lines
            .map(|waiter| (&waiter.holder, waiter.since))
            .chain(there.map(|(party, since)| (party, *since)))
    }

    /// The counters.
    pub fn counters(&self) -> impl Iterator<Item = (&Name, &Counter)> {
        self.counters.iter()
    }

    /// One counter, if somebody changed it.
    pub(super) fn known_counter(&self, counter: &Name) -> Option<&Counter> {
        self.counters.get(counter)
    }

    /// One counter, at nought if nobody changed it.
    #[must_use]
    pub fn counter(&self, counter: &Name) -> Counter {
        self.counters.get(counter).copied().unwrap_or_default()
    }

    /// The variables.
    pub fn variables(&self) -> impl Iterator<Item = (&Name, &Variable)> {
        self.variables.variables().iter()
    }

    /// One variable.
    #[must_use]
    pub fn variable(&self, variable: &Name) -> Option<&Variable> {
        self.variables.variables().get(variable)
    }

    /// The questions that are settled, and to what.
    pub fn decisions(&self) -> impl Iterator<Item = (&Name, &Written)> {
        self.variables.decisions().iter()
    }

    /// What a question was settled to.
    #[must_use]
    pub fn decision(&self, question: &Name) -> Option<&Written> {
        self.variables.decisions().get(question)
    }

    fn add(&mut self, index: u64, counter: Name, by: i64) -> Outcome {
        let Some(value) = self.counter(&counter).value.checked_add(by) else {
            return Err(Refused::Overflow { counter });
        };
        if !self.counters.contains_key(&counter) {
            room(self.counters.len())?;
        }
        self.counters.insert(counter, Counter { value, version: index });
        Ok(Done::Counted { value })
    }
}

/// Whether there is room for another of a kind of which there are so many.
pub(super) fn room(there: usize) -> Result<(), Refused> {
    let capacity = Coordination::CAPACITY;
    if there < capacity { Ok(()) } else { Err(Refused::Full { capacity }) }
}
