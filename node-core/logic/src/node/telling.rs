//! Facts of which there may be many: as many are told as a minute allows.

use crate::{
    event::{BreakerTurn, Fact, Verdict},
    ids::{Name, NodeId},
    node::Node,
    outbox::Happened,
    time::{Instant, Now},
};

impl Node {
    /// Tells what became of calls from here; a reset by this node's user.
    pub(super) fn note_guard(&mut self, now: Now, actor: NodeId, facts: Vec<(Name, Fact)>) {
        for (name, fact) in facts {
            let asked = matches!(fact, Fact::BreakerTurned { to: BreakerTurn::Reset, .. });
            self.tell(now, asked.then_some(actor), (name, fact));
        }
    }

    /// Tells a fact of `name`, unless there were too many within the minute.
    pub(super) fn tell(&mut self, now: Now, actor: Option<NodeId>, (name, fact): (Name, Fact)) {
        self.tell_omitted(now);
        match self.minute.count(name) {
            Verdict::Told => self.out.happened(Happened::Fact(actor, fact)),
            Verdict::FirstOmitted(name) => {
                self.out.fact(Fact::EventsOmitted { name, count: None });
            }
            Verdict::Omitted => {}
        }
    }

    /// Tells how much a minute that is over left out.
    pub(super) fn tell_omitted(&mut self, now: Now) {
        for (name, count) in self.minute.advance(nanos(now)) {
            self.out.fact(Fact::EventsOmitted { name, count: Some(count) });
        }
    }

    /// When that is to be told.
    pub(super) fn omitted_due(&self) -> Option<Instant> {
        self.minute.omits().then(|| Instant(self.minute.ends().div_ceil(1_000)))
    }
}

fn nanos(now: Now) -> u64 {
    now.at.0.saturating_mul(1_000)
}
