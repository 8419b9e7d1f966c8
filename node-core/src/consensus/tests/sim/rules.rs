//! What must hold at every moment, on every machine (Ongaro and Ousterhout, 2014, figure 3).
//!
//! openraft orders leaders by term and number, so that two may lead in one term, the second in
//! place of the first; what the paper asks of terms is asked of these pairs here.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hasher as _},
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard},
};

use futures::FutureExt as _;
use openraft::RaftLogReader as _;

use crate::consensus::{
    log::Log,
    types::{LogEntry, LogId, Vote},
};

/// Something that all machines and the world share; a clone is the same.
#[derive(Debug, Default)]
pub(super) struct Shared<T>(Arc<Mutex<T>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Shared<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(value)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap()
    }
}

/// A term, and the number of who leads in it.
type Leader = (u64, u64);

/// What was seen so far, and the first thing that must not be.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// A hash of all that happened.
    pub(super) trace: DefaultHasher,
    /// Leaders that sent something.
    leaders: BTreeSet<Leader>,
    /// What leaders wrote, by leader and index.
    written: BTreeMap<(Leader, u64), u64>,
    /// What was taken in anywhere, by index, and a leader by which it was committed, or a later one.
    taken_in: BTreeMap<u64, (u64, Leader)>,
    /// What followed from it.
    states: BTreeMap<u64, u64>,
    /// The last vote of each machine.
    votes: BTreeMap<usize, Vote>,
    /// The log of each machine that runs.
    pub(super) logs: BTreeMap<usize, Log>,
    pub(super) broken: Option<String>,
    /// Whether to say what happens.
    told: bool,
}

impl Rules {
    pub(super) fn new(told: bool) -> Self {
        Self { told, ..Self::default() }
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        if self.told {
            println!("           {}", what());
        }
    }

    fn demand(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds && self.broken.is_none() {
            self.broken = Some(what());
        }
    }

    /// Log matching: what a leader wrote at an index is the same wherever it lies.
    pub(super) fn wrote(&mut self, machine: usize, id: LogId, bytes: &[u8]) {
        self.tell(|| format!("n{machine} has {id}"));
        let leader = (id.leader_id.term, id.leader_id.node_id);
        let hash = hash(bytes);
        let first = *self.written.entry((leader, id.index)).or_insert(hash);
        self.demand(first == hash, || format!("log matching: {id} differs on n{machine}"));
    }

    /// What was taken in anywhere is taken back nowhere.
    pub(super) fn truncated<'a>(
        &mut self,
        machine: usize,
        entries: impl Iterator<Item = (&'a u64, &'a Vec<u8>)>,
    ) {
        for (index, bytes) in entries {
            let good = self.taken_in.get(index).is_none_or(|(kept, _)| *kept != hash(bytes));
            self.demand(good, || format!("durability: n{machine} takes {index} back"));
        }
    }

    /// A vote is kept, and never goes back.
    pub(super) fn voted(&mut self, machine: usize, vote: Vote) {
        self.tell(|| format!("n{machine} votes {vote}"));
        let last = self.votes.insert(machine, vote);
        let grows = last.is_none_or(|last| vote >= last);
        self.demand(grows, || format!("n{machine} voted {vote} after {last:?}"));
    }

    /// Leader completeness: who leads has everything that leaders before it committed.
    pub(super) fn leads(&mut self, machine: usize, vote: Vote) {
        let leader = (vote.leader_id.term, vote.leader_id.node_id);
        if !self.leaders.insert(leader) {
            return;
        }
        self.tell(|| format!("n{machine} leads as {vote}"));
        let Some(log) = self.logs.get(&machine).cloned() else { return };
        let has: BTreeMap<u64, u64> = read(&log, 0..=u64::MAX)
            .iter()
            .map(|entry| (entry.log_id.index, hashed(entry)))
            .collect();
        // What is before its first entry is in its snapshot.
        let first = has.first_key_value().map_or(u64::MAX, |(index, _)| *index);
        let lacks = self.taken_in.range(first..).find(|(index, (hash, by))| {
            *by < leader && has.get(index).is_none_or(|has| has != hash)
        });
        let lacks = lacks.map(|(index, _)| *index);
        self.demand(lacks.is_none(), || {
            format!("leader completeness: n{machine} leads as {vote} without {lacks:?}")
        });
    }

    /// State machine safety: all take in the same, and the same follows.
    pub(super) fn took_in(
        &mut self,
        machine: usize,
        indices: RangeInclusive<u64>,
        state: impl FnOnce() -> Vec<u8>,
    ) {
        let Some(log) = self.logs.get(&machine).cloned() else { return };
        self.tell(|| format!("n{machine} took in {indices:?}"));
        let last = *indices.end();
        let entries = read(&log, indices);
        let Some(by) = entries.last().map(|entry| entry.log_id.leader_id) else { return };
        for entry in &entries {
            let (index, hash) = (entry.log_id.index, hashed(entry));
            let (first, _) = *self.taken_in.entry(index).or_insert((hash, (by.term, by.node_id)));
            self.demand(first == hash, || format!("n{machine} took in another entry {index}"));
        }
        let hash = hash(&state());
        let first = *self.states.entry(last).or_insert(hash);
        self.demand(first == hash, || format!("n{machine} holds another state at {last}"));
    }
}

fn read(log: &Log, indices: RangeInclusive<u64>) -> Vec<LogEntry> {
    log.clone().try_get_log_entries(indices).now_or_never().unwrap().unwrap()
}

fn hashed(entry: &LogEntry) -> u64 {
    hash(&postcard::to_allocvec(entry).unwrap())
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}
