//! The way into another cluster: what comes along, and what of the old one stays behind.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    agent::{AgentSpec, Intent},
    certificate::{Certificate, Role},
    coordination::{CounterView, VariableView},
    event::Fact,
    hlc::Stamp,
    ids::{ClusterId, Name},
    merged::Reach,
    node::{Effect, Node, Record},
    replica::{Replica, Shared, SharedKey},
    time::{Now, Wall},
};

/// What a node has and knows in its cluster, beside what the group agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Belongings {
    /// Which cluster.
    #[ts(type = "string")]
    pub cluster: ClusterId,
    /// What it is called.
    pub cluster_name: String,
    /// When it was founded.
    #[ts(type = "number")]
    pub founded: Wall,
    /// How many other members it has.
    pub others: u32,
    /// The agents that this node's user started: they come along.
    pub agents: Vec<Arc<AgentSpec>>,
    /// The agents that others started: they stay.
    #[ts(type = "string[]")]
    pub foreign_agents: Vec<Name>,
    /// Counters that merge, as this node knows them: they stay.
    pub counters: Vec<CounterView>,
    /// Variables that merge, as this node knows them: they stay.
    pub variables: Vec<VariableView>,
    /// Variables of this node alone: they come along.
    #[ts(type = "string[]")]
    pub locals: Vec<Name>,
    /// How many events of this node are on its disk: they come along.
    #[ts(type = "number")]
    pub events: u64,
}

/// The agents that came along, until this node has heard what its cluster has: each as it is wanted,
/// and what it is.
pub(super) type Brought = BTreeMap<Name, (Arc<Intent>, Arc<AgentSpec>)>;

impl Belongings {
    /// Whether there is nothing but events.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.others == 0
            && self.agents.is_empty()
            && self.foreign_agents.is_empty()
            && self.counters.is_empty()
            && self.variables.is_empty()
            && self.locals.is_empty()
    }
}

impl Node {
    /// What this node has in its cluster, by what becomes of it when it enters another.
    #[must_use]
    pub fn belongings(&self) -> Belongings {
        let (agents, foreign_agents) = self.split_agents();
        let others = self.roster.iter().filter(|(node, _)| *node != self.me).count();
        Belongings {
            cluster: self.cluster(),
            cluster_name: self.profile.cluster_name.clone(),
            founded: self.profile.founded,
            others: u32::try_from(others).unwrap_or(u32::MAX),
            agents: agents.into_values().map(|(_, spec)| spec).collect(),
            foreign_agents,
            counters: self.merged_counters().collect(),
            variables: self.merged_variables(Reach::Global, usize::MAX),
            locals: self.merged.locals().map(|(name, _)| name.clone()).collect(),
            events: self.events.extents().get(&self.me).map_or(0, |held| held.count()),
        }
    }

    /// Enters another cluster: what belongs to the old one is archived, the agents of this node's
    /// own user come along if its new role lets it want them.
    pub(super) fn enter(
        &mut self,
        now: Now,
        certificate: Certificate,
        (cluster_name, founded): (String, Wall),
    ) {
        let belongings = self.belongings();
        let may_want = certificate.role().is_some_and(|role| role >= Role::Operator);
        self.brought = if may_want { self.split_agents().0 } else { Brought::new() };
        let agents = u32::try_from(self.brought.len()).unwrap_or(u32::MAX);
        let from = belongings.cluster_name.clone();
        // A node that was started a moment ago comes from nowhere.
        if !belongings.is_empty() {
            self.out.fact(Fact::ClusterEntered { from, agents });
        }
        self.out.effect(Effect::Archive(Box::new(belongings)));
        self.profile.certificate = certificate;
        self.profile.cluster_name = cluster_name;
        self.profile.founded = founded;
        self.met.clear();
        self.ahead.clear();
        self.moving.start_over(&mut self.out);
        self.merged.start_over();
        self.replica.start_over(&mut self.out);
        self.out.record(Record::Profile(self.profile.clone()));
        self.share_own_certificate(now);
        self.bring(now);
        self.on_roster(now);
        self.supervision.unsettle(now);
        self.supervision.look_at_all(&self.replica);
        self.registry.look_at_all(&self.replica, &mut self.out);
    }

    /// Wants in the new cluster what was wanted in the old one, under a stamp older than any: what
    /// the cluster has under the same name stands.
    fn bring(&mut self, now: Now) {
        let first = Stamp { wall: Wall(0), counter: 0, node: self.me };
        for (key, value) in self.brought.iter().flat_map(shared_of) {
            self.replica.adopt(now, (key, first, value), &mut self.out);
        }
    }

    /// What the cluster holds of an agent came: an agent of that name stands and is told of; one
    /// that was removed there is no reason to drop this one.
    pub(super) fn on_brought(&mut self, now: Now, key: &SharedKey) {
        let (SharedKey::Spec(name) | SharedKey::Intent(name)) = key else { return };
        let Some((intent, spec)) = self.brought.get(name) else { return };
        let shared = self.replica.shared();
        let there = shared.get(&SharedKey::Spec(name.clone()));
        let wanted = shared.get(&SharedKey::Intent(name.clone()));
        match (there, wanted) {
            (Some(Shared::Spec(there)), Some(_)) if there == spec => return,
            (Some(_), Some(_)) => {
                let name = name.clone();
                self.brought.remove(&name);
                self.out.fact(Fact::AgentConflicted { name });
                return;
            }
            (None, _) | (_, None) => {}
        }
        for (key, value) in shared_of((name, &(Arc::clone(intent), Arc::clone(spec)))) {
            self.replica.share(now, key, value, &mut self.out);
        }
    }

    /// The agents of this node's own user, and the names of those of others.
    fn split_agents(&self) -> (Brought, Vec<Name>) {
        let (mut own, mut foreign) = (Brought::new(), Vec::new());
        for (key, value) in self.replica.shared().iter() {
            let (SharedKey::Intent(name), Shared::Intent(intent)) = (key, value) else { continue };
            match spec_of(&self.replica, name) {
                Some(spec) if intent.owner == self.me => {
                    own.insert(name.clone(), (Arc::clone(intent), spec));
                }
                Some(_) | None => foreign.push(name.clone()),
            }
        }
        (own, foreign)
    }
}

fn spec_of(replica: &Replica, name: &Name) -> Option<Arc<AgentSpec>> {
    match replica.shared().get(&SharedKey::Spec(name.clone())) {
        Some(Shared::Spec(spec)) => Some(Arc::clone(spec)),
        Some(_) | None => None,
    }
}

fn shared_of(
    (name, (intent, spec)): (&Name, &(Arc<Intent>, Arc<AgentSpec>)),
) -> [(SharedKey, Shared); 2] {
    [
        (SharedKey::Spec(name.clone()), Shared::Spec(Arc::clone(spec))),
        (SharedKey::Intent(name.clone()), Shared::Intent(Arc::clone(intent))),
    ]
}
