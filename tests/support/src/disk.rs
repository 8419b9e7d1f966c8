//! A simulated disk: appends become durable in order, after a while, each whole or not at all.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use covey_logic::{
    Incarnation, Name, NodeId, Ticket,
    event::EventRecord,
    event_store::EventStore,
    hlc::Stamp,
    moving::Snapshot,
    node::{Profile, Record},
    replica::{Shared, SharedKey},
};

/// What one machine keeps across crashes.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// The last incarnation written; durable before the node uses it.
    pub incarnation: Incarnation,
    /// The profile.
    pub profile: Option<Profile>,
    /// Every shared value.
    pub shared: BTreeMap<SharedKey, (Stamp, Shared)>,
    /// Every event, in the order it was written.
    pub events: Vec<Arc<EventRecord>>,
    /// Every copy of an agent's state.
    pub snapshots: BTreeMap<Name, Snapshot>,
    /// For each origin, how many events.
    pub event_counts: BTreeMap<NodeId, u64>,
    /// Whether it refuses every write.
    pub full: bool,
    /// How long a write takes at most, in microseconds.
    pub sync_micros: u64,
    /// Whether it refused a write of this process, and so refuses all that follow: events have no
    /// gaps.
    broken: bool,
    pending: VecDeque<(Ticket, Vec<Record>)>,
    busy_until: u64,
}

impl Disk {
    /// An SSD's `fsync` with a queue before it.
    pub const CALM_SYNC_MICROS: u64 = 4_000;

    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self { sync_micros: Self::CALM_SYNC_MICROS, ..Self::default() }
    }

    /// Takes a write that will be durable at the moment returned, or later if the disk is slow.
    pub(crate) fn append(
        &mut self,
        (now, delay): (u64, u64),
        ticket: Ticket,
        records: Vec<Record>,
    ) -> u64 {
        self.pending.push_back((ticket, records));
        self.busy_until = self.busy_until.max(now + delay);
        self.busy_until
    }

    /// Makes the oldest write durable, or refuses it, and gives its ticket.
    ///
    /// # Errors
    ///
    /// A full disk refuses the write of that ticket.
    ///
    /// # Panics
    ///
    /// If the events of an origin are not written in order and without gaps.
    pub(crate) fn sync(&mut self) -> Option<Result<Ticket, Ticket>> {
        let (ticket, records) = self.pending.pop_front()?;
        self.broken |= self.full;
        if self.broken {
            return Some(Err(ticket));
        }
        records.into_iter().for_each(|record| self.write(record));
        Some(Ok(ticket))
    }

    /// The process died: of the writes in flight the first `kept` reached the disk all the same.
    pub(crate) fn crash(&mut self, kept: usize) {
        for _ in 0..kept {
            self.sync();
        }
        self.pending.clear();
        self.broken = false;
        self.busy_until = 0;
    }

    /// Writes in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.pending.len()
    }

    /// The newest events, oldest first, as many as a node takes when it starts.
    pub(crate) fn recent(&self) -> Vec<Arc<EventRecord>> {
        let skip = self.events.len().saturating_sub(EventStore::RECENT_CAPACITY);
        self.events.iter().skip(skip).cloned().collect()
    }

    /// Events of `origin` from `from` on.
    pub(crate) fn load(&self, origin: NodeId, from: u64, limit: u32) -> Vec<Arc<EventRecord>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let wanted = |event: &&Arc<EventRecord>| event.origin == origin && event.seq >= from;
        self.events.iter().filter(wanted).take(limit).cloned().collect()
    }

    fn write(&mut self, record: Record) {
        match record {
            Record::Shared { key, stamp, value } => {
                self.shared.insert(key, (stamp, value));
            }
            Record::ClearShared => self.shared.clear(),
            Record::Snapshot(name, Some(snapshot)) => drop(self.snapshots.insert(name, snapshot)),
            Record::Snapshot(name, None) => drop(self.snapshots.remove(&name)),
            Record::Profile(profile) => self.profile = Some(profile),
            Record::Event(event) => {
                let count = self.event_counts.entry(event.origin).or_default();
                assert_eq!(
                    event.seq,
                    *count + 1,
                    "disk: events of {:?} are written in order, without gaps",
                    event.origin
                );
                *count = event.seq;
                self.events.push(event);
            }
        }
    }
}
