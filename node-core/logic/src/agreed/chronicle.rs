//! The changes of primitives, told once for the whole cluster.
//!
//! Every node that takes the log in comes to the same changes under the same numbers, and writes
//! them to its own disk as events of one origin, which stands for the log. So whoever leads, and
//! whoever is lost, a change is told by all and kept once: its number says whether it is there.
//! The last of them travel in snapshots, for a node whose disk did not get them in time.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{
    event::{EventRecord, Fact},
    hlc::Stamp,
    ids::{ClusterId, Name, NodeId},
    time::Wall,
};

/// The last changes, and how many are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chronicle {
    /// The number of the last change that was told.
    last: u64,
    /// When that was, by the clocks of those who wished it, never back.
    wall: Wall,
    kept: VecDeque<Told>,
    minute: Minute,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    wall: Wall,
    counter: u32,
    actor: Option<NodeId>,
    #[serde(with = "crate::wire::tagged")]
    fact: Fact,
}

/// What was told within a minute of the group's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Minute {
    began: u64,
    told: u32,
    /// Of each name, how many were told and how many left out.
    names: BTreeMap<Name, (u32, u64)>,
    /// Left out, of names that are not counted apart.
    others: u64,
}

impl Chronicle {
    /// Changes that are kept for a node that lacks them: at the most that are told, those of the last
    /// minute. With their values they take a megabyte at most.
    pub const KEPT: usize = 1_000;
    /// Changes of one name that are told within a minute: thirty turns of a lock.
    pub const MOST_OF_ONE: u32 = 60;
    /// Changes of all names that are told within a minute: every node keeps each for a month.
    pub const MOST: u32 = 1_000;
    /// A minute, by the group's clock.
    const MINUTE: u64 = 60_000_000_000;

    /// Whose events the changes are in a group: no node's.
    #[must_use]
    pub fn origin(cluster: ClusterId, lineage: u64) -> NodeId {
        let mut hasher = blake3::Hasher::new_derive_key("covey 1 origin of what a group agrees on");
        hasher.update(&cluster.0);
        hasher.update(&lineage.to_be_bytes());
        NodeId(*hasher.finalize().as_bytes())
    }

    /// The changes after the one numbered `known` that are kept, as events of `origin`.
    #[must_use]
    pub fn after(&self, known: u64, origin: NodeId) -> Vec<EventRecord> {
        let before = self.last.saturating_sub(self.kept.len() as u64);
        let skipped = usize::try_from(known.saturating_sub(before)).unwrap_or(usize::MAX);
        let record = |(seq, told): (u64, &Told)| EventRecord {
            origin,
            seq,
            stamp: Stamp { wall: told.wall, counter: told.counter, node: origin },
            actor: told.actor,
            fact: told.fact.clone(),
        };
        (before + 1..).zip(&self.kept).skip(skipped).map(record).collect()
    }

    /// The group's clock is at `clock`: what a minute that is over left out is told.
    pub(super) fn advance(&mut self, clock: u64, at: Wall) {
        if clock < self.minute.began.saturating_add(Self::MINUTE) {
            return;
        }
        let over = std::mem::take(&mut self.minute);
        self.minute.began = clock;
        let named = over.names.into_iter().filter(|(_, (_, omitted))| *omitted > 0);
        for (name, (_, count)) in named {
            self.push(None, at, Fact::ChangesOmitted { name: Some(name), count: Some(count) });
        }
        if over.others > 0 {
            self.push(None, at, Fact::ChangesOmitted { name: None, count: Some(over.others) });
        }
    }

    /// Tells changes, as far as there are not too many.
    pub(super) fn note(&mut self, (actor, at): (NodeId, Wall), facts: Vec<Fact>) {
        for fact in facts {
            let Some(name) = fact.primitive().cloned() else { continue };
            match self.minute.count(name) {
                Verdict::Told => self.push(Some(actor), at, fact),
                Verdict::FirstOmitted(name) => {
                    self.push(None, at, Fact::ChangesOmitted { name, count: None });
                }
                Verdict::Omitted => {}
            }
        }
    }

    /// Nothing is told yet: a group that was recovered by force tells under an origin of its own.
    pub fn begin_anew(&mut self) {
        *self = Self { wall: self.wall, ..Self::default() };
    }

    fn push(&mut self, actor: Option<NodeId>, at: Wall, fact: Fact) {
        let same = at <= self.wall;
        let counter = self.kept.back().map_or(0, |told| told.counter.saturating_add(1));
        let counter = if same { counter } else { 0 };
        self.wall = self.wall.max(at);
        self.last += 1;
        if self.kept.len() == Self::KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Told { wall: self.wall, counter, actor, fact });
    }
}

/// What becomes of a change.
enum Verdict {
    Told,
    /// It is the first that is left out, of one name or of all that are not counted apart.
    FirstOmitted(Option<Name>),
    Omitted,
}

impl Minute {
    fn count(&mut self, name: Name) -> Verdict {
        let full = self.told >= Chronicle::MOST;
        if full && !self.names.contains_key(&name) {
            self.others += 1;
            return if self.others == 1 { Verdict::FirstOmitted(None) } else { Verdict::Omitted };
        }
        let (told, omitted) = self.names.entry(name.clone()).or_default();
        if !full && *told < Chronicle::MOST_OF_ONE {
            *told += 1;
            self.told += 1;
            return Verdict::Told;
        }
        *omitted += 1;
        if *omitted == 1 { Verdict::FirstOmitted(Some(name)) } else { Verdict::Omitted }
    }
}
