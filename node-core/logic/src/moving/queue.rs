//! Agents that move without a person naming them: to a node that joined, and by plan.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use crate::{
    ids::{Name, NodeId},
    moving::{
        Failure, Plan, PlanPhase, Sight,
        outgoing::{Cause, Outgoings},
    },
    outbox::Outbox,
    replica::{PresenceKey, Shared, SharedKey},
    supervision::{Tables, status_of, wanted},
    time::{Instant, Now},
};

/// Agents whose share of another node has to be looked at.
#[derive(Debug, Default)]
pub(super) struct Shares {
    /// Nodes that are present for too short a time to be given anything, and until when.
    young: BTreeMap<NodeId, Instant>,
    waiting: VecDeque<Name>,
}

impl Shares {
    /// How long a node has been there before it is given its share: one that flaps gets nothing.
    const SETTLED_AFTER: Duration = Duration::from_secs(5);
    /// Agents of one node that move to newcomers at a time.
    const AT_A_TIME: usize = 2;

    /// A node may take agents from here on.
    pub(super) fn on_open(&mut self, now: Now, node: NodeId) {
        self.young.insert(node, now.at + Self::SETTLED_AFTER);
    }

    /// A node is gone.
    pub(super) fn on_absent(&mut self, node: NodeId) {
        self.young.remove(&node);
    }

    /// When [`Self::go_on`] has more to do.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.young.values().min().copied()
    }

    /// Looks at every agent once a node is there long enough, and moves the next ones.
    pub(super) fn go_on(
        &mut self,
        now: Now,
        (me, outgoing): (NodeId, &mut Outgoings),
        sight: Sight<'_>,
        out: &mut Outbox,
    ) {
        let tables = sight.tables;
        let before = self.young.len();
        self.young.retain(|_, until| *until > now.at);
        if self.young.len() < before {
            let held = tables.replica.presences(me).filter_map(|(key, _)| match key {
                PresenceKey::Agent(name) => Some(name.clone()),
                PresenceKey::Summary
                | PresenceKey::Claim(_)
                | PresenceKey::Kept(_)
                | PresenceKey::Moves
                | PresenceKey::Joined(_)
                | PresenceKey::Views
                | PresenceKey::Breaches
                | PresenceKey::Moved(_) => None,
            });
            self.waiting = held.collect();
        }
        if self.waiting.is_empty() {
            return;
        }
        let places: Vec<_> = sight
            .places()
            .into_iter()
            .filter(|place| !self.young.contains_key(&place.node))
            .collect();
        if places.iter().any(|place| place.node == me && place.cordoned) {
            self.waiting.clear();
        }
        while outgoing.count(Cause::Joined) < Self::AT_A_TIME {
            let Some(name) = self.waiting.pop_front() else { return };
            let asks = wanted(tables.replica, &name)
                .is_some_and(|it| it.spec.placement.redistribute && it.spec.handoff.state);
            if asks && let Some(to) = sight.share(&name, &places) {
                outgoing.begin(now, (&name, to, Cause::Joined), tables, out);
            }
        }
    }
}

/// The plan as far as this node follows it.
#[derive(Debug, Default)]
pub(super) struct Planned {
    id: u64,
    /// The first move that was not looked at.
    next: usize,
    failed: Vec<Failure>,
}

impl Planned {
    /// Planned moves of one node at a time: the plan's rate is what slows them down.
    const AT_A_TIME: usize = 4;

    /// What came of the plan on this node.
    pub(super) fn progress(&self) -> Option<(u64, Vec<Failure>)> {
        (self.id != 0 && !self.failed.is_empty()).then(|| (self.id, self.failed.clone()))
    }

    /// A planned move did not work out.
    pub(super) fn on_failed(&mut self, name: Name, reason: String) {
        self.failed.push(Failure { name, reason });
    }

    /// Begins what is due.
    pub(super) fn go_on(
        &mut self,
        now: Now,
        (me, outgoing): (NodeId, &mut Outgoings),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        let Some(plan) = current(tables) else { return };
        if plan.id != self.id {
            *self = Self { id: plan.id, ..Self::default() };
        }
        while plan.phase == PlanPhase::Running
            && outgoing.count(Cause::Planned) < Self::AT_A_TIME
            && plan.due(self.next) <= now.wall
            && let Some(step) = plan.moves.get(self.next)
        {
            self.next += 1;
            if step.from == me
                && status_of(tables.replica, me, &step.name).is_some()
                && !outgoing.begin(now, (&step.name, step.to, Cause::Planned), tables, out)
            {
                let reason = "it does not run here, or the other node is not up".to_owned();
                self.on_failed(step.name.clone(), reason);
            }
        }
    }

    /// When [`Self::go_on`] has more to do.
    pub(super) fn next_timeout(&self, outgoing: &Outgoings, tables: Tables<'_>) -> Option<Instant> {
        let plan = current(tables).filter(|plan| plan.phase == PlanPhase::Running)?;
        let more = self.next < plan.moves.len() || plan.id != self.id;
        if !more || outgoing.count(Cause::Planned) >= Self::AT_A_TIME {
            return None;
        }
        let now = tables.now;
        let wait = plan.due(self.next).0.saturating_sub(now.wall.0);
        Some(now.at + Duration::from_millis(wait.max(1)))
    }
}

/// The plan there is.
pub(super) fn current(tables: Tables<'_>) -> Option<&Plan> {
    match tables.replica.shared().get(&SharedKey::Rebalance)? {
        Shared::Rebalance(plan) => Some(plan),
        Shared::Member(_)
        | Shared::Revoked
        | Shared::Spec(_)
        | Shared::Intent(_)
        | Shared::Assignment(_)
        | Shared::Scheduling(_)
        | Shared::Namespace(_)
        | Shared::Tally(_)
        | Shared::Variable(_)
        | Shared::Cleanup(_)
        | Shared::Lineage(_)
        | Shared::Alert(_)
        | Shared::Quiet(_)
        | Shared::Deleted => None,
    }
}
