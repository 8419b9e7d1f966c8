//! Events that follow from what the cluster agreed on: every member writes them for itself.

use std::sync::Arc;

use super::EventStore;
use crate::{
    event::EventRecord,
    ids::NodeId,
    node::Record,
    outbox::Outbox,
    time::{Instant, Now},
};

impl EventStore {
    /// Events that wait for those before them: more than a group keeps for its members.
    const MAX_AHEAD: usize = 4_096;

    /// Takes events over that follow from the log of the group; those that others brought before
    /// are there already.
    pub fn on_agreed(&mut self, now: Now, events: Vec<Arc<EventRecord>>, out: &mut Outbox) {
        self.ahead.extend(events);
        let spare = self.ahead.len().saturating_sub(Self::MAX_AHEAD);
        self.ahead.drain(..spare);
        self.take_agreed(now, out);
    }

    /// Takes over what continues what is held. Where events lack before them, the others are given
    /// time to bring those.
    pub(super) fn take_agreed(&mut self, now: Now, out: &mut Outbox) {
        while let Some(event) = self.ahead.pop_front() {
            let next = self.next(event.origin);
            if event.seq < next {
                continue;
            }
            if event.seq > next && !self.gave_up(now, event.origin) {
                self.ahead.push_front(event);
                return;
            }
            if event.seq > next {
                self.skip_to(event.origin, event.seq, out);
            }
            self.gaps.remove(&event.origin);
            self.extents.entry(event.origin).or_default().last = event.seq;
            self.fresh.push(Arc::clone(&event));
            self.keep(event, out);
        }
    }

    /// Whether the others had time enough to bring what lacks of an origin.
    fn gave_up(&mut self, now: Now, origin: NodeId) -> bool {
        let since = *self.gaps.entry(origin).or_insert(now.at);
        now.at.since(since) >= Self::GAP_PATIENCE
    }

    /// What lacks before the event numbered `first` is given up.
    pub(super) fn skip_to(&mut self, origin: NodeId, first: u64, out: &mut Outbox) {
        self.extents.insert(origin, super::Extent { first, last: first.saturating_sub(1) });
        out.record(Record::EventsFrom { origin, first });
    }

    /// When what lacks before events that are there is given up.
    pub(super) fn agreed_timeout(&self) -> Option<Instant> {
        let since = self.gaps.get(&self.ahead.front()?.origin)?;
        Some(*since + Self::GAP_PATIENCE)
    }
}
