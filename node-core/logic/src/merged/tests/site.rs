//! One node with a disk that takes writes when it is told to.

use std::collections::BTreeMap;

use crate::{
    coordination::{Refused, Strategy, Terms},
    hlc::{Clock, Stamp},
    ids::{Incarnation, NodeId, Ticket},
    merged::{
        LocalVariable, Merge, Merged, MergedCommand, MergedOutcome, Reach, Reading, VariableAct,
    },
    node::Record,
    outbox::Outbox,
    replica::{Delta, Replica, Shared, SharedKey},
    time::{Instant, Now, Wall},
};

use super::name;

pub(super) struct Site {
    pub(super) me: NodeId,
    pub(super) wall: u64,
    pub(super) disk: Disk,
    merged: Merged,
    replica: Replica,
    out: Outbox,
    appends: Vec<(Ticket, Vec<Record>)>,
}

#[derive(Clone, Default)]
pub(super) struct Disk {
    pub(super) shared: BTreeMap<SharedKey, (Stamp, Shared)>,
    since: Option<(Wall, u32)>,
    locals: BTreeMap<crate::ids::Name, LocalVariable>,
}

impl Site {
    pub(super) fn new(number: u8) -> Self {
        Self::on(number, Disk::default(), 1_000)
    }

    /// A node as its disk left it.
    pub(super) fn on(number: u8, disk: Disk, wall: u64) -> Self {
        let me = NodeId([number; 32]);
        let heard = disk.shared.values().map(|(stamp, _)| stamp.wall).max().unwrap_or_default();
        let entries =
            disk.shared.iter().map(|(key, (stamp, value))| (key.clone(), *stamp, value.clone()));
        let now = Now { at: Instant(0), wall: Wall(wall) };
        let replica = Replica::new(now, (me, Incarnation(1)), entries.collect());
        let locals = disk.locals.clone().into_iter().collect();
        let mut merged = Merged::new(me, disk.since, locals);
        merged.look_at_all(&replica);
        let out = Outbox::new(Clock::new(me, heard), [number; 32]);
        Self { me, wall, disk, merged, replica, out, appends: Vec::new() }
    }

    /// Loses its power: what was not on disk is gone.
    pub(super) fn lose_power(&mut self) {
        let [number, ..] = self.me.0;
        *self = Self::on(number, self.disk.clone(), self.wall);
    }

    pub(super) fn ask(&mut self, command: MergedCommand) -> Result<MergedOutcome, Refused> {
        let now = self.now();
        let result = self.merged.on_command((now, self.me), command, &self.replica, &mut self.out);
        self.finish();
        result
    }

    pub(super) fn add(&mut self, by: i64) -> Result<i128, Refused> {
        let done = self.ask(MergedCommand::Count { counter: name("hits"), by })?;
        let MergedOutcome::Counted { value } = done else { panic!("{done:?}") };
        Ok(value)
    }

    pub(super) fn act(&mut self, act: VariableAct) -> Result<u64, Refused> {
        let reach = Reach::Global;
        match self.ask(MergedCommand::Variable { variable: name("mode"), reach, act })? {
            MergedOutcome::Wrote { version } => Ok(version),
            MergedOutcome::Erased => Ok(0),
            counted @ MergedOutcome::Counted { .. } => panic!("{counted:?}"),
        }
    }

    pub(super) fn register(&mut self, value: &str, strategy: Strategy) -> u64 {
        let merge = Merge { terms: Terms::default(), strategy };
        self.act(VariableAct::Register { value: value.to_owned(), merge }).unwrap()
    }

    pub(super) fn set(&mut self, value: &str) -> u64 {
        self.act(write(value, None)).unwrap()
    }

    pub(super) fn erase(&mut self) {
        self.act(VariableAct::Erase { expected: None }).unwrap();
    }

    pub(super) fn local(&mut self, act: VariableAct) -> Result<MergedOutcome, Refused> {
        self.ask(MergedCommand::Variable { variable: name("own"), reach: Reach::Local, act })
    }

    pub(super) fn local_value(&self) -> Option<&LocalVariable> {
        self.merged.local(&name("own"))
    }

    /// The oldest write in flight is on disk: others may hear of it.
    pub(super) fn sync_one(&mut self) -> bool {
        if self.appends.is_empty() {
            return false;
        }
        let (ticket, records) = self.appends.remove(0);
        records.iter().for_each(|record| self.disk.write(record));
        let now = self.now();
        for entry in self.merged.on_appended(ticket) {
            self.replica.reveal(now, entry, &mut self.out);
        }
        self.finish();
        true
    }

    pub(super) fn sync(&mut self) {
        while self.sync_one() {}
    }

    /// What others may hear, as the replica tells it.
    pub(super) fn told(&self) -> Vec<(SharedKey, Stamp, Shared)> {
        let entries = self.replica.shared().entries();
        entries.map(|(key, stamp, value)| (key.clone(), stamp, value.clone())).collect()
    }

    pub(super) fn hear(&mut self, entries: Vec<(SharedKey, Stamp, Shared)>) {
        let (now, from) = (self.now(), NodeId([9; 32]));
        let delta = (from, Delta::Shared(entries));
        self.replica.on_delta(now, delta, &|_| true, &mut self.out);
        self.finish();
    }

    /// What `other` may tell is heard here.
    pub(super) fn learn(&mut self, other: &Self) {
        self.hear(other.told());
    }

    pub(super) fn counter(&self) -> i128 {
        self.merged.find_counter(&name("hits"), &self.replica).unwrap_or_default().value
    }

    pub(super) fn reading(&self) -> Option<Reading> {
        self.merged.variable(&name("mode"), &self.replica).map(|(reading, _)| reading)
    }

    pub(super) fn version(&self) -> u64 {
        self.merged.variable(&name("mode"), &self.replica).map_or(0, |(_, version)| version)
    }

    /// What the variable holds.
    pub(super) fn value(&self) -> Option<String> {
        self.reading()?.value
    }

    /// What stands beside each other, sorted.
    pub(super) fn values(&self) -> Vec<String> {
        let writes = self.reading().map_or_else(Vec::new, |reading| reading.writes);
        let mut values: Vec<_> = writes.into_iter().filter_map(|(_, write)| write.value).collect();
        values.sort();
        values
    }

    /// This node as it enters another cluster.
    pub(super) fn start_over(&mut self) {
        self.merged.start_over();
        self.replica.start_over(&mut self.out);
        self.finish();
    }

    /// Writes anew what was kept under stamps that nobody believes.
    pub(super) fn rewrite(&mut self, entries: Vec<(SharedKey, Stamp, Shared)>) -> usize {
        let now = self.now();
        let others = self.merged.rewrite(now, entries, &mut self.out);
        self.finish();
        others.len()
    }

    fn now(&mut self) -> Now {
        self.wall += 1;
        Now { at: Instant(self.wall * 1_000), wall: Wall(self.wall) }
    }

    fn finish(&mut self) {
        let now = Now { at: Instant(self.wall * 1_000), wall: Wall(self.wall) };
        while let Some(happened) = self.out.poll_happened() {
            self.merged.on_happened(now, &happened, &self.replica, &mut self.out);
        }
        let records = self.out.take_records();
        if !records.is_empty() {
            let ticket = self.out.ticket();
            self.merged.on_append(ticket);
            self.appends.push((ticket, records));
        }
    }
}

impl Disk {
    fn write(&mut self, record: &Record) {
        match record.clone() {
            Record::Shared { key, stamp, value } => drop(self.shared.insert(key, (stamp, value))),
            Record::WritesSince(since) => self.since = Some(since),
            Record::Local(name, Some(variable)) => drop(self.locals.insert(name, variable)),
            Record::Local(name, None) => drop(self.locals.remove(&name)),
            Record::ClearShared => {
                self.shared.clear();
                self.since = None;
            }
            Record::Snapshot(..)
            | Record::Profile(_)
            | Record::Event(_)
            | Record::EventsFrom { .. } => panic!("{record:?}"),
        }
    }
}

pub(super) fn write(value: &str, expected: Option<u64>) -> VariableAct {
    VariableAct::Write { value: value.to_owned(), expected }
}
