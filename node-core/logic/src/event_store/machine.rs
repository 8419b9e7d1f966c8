//! The transitions of the event store.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use super::{
    EventTalk, Extent, Lag, Receipt, Retention, copies::Copies, piece, regain::Regain,
    retention::Schedule,
};
use crate::{
    event::{BatchPlace, Class, EventId, EventRecord, Fact, Report, ReportError},
    hlc::Stamp,
    ids::{NodeId, Ticket},
    limits::PUSH_DELAY,
    node::{Effect, Record},
    outbox::Outbox,
    time::{Instant, Now},
};

/// Which events of each node are held, the newest of them, and who has them on disk.
#[derive(Debug)]
pub struct EventStore {
    pub(super) me: NodeId,
    pub(super) extents: BTreeMap<NodeId, Extent>,
    recent: VecDeque<Arc<EventRecord>>,
    /// Bytes that the newest take, roughly.
    recent_weight: usize,
    /// Events of this step, and of steps whose records are not on disk yet: a number that was heard
    /// of must not be given again after a crash (E2).
    pub(super) fresh: Vec<Arc<EventRecord>>,
    unsynced: BTreeMap<Ticket, Vec<Arc<EventRecord>>>,
    pub(super) unpushed: Vec<Arc<EventRecord>>,
    pub(super) push_at: Option<Instant>,
    /// Who waits for events that are read from disk, and of whom they are.
    pub(super) loading: BTreeMap<Ticket, (NodeId, NodeId)>,
    /// When the events of each node that lack were last asked for.
    pub(super) asked: BTreeMap<NodeId, Instant>,
    /// Since when the next event of a node is gone wherever it was asked for.
    pub(super) gaps: BTreeMap<NodeId, Instant>,
    /// Events that the cluster agreed on, before which some lack.
    pub(super) ahead: VecDeque<Arc<EventRecord>>,
    /// Own events before this one were told in a life whose disk is lost.
    pub(super) own_from: u64,
    pub(super) regain: Option<Regain>,
    /// The greatest number of an own event that others hold and this disk lost, once it is told.
    pub(super) forgotten: u64,
    pub(super) copies: Copies,
    schedule: Schedule,
}

impl EventStore {
    /// Events kept in memory, of all nodes together.
    pub const RECENT_CAPACITY: usize = 2_000;
    /// Bytes that these take at most, roughly.
    const RECENT_SIZE: usize = 8 * 1024 * 1024;
    /// How long events are collected before they are pushed: nobody acts on those of another node,
    /// and a person does not see so short a time.
    const COLLECT_DELAY: Duration = Duration::from_millis(20);

    /// What the disk kept.
    #[must_use]
    pub fn new(
        now: Now,
        me: NodeId,
        (extents, events): (BTreeMap<NodeId, Extent>, Vec<Arc<EventRecord>>),
        retention: Retention,
    ) -> Self {
        let durable = extents.iter().map(|(origin, extent)| (*origin, extent.last)).collect();
        Self {
            me,
            extents,
            recent_weight: piece::weight(&events),
            recent: events.into(),
            fresh: Vec::new(),
            unsynced: BTreeMap::new(),
            unpushed: Vec::new(),
            push_at: None,
            loading: BTreeMap::new(),
            asked: BTreeMap::new(),
            gaps: BTreeMap::new(),
            ahead: VecDeque::new(),
            own_from: 1,
            regain: None,
            forgotten: 0,
            copies: Copies::new(durable),
            schedule: Schedule::new(now, retention),
        }
    }

    /// Which events of each node are held.
    #[must_use]
    pub fn extents(&self) -> &BTreeMap<NodeId, Extent> {
        &self.extents
    }

    /// The newest events in the order in which they came to be known here, oldest first.
    pub fn recent(&self) -> impl DoubleEndedIterator<Item = &Arc<EventRecord>> {
        self.recent.iter()
    }

    /// How far each of these members is behind this node's events.
    #[must_use]
    pub fn lags(&self, members: impl Iterator<Item = NodeId>) -> Vec<Lag> {
        let own = self.copies.durable(self.me);
        let others = members.filter(|member| *member != self.me);
        others.map(|member| self.copies.lag(member, own)).collect()
    }

    /// How long events are kept.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.schedule.retention
    }

    /// Appends an event of this node.
    pub fn append(&mut self, now: Now, actor: Option<NodeId>, fact: Fact, out: &mut Outbox) {
        if let Some(fact) = self.hold(now, (actor, fact), out) {
            let stamp = out.stamp(now);
            self.number(stamp, actor, fact, out);
        }
    }

    /// Gives a fact the next number.
    pub(super) fn number(
        &mut self,
        stamp: Stamp,
        actor: Option<NodeId>,
        fact: Fact,
        out: &mut Outbox,
    ) {
        let extent = self.extents.entry(self.me).or_default();
        extent.last += 1;
        let event = Arc::new(EventRecord { origin: self.me, seq: extent.last, stamp, actor, fact });
        self.fresh.push(Arc::clone(&event));
        self.keep(event, out);
    }

    /// Appends what a person or a program told, all or nothing; who asked with `ticket` for a second
    /// copy is answered when there is one.
    ///
    /// # Errors
    ///
    /// See [`ReportError`].
    pub fn report(
        &mut self,
        now: Now,
        (ticket, actor): (Ticket, NodeId),
        (reports, class): (Vec<Report>, Class),
        out: &mut Outbox,
    ) -> Result<Option<Receipt>, ReportError> {
        Report::check(&reports)?;
        let unknown = |parent: &EventId| !self.knows(*parent);
        if let Some(parent) = reports.iter().filter_map(|report| report.parent).find(unknown) {
            return Err(ReportError::UnknownParent { parent });
        }
        let first = self.extents.get(&self.me).copied().unwrap_or_default().next();
        let of = u32::try_from(reports.len()).unwrap_or(u32::MAX);
        for (index, report) in (0..).zip(reports) {
            let batch = (of > 1).then_some(BatchPlace { index, of });
            let fact = Fact::Reported(Report { class, batch, ..report });
            self.append(now, Some(actor), fact, out);
        }
        let receipt = Receipt { origin: self.me, first, count: of, copies: 1 };
        if class == Class::Local {
            return Ok(Some(receipt));
        }
        self.copies.wait(now, ticket, receipt);
        Ok(None)
    }

    /// Whether an event was given its number, as far as this node knows; it may be gone since.
    fn knows(&self, event: EventId) -> bool {
        let extent = self.extents.get(&event.origin);
        extent.is_some_and(|extent| (1..=extent.last).contains(&event.seq))
    }

    /// The records of the step are being written under `ticket`.
    pub fn on_append(&mut self, ticket: Ticket) {
        if !self.fresh.is_empty() {
            self.unsynced.insert(ticket, std::mem::take(&mut self.fresh));
        }
    }

    /// Records are on disk: their events may be told.
    pub fn on_appended(&mut self, now: Now, ticket: Ticket) {
        let events = self.unsynced.remove(&ticket).unwrap_or_default();
        for event in events {
            self.copies.written(self.me, event.origin, event.seq);
            if event.fact.is_agreed() {
                self.copies.has_no_origin(event.origin);
            }
            if event.origin == self.me && event.seq >= self.own_from {
                let urgent = event.report().is_some_and(|it| it.class == Class::Replicated);
                let delay = if urgent { PUSH_DELAY } else { Self::COLLECT_DELAY };
                let at = now.at + delay;
                self.push_at = Some(self.push_at.map_or(at, |due| due.min(at)));
                self.unpushed.push(event);
            }
        }
    }

    /// Records cannot be written.
    pub fn on_append_failed(&mut self, reason: &str, out: &mut Outbox) {
        self.copies.fail(self.me, reason, out);
    }

    /// A member said something about events.
    pub fn on_talk(&mut self, from: NodeId, talk: &EventTalk, out: &mut Outbox) {
        let EventTalk::Kept(last) = talk;
        self.note_own(*last, out);
        self.copies.on_kept(from, *last, self.copies.durable(self.me));
    }

    /// A connection to a member stands.
    pub fn on_connected(&mut self, peer: NodeId) {
        self.copies.on_connected(peer);
    }

    /// Who is a member changed.
    pub fn on_members(&mut self, is_member: impl Fn(NodeId) -> bool) {
        self.copies.retain(is_member);
    }

    /// Events are kept so long from here on.
    pub fn on_retention(&mut self, now: Now, retention: Retention) {
        self.schedule.retention = retention;
        self.schedule.hurry(now);
    }

    /// The disk says that events grew a good deal since the oldest were last looked at.
    pub fn on_grown(&mut self, now: Now) {
        self.schedule.hurry(now);
    }

    /// The disk dropped the oldest: these are the first that are left.
    pub fn on_dropped(&mut self, now: Now, firsts: &[(NodeId, u64)], more: bool) {
        for (origin, first) in firsts {
            if let Some(extent) = self.extents.get_mut(origin) {
                extent.first = extent.first.max(*first);
            }
        }
        self.schedule.done(now, more);
    }

    /// Ends a step: tells and answers what is due about copies, and has the oldest events dropped.
    /// `standing` says whether this node has no other member, and whether another is up.
    pub fn settle(&mut self, now: Now, standing: impl Fn() -> Standing, out: &mut Outbox) {
        if self.is_regaining() {
            self.end_regain(now, standing() == Standing::Single, out);
        }
        let up = || standing() == Standing::Accompanied;
        self.copies.settle(now, self.me, up, out);
        if self.schedule.next_timeout().is_some_and(|at| at <= now.at) {
            let all = standing() == Standing::Single;
            let own = if all { self.copies.durable(self.me) } else { self.copies.elsewhere() };
            if let Some(expiry) = self.schedule.take(now, (self.me, own)) {
                out.effect(Effect::DropEvents(expiry));
            }
        }
    }

    /// When [`Self::on_timeout`] or [`Self::settle`] is due.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let copies = self.copies.next_timeout(self.me);
        let due = self.push_at.into_iter().chain(copies).chain(self.agreed_timeout());
        let due = due.chain(self.regain_timeout());
        due.chain(self.schedule.next_timeout()).min()
    }

    pub(super) fn keep(&mut self, event: Arc<EventRecord>, out: &mut Outbox) {
        out.record(Record::Event(Arc::clone(&event)));
        self.recent_weight += event.weight();
        // The oldest goes first: one more than there may be would double what is set aside.
        while self.recent.len() >= Self::RECENT_CAPACITY || self.recent_weight > Self::RECENT_SIZE {
            let Some(oldest) = self.recent.pop_front() else { break };
            self.recent_weight = self.recent_weight.saturating_sub(oldest.weight());
        }
        self.recent.push_back(event);
    }
}

/// Who else there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The cluster has no other member.
    Single,
    /// Other members are away.
    Lonely,
    /// Another member is up.
    Accompanied,
}
