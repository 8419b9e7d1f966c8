//! A simulated disk: appends become durable in order, after a while, each whole or not at all.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use covey_logic::{
    Incarnation, Name, NodeId, Ticket, Wall,
    event::EventRecord,
    event_store::{EventStore, Expiry, Extent},
    hlc::Stamp,
    merged::LocalVariable,
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
    /// Since when its node writes counters and variables that merge.
    pub writes_since: Option<(Wall, u32)>,
    /// Every variable of its node alone.
    pub locals: BTreeMap<Name, LocalVariable>,
    /// For each origin, which events.
    pub event_extents: BTreeMap<NodeId, Extent>,
    event_bytes: u64,
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

    /// Events that are dropped at once.
    const CHUNK: usize = 200;

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
        let held = self.event_extents.get(&origin).is_some_and(|held| held.first <= from);
        let wanted =
            |event: &&Arc<EventRecord>| held && event.origin == origin && event.seq >= from;
        self.events.iter().filter(wanted).take(limit).cloned().collect()
    }

    /// Bytes that events take, as the simulator counts them.
    #[must_use]
    pub fn event_bytes(&self) -> u64 {
        self.event_bytes
    }

    /// Drops what may go, or a part of it: for each origin the first that is left, and whether there
    /// may be more to drop.
    pub(crate) fn expire(&mut self, expiry: Expiry) -> (Vec<(NodeId, u64)>, bool) {
        let mut firsts = BTreeMap::new();
        for _ in 0..Self::CHUNK {
            let may_go = |event: &&Arc<EventRecord>| {
                let first = self.event_extents.get(&event.origin).map(|held| held.first);
                let (me, own) = expiry.own;
                first == Some(event.seq) && (event.origin != me || event.seq <= own)
            };
            let full = self.event_bytes > expiry.bytes;
            let goes = |event: &&Arc<EventRecord>| full || event.stamp.wall < expiry.before;
            let oldest = self.events.iter().filter(may_go).filter(goes);
            let Some(oldest) = oldest.min_by_key(|event| event.stamp) else {
                return (firsts.into_iter().collect(), false);
            };
            let (origin, seq, size) = (oldest.origin, oldest.seq, size(oldest));
            self.events.retain(|event| event.origin != origin || event.seq != seq);
            self.event_bytes = self.event_bytes.saturating_sub(size);
            self.event_extents.entry(origin).or_default().first = seq + 1;
            firsts.insert(origin, seq + 1);
        }
        (firsts.into_iter().collect(), true)
    }

    fn write(&mut self, record: Record) {
        match record {
            Record::Shared { key, stamp, value } => {
                self.shared.insert(key, (stamp, value));
            }
            Record::ClearShared => {
                self.shared.clear();
                self.writes_since = None;
            }
            Record::WritesSince(since) => self.writes_since = Some(since),
            Record::Local(name, Some(variable)) => drop(self.locals.insert(name, variable)),
            Record::Local(name, None) => drop(self.locals.remove(&name)),
            Record::Snapshot(name, Some(snapshot)) => drop(self.snapshots.insert(name, snapshot)),
            Record::Snapshot(name, None) => drop(self.snapshots.remove(&name)),
            Record::Profile(profile) => self.profile = Some(profile),
            Record::Event(event) => {
                let held = self.event_extents.entry(event.origin).or_default();
                assert_eq!(
                    event.seq,
                    held.next(),
                    "disk: events of {:?} are written in order, without gaps",
                    event.origin
                );
                held.last = event.seq;
                self.event_bytes += size(&event);
                self.events.push(event);
            }
            Record::EventsFrom { origin, first } => {
                self.event_extents.insert(origin, Extent { first, last: first - 1 });
                self.events.retain(|event| event.origin != origin || event.seq >= first);
                self.event_bytes = self.events.iter().map(size).sum();
            }
        }
    }
}

/// Bytes of an event on this disk.
fn size(event: &Arc<EventRecord>) -> u64 {
    event.weight() as u64
}
