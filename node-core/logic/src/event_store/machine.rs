//! The transitions of the event store.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use crate::{
    event::{EventRecord, Fact},
    ids::{NodeId, Ticket},
    limits::REPAIR_INTERVAL,
    node::{Effect, Record},
    outbox::Outbox,
    replica::{Digest, Repair},
    time::{Instant, Now},
    wire::{Message, Publication},
};

/// How many events of each node are held, and the newest of them.
#[derive(Debug)]
pub struct EventStore {
    me: NodeId,
    counts: BTreeMap<NodeId, u64>,
    recent: VecDeque<Arc<EventRecord>>,
    /// Events of this step, and of steps whose records are not on disk yet: a number that was heard
    /// of must not be given again after a crash (E2).
    fresh: Vec<Arc<EventRecord>>,
    unsynced: BTreeMap<Ticket, Vec<Arc<EventRecord>>>,
    unpushed: Vec<Arc<EventRecord>>,
    push_at: Option<Instant>,
    /// Who waits for events that are read from disk.
    loading: BTreeMap<Ticket, NodeId>,
    /// When the events of each node that lack were last asked for.
    asked: BTreeMap<NodeId, Instant>,
}

impl EventStore {
    /// Events kept in memory, of all nodes together.
    pub const RECENT_CAPACITY: usize = 2_000;
    /// How long events are collected before they are pushed: nobody acts on those of another node,
    /// and a person does not see so short a time.
    const PUSH_DELAY: Duration = Duration::from_millis(20);
    /// Events sent in one message, some 200 bytes each.
    const PIECE: u32 = 200;
    /// Disk reads under way for others: more wait for the next digest.
    const MAX_LOADING: usize = 64;

    /// What the disk kept.
    #[must_use]
    pub fn new(me: NodeId, counts: BTreeMap<NodeId, u64>, events: Vec<Arc<EventRecord>>) -> Self {
        Self {
            me,
            counts,
            recent: events.into(),
            fresh: Vec::new(),
            unsynced: BTreeMap::new(),
            unpushed: Vec::new(),
            push_at: None,
            loading: BTreeMap::new(),
            asked: BTreeMap::new(),
        }
    }

    /// How many events of each node are held.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<NodeId, u64> {
        &self.counts
    }

    /// The newest events in the order in which they came to be known here, oldest first.
    pub fn recent(&self) -> impl DoubleEndedIterator<Item = &Arc<EventRecord>> {
        self.recent.iter()
    }

    /// Appends an event of this node.
    pub fn append(&mut self, now: Now, actor: Option<NodeId>, fact: Fact, out: &mut Outbox) {
        let count = self.counts.entry(self.me).or_default();
        *count += 1;
        let event = Arc::new(EventRecord {
            origin: self.me,
            seq: *count,
            stamp: out.stamp(now),
            actor,
            fact,
        });
        self.fresh.push(Arc::clone(&event));
        self.keep(event, out);
    }

    /// The records of the step are being written under `ticket`.
    pub fn on_append(&mut self, ticket: Ticket) {
        if !self.fresh.is_empty() {
            self.unsynced.insert(ticket, std::mem::take(&mut self.fresh));
        }
    }

    /// Records are on disk: their events may be told.
    pub fn on_appended(&mut self, now: Now, ticket: Ticket) {
        if let Some(events) = self.unsynced.remove(&ticket) {
            self.unpushed.extend(events);
            self.push_at.get_or_insert(now.at + Self::PUSH_DELAY);
        }
    }

    /// Takes events of another node over; asks `from` for those missing before them.
    pub fn on_events(
        &mut self,
        now: Now,
        from: NodeId,
        events: Vec<Arc<EventRecord>>,
        out: &mut Outbox,
    ) {
        let full = u32::try_from(events.len()).is_ok_and(|count| count >= Self::PIECE);
        let last = events.last().map(|event| (event.origin, event.seq));
        // A full answer is followed by the next; what is pushed comes by itself.
        let next = last.filter(|(origin, _)| full && self.asked.contains_key(origin));
        for event in events {
            let next = self.counts.get(&event.origin).copied().unwrap_or(0) + 1;
            if event.origin == self.me || event.seq < next {
                continue;
            }
            if event.seq > next {
                self.want(now, from, (event.origin, next), out);
                return;
            }
            self.asked.remove(&event.origin);
            out.follow(now, event.stamp);
            self.counts.insert(event.origin, event.seq);
            self.keep(event, out);
        }
        if let Some((origin, seq)) =
            next.filter(|(origin, seq)| self.counts.get(origin) == Some(seq))
        {
            self.want(now, from, (origin, seq + 1), out);
        }
    }

    /// Someone lacks events of `origin`.
    pub fn on_want(&mut self, from: NodeId, origin: NodeId, first: u64, out: &mut Outbox) {
        if self.counts.get(&origin).is_none_or(|count| *count < first)
            || self.loading.len() >= Self::MAX_LOADING
        {
            return;
        }
        let ticket = out.ticket();
        self.loading.insert(ticket, from);
        out.effect(Effect::LoadEvents { ticket, origin, from: first, limit: Self::PIECE });
    }

    /// The disk gave events that someone lacks.
    pub fn on_loaded(&mut self, ticket: Ticket, events: Vec<Arc<EventRecord>>, out: &mut Outbox) {
        if let Some(to) = self.loading.remove(&ticket)
            && !events.is_empty()
        {
            out.effect(Effect::Send { to, message: Message::Repair(Repair::Events(events)) });
        }
    }

    /// Asks for what `theirs` holds and this node does not.
    pub fn on_digest(&mut self, now: Now, from: NodeId, theirs: &Digest, out: &mut Outbox) {
        for (origin, count) in &theirs.events {
            let held = self.counts.get(origin).copied().unwrap_or(0);
            if held < *count && *origin != self.me {
                self.want(now, from, (*origin, held + 1), out);
            }
        }
    }

    /// Asks for events, unless they were asked for a moment ago: they are read from a disk, and
    /// others may tell of them meanwhile.
    fn want(&mut self, now: Now, from: NodeId, (origin, first): (NodeId, u64), out: &mut Outbox) {
        let recently = |at: &Instant| now.at.since(*at) < REPAIR_INTERVAL / 4;
        if self.asked.get(&origin).is_some_and(recently) {
            return;
        }
        self.asked.insert(origin, now.at);
        let want = Repair::WantEvents { origin, from: first };
        out.effect(Effect::Send { to: from, message: Message::Repair(want) });
    }

    /// Pushes what is due.
    pub fn on_timeout(&mut self, now: Now, out: &mut Outbox) {
        if self.push_at.is_some_and(|at| at <= now.at) {
            self.push_at = None;
            let events = std::mem::take(&mut self.unpushed);
            for piece in events.chunks(usize::try_from(Self::PIECE).unwrap_or(1)) {
                out.effect(Effect::Publish(Publication::Events(piece.to_vec())));
            }
        }
    }

    /// When [`Self::on_timeout`] is due.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.push_at
    }

    fn keep(&mut self, event: Arc<EventRecord>, out: &mut Outbox) {
        out.record(Record::Event(Arc::clone(&event)));
        if self.recent.len() >= Self::RECENT_CAPACITY {
            self.recent.pop_front();
        }
        self.recent.push_back(event);
    }
}
