//! The changes of primitives, told once for the whole cluster.
//!
//! Every node that takes the log in comes to the same changes under the same numbers, and writes
//! them to its own disk as events of one origin, which stands for the log. So whoever leads, and
//! whoever is lost, a change is told by all and kept once: its number says whether it is there.
//! The last of them travel in snapshots, for a node whose disk did not get them in time.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::{
    event::{EventRecord, Fact, Minute, Verdict},
    hlc::Stamp,
    ids::{ClusterId, NodeId},
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

impl Chronicle {
    /// Changes that are kept for a node that lacks them: at the most that are told, those of the last
    /// minute. With their values they take a megabyte at most.
    pub const KEPT: usize = 1_000;

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
        for (name, count) in self.minute.advance(clock) {
            self.push(None, at, Fact::ChangesOmitted { name, count: Some(count) });
        }
    }

    /// Tells changes, as far as there are not too many.
    pub(super) fn note(&mut self, (actor, at): (NodeId, Wall), facts: Vec<Fact>) {
        for fact in facts {
            let Some(name) = fact.subject() else { continue };
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
