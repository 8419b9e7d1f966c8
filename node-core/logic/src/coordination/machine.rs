//! The value, and how entries change it.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    coordination::{Act, Counter, Done, Lock, Outcome, Refused, Variable, Written},
    ids::{Name, NodeId},
};

/// What the group agrees on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coordination {
    locks: BTreeMap<Name, Lock>,
    counters: BTreeMap<Name, Counter>,
    variables: BTreeMap<Name, Variable>,
}

/// A lease that runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lease {
    /// Of which lock.
    pub lock: Name,
    /// Of which holding.
    pub token: u64,
    /// The entry since which it runs.
    pub renewed: u64,
}

impl Coordination {
    /// Locks, counters and variables, of each kind.
    pub const CAPACITY: usize = 100_000;

    /// Carries out an act of the entry at `index`, which is greater than that of every entry before.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn apply(&mut self, index: u64, actor: NodeId, act: Act) -> Outcome {
        match act {
            Act::Acquire { lock, holder, lease, wait } => {
                let (least, most) = Lock::LEASE;
                if !(least..=most).contains(&lease) {
                    let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
                    return Err(Refused::Lease { least_ms: ms(least), most_ms: ms(most) });
                }
                if let Some(held) = self.locks.get_mut(&lock) {
                    return held.acquire((index, &lock), (holder, lease), wait);
                }
                room(&self.locks)?;
                self.locks.insert(lock, Lock::new(index, holder, lease));
                Ok(Done::Held { token: index })
            }
            Act::Renew { lock, token } => {
                let held = self.held(&lock, token)?;
                held.hold.renewed = index;
                Ok(Done::Held { token })
            }
            Act::Release { lock, token } => {
                self.held(&lock, token)?;
                self.pass(index, &lock);
                Ok(Done::Free)
            }
            Act::StepBack { lock, holder } => {
                if let Some(held) = self.locks.get_mut(&lock) {
                    held.line.retain(|waiter| waiter.holder != holder);
                }
                Ok(Done::Free)
            }
            Act::Expire { lock, token, renewed } => {
                // A renewal that came before this in the log was in time.
                if self.held(&lock, token)?.hold.renewed == renewed {
                    self.pass(index, &lock);
                }
                Ok(Done::Free)
            }
            Act::Add { counter, by } => self.add(index, counter, by),
            Act::Write { variable, value, expected } => {
                self.write(variable, Written { value, version: index, by: actor }, expected)
            }
            Act::Erase { variable, expected } => {
                self.expect(&variable, expected)?;
                self.variables.remove(&variable);
                Ok(Done::Erased)
            }
        }
    }

    /// The locks that are held.
    pub fn locks(&self) -> impl Iterator<Item = (&Name, &Lock)> {
        self.locks.iter()
    }

    /// One lock, if it is held.
    #[must_use]
    pub fn lock(&self, lock: &Name) -> Option<&Lock> {
        self.locks.get(lock)
    }

    /// The counters.
    pub fn counters(&self) -> impl Iterator<Item = (&Name, &Counter)> {
        self.counters.iter()
    }

    /// One counter, at nought if nobody changed it.
    #[must_use]
    pub fn counter(&self, counter: &Name) -> Counter {
        self.counters.get(counter).copied().unwrap_or_default()
    }

    /// The variables.
    pub fn variables(&self) -> impl Iterator<Item = (&Name, &Variable)> {
        self.variables.iter()
    }

    /// One variable.
    #[must_use]
    pub fn variable(&self, variable: &Name) -> Option<&Variable> {
        self.variables.get(variable)
    }

    /// Every lease that runs, and how long it lasts.
    pub fn leases(&self) -> impl Iterator<Item = (Lease, Duration)> {
        self.locks.iter().map(|(lock, Lock { hold, .. })| {
            (Lease { lock: lock.clone(), token: hold.token, renewed: hold.renewed }, hold.lease)
        })
    }

    fn held(&mut self, lock: &Name, token: u64) -> Result<&mut Lock, Refused> {
        let held = self.locks.get_mut(lock).filter(|held| held.hold.token == token);
        held.ok_or_else(|| Refused::Fenced { lock: lock.clone(), token })
    }

    fn pass(&mut self, index: u64, lock: &Name) {
        if self.locks.get_mut(lock).is_some_and(|held| !held.pass(index)) {
            self.locks.remove(lock);
        }
    }

    fn add(&mut self, index: u64, counter: Name, by: i64) -> Outcome {
        let Some(value) = self.counter(&counter).value.checked_add(by) else {
            return Err(Refused::Overflow { counter });
        };
        if !self.counters.contains_key(&counter) {
            room(&self.counters)?;
        }
        self.counters.insert(counter, Counter { value, version: index });
        Ok(Done::Counted { value })
    }

    fn write(&mut self, variable: Name, written: Written, expected: Option<u64>) -> Outcome {
        let index = written.version;
        let (bytes, capacity) = (written.value.len(), Variable::MAX_LEN);
        if bytes > capacity {
            return Err(Refused::TooLarge { bytes, capacity });
        }
        self.expect(&variable, expected)?;
        if let Some(there) = self.variables.get_mut(&variable) {
            there.write(written);
            return Ok(Done::Wrote { version: index });
        }
        room(&self.variables)?;
        self.variables.insert(variable, Variable::new(written));
        Ok(Done::Wrote { version: index })
    }

    fn expect(&self, variable: &Name, expected: Option<u64>) -> Result<(), Refused> {
        let version = self.variables.get(variable).map_or(0, |there| there.last.version);
        if expected.is_none_or(|expected| expected == version) {
            Ok(())
        } else {
            Err(Refused::Conflict { variable: variable.clone(), version })
        }
    }
}

fn room<T>(kind: &BTreeMap<Name, T>) -> Result<(), Refused> {
    let capacity = Coordination::CAPACITY;
    if kind.len() < capacity { Ok(()) } else { Err(Refused::Full { capacity }) }
}
