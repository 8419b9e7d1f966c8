//! Events on their way between nodes: pushed, told of, asked for and taken over.

use std::{sync::Arc, time::Duration};

use super::{EventStore, Extent, Piece, piece};
use crate::{
    event::EventRecord,
    ids::{NodeId, Ticket},
    limits::{PUSH_SIZE, REPAIR_INTERVAL, REPAIR_SIZE},
    node::Effect,
    outbox::Outbox,
    replica::{Digest, Repair},
    time::{Instant, Now},
    wire::{Message, Publication},
};

impl EventStore {
    /// Events sent in one message, and read from disk for one; those of a batch are not parted, so
    /// it is as many as a batch may have.
    const PIECE: usize = 1_000;
    /// Events pushed at once by gossip, which signs each message and carries it several times: of
    /// more the others are told that they are there.
    const BURST: usize = 500;
    /// Disk reads under way for others: more wait for the next digest.
    const MAX_LOADING: usize = 64;
    /// How long events are looked for elsewhere after one who should have them says that they are
    /// gone: three comparisons with others.
    pub(super) const GAP_PATIENCE: Duration = Duration::from_secs(3);

    /// Takes events of another node over that it or a third one pushed.
    pub fn on_events(
        &mut self,
        now: Now,
        from: NodeId,
        events: Vec<Arc<EventRecord>>,
        out: &mut Outbox,
    ) {
        if let Err(lacking) = self.take(now, events, out) {
            self.want(now, from, lacking, out);
        }
    }

    /// `from` has its own events up to `last` on disk.
    pub fn on_news(&mut self, now: Now, from: NodeId, last: u64, out: &mut Outbox) {
        let next = self.next(from);
        if from != self.me && next <= last {
            self.want(now, from, (from, next), out);
        }
    }

    /// Takes over what was asked for, and asks for more if `from` has more.
    pub fn on_piece(&mut self, now: Now, from: NodeId, piece: Piece, out: &mut Outbox) {
        let Piece { origin, held, events } = piece;
        if !self.takes(origin) {
            return;
        }
        let before = self.next(origin);
        // What lies before a gap is asked for below.
        let _lacking = self.take(now, events, out);
        let next = self.next(origin);
        if next < held.first {
            self.note_gap(now, origin, held, out);
        }
        let next = self.next(origin);
        if next > before && origin == self.me {
            self.found_own(now);
        }
        if next > before && next <= held.last {
            self.asked.remove(&origin);
            self.want(now, from, (origin, next), out);
        }
    }

    /// Applies events that continue what is held; names the first of those that lack.
    fn take(
        &mut self,
        now: Now,
        events: Vec<Arc<EventRecord>>,
        out: &mut Outbox,
    ) -> Result<(), (NodeId, u64)> {
        for event in piece::whole(events) {
            let next = self.next(event.origin);
            if !self.takes(event.origin) || event.seq < next || event.stamp.node != event.origin {
                continue;
            }
            if !event.follows(next) {
                return Err((event.origin, next));
            }
            if event.seq > next {
                self.jump(event.origin, event.seq, out);
            }
            self.asked.remove(&event.origin);
            self.gaps.remove(&event.origin);
            out.follow(now, event.stamp);
            self.extents.entry(event.origin).or_default().last = event.seq;
            self.fresh.push(Arc::clone(&event));
            self.keep(event, out);
        }
        self.take_agreed(now, out);
        Ok(())
    }

    /// The next event of `origin` is gone at one who holds what comes after it. When nobody else had
    /// it for a while, it is given up.
    fn note_gap(&mut self, now: Now, origin: NodeId, held: Extent, out: &mut Outbox) {
        let since = *self.gaps.entry(origin).or_insert(now.at);
        if now.at.since(since) < Self::GAP_PATIENCE {
            return;
        }
        self.gaps.remove(&origin);
        self.skip_to(origin, held.first, out);
    }

    /// The number of the next event of `origin`.
    pub(super) fn next(&self, origin: NodeId) -> u64 {
        self.extents.get(&origin).copied().unwrap_or_default().next()
    }

    /// Someone lacks events of `origin`.
    pub fn on_want(&mut self, from: NodeId, origin: NodeId, first: u64, out: &mut Outbox) {
        let Some(held) = self.extents.get(&origin).copied().filter(|held| held.last >= first)
        else {
            return;
        };
        if first < held.first {
            let piece = Piece { origin, held, events: Vec::new() };
            send(from, piece, out);
        } else if let Some(events) = self.remembered(origin, first) {
            send_some(from, (origin, held), events, out);
        } else if self.loading.len() < Self::MAX_LOADING {
            let ticket = out.ticket();
            self.loading.insert(ticket, (from, origin));
            let limit = u32::try_from(Self::PIECE).unwrap_or(u32::MAX);
            out.effect(Effect::LoadEvents { ticket, origin, from: first, limit });
        }
    }

    /// The disk gave events that someone lacks.
    pub fn on_loaded(&mut self, ticket: Ticket, events: Vec<Arc<EventRecord>>, out: &mut Outbox) {
        let Some((to, origin)) = self.loading.remove(&ticket) else { return };
        let Some(held) = self.extents.get(&origin).copied() else { return };
        send_some(to, (origin, held), events, out);
    }

    /// The events of `origin` from the one numbered `first` on, if they are among the newest and on
    /// this disk: who lacks them is mostly a moment behind.
    fn remembered(&self, origin: NodeId, first: u64) -> Option<Vec<Arc<EventRecord>>> {
        let durable = self.copies.durable(origin);
        let wanted = |event: &&Arc<EventRecord>| {
            event.origin == origin && (first..=durable).contains(&event.seq)
        };
        let mut next = first;
        let follows = |event: &&Arc<EventRecord>| {
            let follows = event.follows(next);
            next = event.seq + 1;
            follows
        };
        let events = self.recent().filter(wanted).take_while(follows).take(Self::PIECE);
        let events = piece::whole(events.cloned().collect());
        (!events.is_empty()).then_some(events)
    }

    /// Asks for what `theirs` holds and this node does not.
    pub fn on_digest(&mut self, now: Now, from: NodeId, theirs: &Digest, out: &mut Outbox) {
        for (origin, extent) in &theirs.events {
            if *origin == self.me {
                self.note_own(extent.last, out);
            }
            let next = self.next(*origin);
            if next <= extent.last && self.takes(*origin) {
                if *origin == self.me {
                    self.found_own(now);
                }
                self.want(now, from, (*origin, next), out);
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
            self.push(out);
        }
        self.take_agreed(now, out);
    }

    fn push(&mut self, out: &mut Outbox) {
        let events = std::mem::take(&mut self.unpushed);
        let last = events.last().map_or(0, |event| event.seq);
        let pieces = piece::cut(events, (Self::BURST, PUSH_SIZE));
        if pieces.len() > 1 || pieces.iter().any(|piece| piece::weight(piece) > PUSH_SIZE) {
            return out.effect(Effect::Publish(Publication::EventNews(last)));
        }
        for piece in pieces {
            out.effect(Effect::Publish(Publication::Events(piece)));
        }
    }
}

/// Sends as many as a message holds, and never a part of a batch.
fn send_some(
    to: NodeId,
    (origin, held): (NodeId, Extent),
    events: Vec<Arc<EventRecord>>,
    out: &mut Outbox,
) {
    let limits = (EventStore::PIECE, REPAIR_SIZE);
    let events = piece::cut(piece::whole(events), limits).into_iter().next();
    send(to, Piece { origin, held, events: events.unwrap_or_default() }, out);
}

fn send(to: NodeId, piece: Piece, out: &mut Outbox) {
    out.effect(Effect::Send { to, message: Message::Repair(Repair::Events(piece)) });
}
