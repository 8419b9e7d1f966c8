//! The value, and how entries change it.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{
    agreed::{Chronicle, Entry, Granted, Key, Outcome, Wish},
    balancer::Tasks,
    coordination::{Before, Coordination, Place},
    economics::{Economics, Wished},
    guard::Quotas,
    holding::Holdings,
    sessions::{self, Sessions},
    settings::{Mark, Settings},
};

/// What the group agrees on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// How many entries were taken in.
    revision: u64,
    /// How far the clock of the group is, in nanoseconds.
    clock: u64,
    chronicle: Chronicle,
    coordination: Coordination,
    settings: Settings,
    quotas: Quotas,
    holdings: Holdings,
    answered: BTreeMap<Key, Outcome>,
    /// The keys that were answered, oldest first.
    order: VecDeque<Key>,
    pub(super) economics: Economics,
    sessions: Sessions,
    pub(super) tasks: Tasks,
}

impl Agreed {
    /// Answers that are remembered by their keys: at a thousand a second, those of the last ten
    /// seconds, which is longer than anybody waits for one.
    pub const ANSWERS: usize = 10_000;

    /// Takes in the next entry.
    ///
    /// # Errors
    ///
    /// See [`Denied`](super::Denied).
    pub fn apply(&mut self, entry: Entry) -> Outcome {
        self.revision += 1;
        self.clock = self.clock.max(entry.clock);
        self.chronicle.advance(self.clock, entry.at);
        let Some(key) = entry.key.clone() else { return self.carry_out(entry) };
        if let Some(answer) = self.answered.get(&key) {
            return answer.clone();
        }
        let answer = self.carry_out(entry);
        if self.order.len() == Self::ANSWERS
            && let Some(oldest) = self.order.pop_front()
        {
            self.answered.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.answered.insert(key, answer.clone());
        answer
    }

    /// How many entries were taken in: what the last of them changed is of this version.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How far the clock of the group is, in nanoseconds.
    #[must_use]
    pub fn clock(&self) -> u64 {
        self.clock
    }

    /// The changes of primitives, as they are told.
    #[must_use]
    pub fn chronicle(&self) -> &Chronicle {
        &self.chronicle
    }

    /// Begins another group: its changes are told under an origin of their own.
    pub fn begin_lineage(&mut self) {
        self.chronicle.begin_anew();
    }

    /// The primitives.
    #[must_use]
    pub fn coordination(&self) -> &Coordination {
        &self.coordination
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What is left of rates of the whole cluster.
    #[must_use]
    pub fn quotas(&self) -> &Quotas {
        &self.quotas
    }

    /// The names that one node holds at a time.
    #[must_use]
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// Accounts and auctions.
    #[must_use]
    pub fn economics(&self) -> &Economics {
        &self.economics
    }

    /// The sessions.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The tasks.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    fn carry_out(&mut self, entry: Entry) -> Outcome {
        match entry.wish {
            Wish::Coordination(act) => {
                let before = Before::of(&self.coordination, &act);
                let names = act.place().and_then(Place::named_node);
                let done = self.coordination.apply(self.revision, entry.actor, act)?;
                if let Some(node) = names {
                    self.holdings.end_leases(self.revision, node, &self.coordination);
                }
                let changes = before.changes(self.revision, &self.coordination);
                self.chronicle.note((entry.actor, entry.at), changes);
                Ok(Granted::Coordination(done))
            }
            Wish::Settings(act) => {
                let mark = Mark { version: self.revision, by: entry.actor, at: entry.at };
                Ok(Granted::Settings(self.settings.apply(mark, act)?))
            }
            Wish::Portion(portion) => Ok(Granted::Drawn(self.quotas.draw(&portion)?)),
            Wish::Names(act) => {
                let asked = (entry.actor, act);
                let done = self.holdings.apply(self.revision, asked, &self.coordination)?;
                Ok(Granted::Names(done))
            }
            Wish::Economics(act) => {
                let (number, clock) = (self.revision, self.clock);
                let wished = Wished { number, by: entry.actor, at: entry.at, clock };
                let mut facts = Vec::new();
                let done = self.economics.apply(&wished, act, &mut facts)?;
                self.chronicle.note((entry.actor, entry.at), facts);
                Ok(Granted::Economics(done))
            }
            Wish::ResetRate(wish) => Ok(Granted::RateReset(self.quotas.reset(wish)?)),
            Wish::Sessions(act) => {
                let (actor, at) = (entry.actor, entry.at);
                let mark = sessions::Mark { revision: self.revision, actor, at, clock: self.clock };
                let mut facts = Vec::new();
                let done = self.sessions.apply(mark, act, &mut facts)?;
                self.chronicle.note((actor, at), facts);
                Ok(Granted::Sessions(done))
            }
            Wish::Tasks(act) => {
                let (number, clock) = (self.revision, self.clock);
                self.on_tasks(&Wished { number, by: entry.actor, at: entry.at, clock }, act)
            }
        }
    }
}
