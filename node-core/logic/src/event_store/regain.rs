//! The own events of a node that lost its disk: what others hold of them is fetched before it tells
//! of more.

use std::time::Duration;

use super::EventStore;
use crate::{
    event::Fact,
    hlc::Stamp,
    ids::NodeId,
    node::Effect,
    outbox::Outbox,
    time::{Instant, Now},
};

/// What a node that lost its disk waits for.
#[derive(Debug)]
pub(super) struct Regain {
    /// When it waits no more.
    until: Instant,
    /// What happened meanwhile, and gets its number then.
    held: Vec<(Stamp, Option<NodeId>, Fact)>,
}

impl EventStore {
    /// How long a node that lost its disk waits to hear of own events: discovery takes seconds.
    const FIRST_PATIENCE: Duration = Duration::from_secs(10);
    /// How long it waits for more after it heard of some: three comparisons with others.
    const PATIENCE: Duration = Duration::from_secs(3);
    /// Facts that wait for that: some megabytes.
    const MAX_HELD: usize = 10_000;

    /// Own events are numbered from `from` on; if there may have been some that this disk does not
    /// hold, they are fetched first.
    #[must_use]
    pub fn numbered_from(mut self, now: Now, from: u64) -> Self {
        self.own_from = from;
        if self.next(self.me) < from {
            let until = now.at + Self::FIRST_PATIENCE;
            self.regain = Some(Regain { until, held: Vec::new() });
        }
        self
    }

    /// Whether own events are being fetched from others, so that none can be told.
    #[must_use]
    pub fn is_regaining(&self) -> bool {
        self.regain.is_some()
    }

    /// Keeps a fact until it can be given its number; gives it back if that is at once.
    pub(super) fn hold(
        &mut self,
        now: Now,
        (actor, fact): (Option<NodeId>, Fact),
        out: &mut Outbox,
    ) -> Option<Fact> {
        let Some(regain) = &mut self.regain else { return Some(fact) };
        regain.held.push((out.stamp(now), actor, fact));
        if regain.held.len() >= Self::MAX_HELD {
            self.go_on(now, out);
        }
        None
    }

    /// Others hold own events that this disk does not.
    pub(super) fn found_own(&mut self, now: Now) {
        if let Some(regain) = &mut self.regain {
            regain.until = now.at + Self::PATIENCE;
        }
    }

    /// Another holds own events up to the one numbered `last`. None is told before it is on this disk;
    /// so if it is not there, and was not known to be lost, the disk lost the end of what it held.
    pub(super) fn note_own(&mut self, last: u64, out: &mut Outbox) {
        if self.regain.is_none() && last >= self.next(self.me) && last > self.forgotten {
            self.forgotten = last;
            out.effect(Effect::Forgotten { last });
        }
    }

    /// Whether events of `origin` are taken over from others.
    pub(super) fn takes(&self, origin: NodeId) -> bool {
        origin != self.me || self.regain.is_some()
    }

    /// Numbers what happened meanwhile, once nobody is there who could hold own events, or time is
    /// up.
    pub(super) fn end_regain(&mut self, now: Now, single: bool, out: &mut Outbox) {
        if single || self.regain_timeout().is_some_and(|until| until <= now.at) {
            self.go_on(now, out);
        }
    }

    pub(super) fn regain_timeout(&self) -> Option<Instant> {
        self.regain.as_ref().map(|regain| regain.until)
    }

    fn go_on(&mut self, now: Now, out: &mut Outbox) {
        let Some(Regain { held, .. }) = self.regain.take() else { return };
        let next = self.next(self.me);
        if next < self.own_from {
            let lost = Fact::EventsLost { from: next, to: self.own_from - 1 };
            self.jump(self.me, self.own_from, out);
            let stamp = held.first().map_or_else(|| out.stamp(now), |(stamp, ..)| *stamp);
            self.number(stamp, None, lost, out);
        }
        for (stamp, actor, fact) in held {
            self.number(stamp, actor, fact, out);
        }
    }

    /// The next event of `origin` is the one numbered `seq`: those before it that lack are lost.
    pub(super) fn jump(&mut self, origin: NodeId, seq: u64, out: &mut Outbox) {
        let held = self.extents.get(&origin).copied().unwrap_or_default();
        if held.count() == 0 {
            self.skip_to(origin, seq, out);
        } else {
            self.extents.entry(origin).or_default().last = seq - 1;
        }
    }
}
