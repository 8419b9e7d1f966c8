//! What keeps an agent from being started, and what ends one that runs.

use std::time::Duration;

use crate::{
    agent::{Class, OnLoss, Phase},
    agreed::Voters,
    ids::{Name, NodeId},
    supervision::{Life, Wanted, asked, majority::Side, scene::Scene},
};

/// Why an agent that should run does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// This node has not heard the others yet.
    Settling,
    /// It needs an agent that does not run.
    Dependency(Name),
    /// It names an agent that does not exist.
    Unknown(Name),
    /// It stays near an agent that runs nowhere.
    Near(Name),
    /// A sibling of lower order starts before it.
    Earlier(Name),
    /// A sibling used up its restarts.
    FailedSibling(Name),
    /// This side of a split has no majority.
    Minority(Side),
    /// The side without a majority may still run it for this long.
    Margin(Duration),
    /// Too few voters are in sight to say that nobody else runs it.
    NoQuorum(Voters),
    /// The group did not grant it, because another node may still run it: this one, if that is known.
    Tenure(Option<NodeId>),
    /// It runs on a chosen node alone, and none was chosen.
    NoPin,
    /// It runs on a chosen node alone, and that one may not run it.
    PinAway(NodeId),
    /// A node that was chosen is on its way.
    Awaited(NodeId),
    /// The steward of its namespace has not placed it yet.
    Steward(NodeId),
    /// Rules exclude every node.
    Nowhere,
    /// It pays for where it runs, and no minute at this node is set aside for it.
    Unpaid(NodeId),
    /// A node was found for it, which starts it.
    Starts(NodeId),
    /// One of these nodes would be drawn.
    AnyOf(Vec<NodeId>),
    /// It ended, and is started again after a while.
    BackingOff,
    /// It used up its restarts.
    Failed,
}

/// What becomes of an agent that this node holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    /// It goes on.
    Keep,
    /// It stops, until what it waits for is there.
    Stop,
    /// It is started afresh where it is.
    Afresh,
}

impl Scene<'_> {
    /// What keeps an agent from being started anywhere on this side, all of it.
    #[must_use]
    pub fn holds(&self, wanted: &Wanted<'_>) -> Vec<Hold> {
        let mut holds = Vec::new();
        if wanted.spec.class == Class::MajorityOnly {
            let side = self.side();
            if !side.is_majority() {
                holds.push(Hold::Minority(side));
            } else if side.members > 1 {
                holds.extend(self.margin(wanted.spec).map(Hold::Margin));
            }
        }
        let voters = self.tenures.voters();
        if wanted.spec.class == Class::Exclusive && !voters.agree() {
            holds.push(Hold::NoQuorum(voters));
        }
        for dependency in &wanted.spec.depends_on {
            holds.extend(self.lacks(&dependency.on, Hold::Dependency));
        }
        for near in &wanted.spec.placement.near {
            holds.extend(self.lacks(near, Hold::Near));
        }
        if wanted.spec.group.is_some() {
            holds.extend(self.failed_sibling(wanted).map(Hold::FailedSibling));
            holds.extend(self.earlier_sibling(wanted).map(Hold::Earlier));
        }
        holds
    }

    /// Whether this node may not run an agent because the group did not grant it.
    pub(super) fn lacks_tenure(&self, wanted: &Wanted<'_>) -> bool {
        let granted = self.tenures.token(&wanted.name, self.tables.now.at).is_some();
        wanted.spec.class == Class::Exclusive && !granted
    }

    fn lacks(&self, name: &Name, hold: impl Fn(Name) -> Hold) -> Option<Hold> {
        if self.running(name).next().is_some() {
            return None;
        }
        let replica = self.tables.replica;
        let exists = asked(replica, name).is_some() || self.wanted(name).is_some();
        Some(if exists { hold(name.clone()) } else { Hold::Unknown(name.clone()) })
    }

    /// What becomes of a life whose agent should run; what is parked stays so.
    pub(super) fn rule(&self, life: &Life, wanted: &Wanted<'_>) -> Ruling {
        if !matches!(life.status.phase, Phase::Starting | Phase::Running | Phase::BackingOff) {
            return Ruling::Keep;
        }
        if wanted.spec.class == Class::MajorityOnly && !self.side().is_majority() {
            return Ruling::Stop;
        }
        if self.lacks_tenure(wanted) || self.is_unpaid(wanted) {
            return Ruling::Stop;
        }
        let lost = |on: &Name| self.running(on).next().is_none();
        let mut depends = wanted.spec.depends_on.iter();
        if depends.any(|needs| needs.loss == OnLoss::Stop && lost(&needs.on)) {
            return Ruling::Stop;
        }
        let grouped = wanted.spec.group.is_some();
        if grouped && self.failed_sibling(wanted).is_some() {
            return Ruling::Stop;
        }
        if life.status.phase == Phase::BackingOff {
            return Ruling::Keep;
        }
        let epoch = life.status.epoch;
        let back = |on: &Name| self.running(on).map(|(_, life)| life).min() > Some(epoch);
        let mut depends = wanted.spec.depends_on.iter();
        if depends.any(|needs| needs.loss == OnLoss::Restart && back(&needs.on)) {
            return Ruling::Afresh;
        }
        if grouped && self.sibling_fell(wanted, epoch) {
            // One that has to wait for others gives its place up meanwhile.
            let waits = !self.holds(wanted).is_empty();
            return if waits { Ruling::Stop } else { Ruling::Afresh };
        }
        Ruling::Keep
    }
}
