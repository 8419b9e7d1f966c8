//! A node that gives up every agent it holds: because it is drained, or because it leaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    agent::Phase,
    event::Fact,
    ids::{Name, NodeId},
    moving::{
        Drained, Failure, Sight,
        outgoing::{Cause, Ended, Outgoings},
    },
    outbox::{Happened, Outbox},
    replica::{Presence, PresenceKey},
    supervision::{placement::Candidate, wanted},
    time::{Instant, Now, Wall},
};

/// Until when agents are handed over; those that are left are then stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// A drain, which outlives a restart.
    Drain(Wall),
    /// A goodbye.
    Leave(Instant),
}

/// A node that gives up every agent it holds.
#[derive(Debug)]
pub(super) struct Evacuation {
    until: Until,
    moved: u32,
    failed: BTreeMap<Name, String>,
    /// Agents that failed, and when they are tried again.
    again: BTreeMap<Name, Instant>,
    /// Agents that were told to stop here.
    stopping: BTreeSet<Name>,
    /// Whether it was told that nothing is left.
    told: bool,
}

impl Evacuation {
    /// Agents on their way at a time: more would share the link, and none would be ready sooner.
    const AT_A_TIME: usize = 8;
    /// The pause before an agent that failed is tried again.
    const RETRY: Duration = Duration::from_secs(2);

    pub(super) fn new(until: Until) -> Self {
        Self {
            until,
            moved: 0,
            failed: BTreeMap::new(),
            again: BTreeMap::new(),
            stopping: BTreeSet::new(),
            told: false,
        }
    }

    pub(super) fn until(&self) -> Until {
        self.until
    }

    /// What is told of it.
    pub(super) fn progress(&self) -> Option<Drained> {
        let Until::Drain(until) = self.until else { return None };
        let failed = self.failed.iter().take(Drained::MAX_FAILED);
        let failed =
            failed.map(|(name, reason)| Failure { name: name.clone(), reason: reason.clone() });
        Some(Drained { until, moved: self.moved, failed: failed.collect() })
    }

    /// Whether an agent went.
    pub(super) fn moved_any(&self) -> bool {
        self.moved > 0
    }

    /// A hand-off of this evacuation ended.
    pub(super) fn on_ended(&mut self, now: Now, ended: Ended) {
        match ended.failure {
            None => {
                self.moved += 1;
                self.failed.remove(&ended.name);
            }
            Some(reason) => self.put_off(now, ended.name, reason),
        }
    }

    fn put_off(&mut self, now: Now, name: Name, reason: String) {
        self.again.insert(name.clone(), now.at + Self::RETRY);
        self.failed.insert(name, reason);
    }

    fn is_late(&self, now: Now) -> bool {
        match self.until {
            Until::Drain(until) => until <= now.wall,
            Until::Leave(until) => until <= now.at,
        }
    }

    /// When [`Self::go_on`] has more to do.
    pub(super) fn next_timeout(&self, now: Now) -> Option<Instant> {
        if self.told || self.is_late(now) {
            return None;
        }
        let end = match self.until {
            Until::Leave(until) => until,
            Until::Drain(until) => {
                now.at + Duration::from_millis(until.0.saturating_sub(now.wall.0))
            }
        };
        Some(self.again.values().copied().fold(end, Instant::min))
    }

    /// Gives up what can be given up by now.
    pub(super) fn go_on(
        &mut self,
        now: Now,
        (me, outgoing): (NodeId, &mut Outgoings),
        sight: Sight<'_>,
        out: &mut Outbox,
    ) {
        let tables = sight.tables;
        let held: Vec<(&Name, Phase)> = tables
            .replica
            .presences(me)
            .filter_map(|(key, value)| match (key, value) {
                (PresenceKey::Agent(name), Presence::Agent(status)) => Some((name, status.phase)),
                _ => None,
            })
            .collect();
        self.again.retain(|_, at| *at > now.at);
        self.count_stopped(&held);
        if held.is_empty() {
            if !self.told {
                self.told = true;
                out.fact(Fact::Drained { moved: self.moved });
            }
            return;
        }
        self.told = false;
        let late = self.is_late(now);
        let places: Vec<_> = sight.places().into_iter().filter(|place| place.node != me).collect();
        for (name, phase) in held {
            let on_their_way = outgoing.count(Cause::Evacuated) + self.stopping.len();
            if on_their_way >= Self::AT_A_TIME && !late && matches!(self.until, Until::Drain(_)) {
                return;
            }
            let busy = self.stopping.contains(name) || self.again.contains_key(name);
            let going = outgoing.get(name).is_some();
            // What the other node may run already is ended by its word alone.
            let wait = if late { outgoing.is_given(name) } else { busy || going };
            if !wait {
                self.give_up((name, phase), (late, &places), (outgoing, sight), out);
            }
        }
    }

    fn count_stopped(&mut self, held: &[(&Name, Phase)]) {
        let before = self.stopping.len();
        let here = |name: &Name| held.iter().any(|(held, _)| *held == name);
        self.stopping.retain(here);
        let gone = u32::try_from(before - self.stopping.len()).unwrap_or(u32::MAX);
        self.moved = self.moved.saturating_add(gone);
    }

    fn give_up(
        &mut self,
        (name, phase): (&Name, Phase),
        (late, places): (bool, &[Candidate<'_>]),
        (outgoing, sight): (&mut Outgoings, Sight<'_>),
        out: &mut Outbox,
    ) {
        let tables = sight.tables;
        let now = tables.now;
        let Some(wanted) = wanted(tables.replica, name) else { return };
        let to = sight.choose(name, places);
        let leaves = matches!(self.until, Until::Leave(_));
        let handable = matches!(phase, Phase::Running | Phase::Starting | Phase::Migrating);
        let hands_over = wanted.spec.handoff.state && handable;
        if phase == Phase::Stopping || (phase == Phase::Arriving && !late) {
            return;
        }
        let alone = leaves && to.is_none();
        if late || alone || !hands_over && (to.is_some() || !wanted.intent.run) {
            self.stopping.insert(name.clone());
            out.happened(Happened::GivenUp(name.clone()));
        } else if let Some(to) = to.filter(|_| hands_over) {
            if phase == Phase::Running && outgoing.len() < Self::AT_A_TIME {
                outgoing.begin(now, (name, to, Cause::Evacuated), tables, out);
            }
        } else {
            self.put_off(now, name.clone(), "no other node can run it".to_owned());
        }
    }
}
