//! What this node does about an agent that changed.

use std::sync::Arc;

use crate::{
    agent::{AgentSpec, Intent, Phase},
    event::PlacedFor,
    ids::{Name, NodeId},
    replica::SharedKey,
    supervision::{
        Choice, Wanted, base_of,
        gate::Ruling,
        holders::is_active,
        intent_of,
        life::{Life, Passage},
        placement::{self, Candidate, Sight},
        scene::Scene,
        spec_of,
    },
};

/// What this node does about an agent.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// Nothing.
    Nothing,
    /// It is looked at again when something changes, or after a while.
    Wait,
    /// Its life here ends.
    Stop,
    /// Its life here ends, and another begins here as soon as it has.
    Afresh,
    /// A person asked for a fresh life, here or, with no specification, elsewhere.
    Renew(Option<(Arc<AgentSpec>, u64)>),
    /// It did what it should: nobody wants it any more.
    Finish(Intent),
    /// This node takes hold of it.
    Start {
        /// As what.
        spec: Arc<AgentSpec>,
        /// For which generation of its intent.
        generation: u64,
        /// Why here.
        reason: PlacedFor,
    },
    /// This node is to hold an exclusive agent, and asks the group for it.
    Claim(Arc<AgentSpec>),
    /// This node is the steward, and one of these is drawn.
    Assign {
        /// From which nodes.
        nodes: Vec<NodeId>,
        /// For which generation of its intent.
        generation: u64,
    },
    /// This node is the steward, and the agent is gone.
    Unassign,
}

impl Scene<'_> {
    pub(super) fn decide(&self, name: &Name, life: Option<&Life>, settled: bool) -> Decision {
        if let Some(life) = life
            && !self.is_mine_to_hold(life)
        {
            return Decision::Stop;
        }
        let wanted = self.wanted(name);
        let phase = life.map(|life| life.status.phase);
        let Some(wanted) = wanted.as_ref().filter(|wanted| wanted.intent.run) else {
            // What finished stays on show until it is removed or started again.
            return if phase.is_some() && (wanted.is_none() || phase != Some(Phase::Finished)) {
                Decision::Stop
            } else if wanted.is_none() && self.leaves_assignment(name) {
                Decision::Unassign
            } else {
                Decision::Nothing
            };
        };
        if let Some(life) = life {
            return self.about_life(life, wanted);
        }
        if self.holder(name).is_some() {
            return Decision::Nothing;
        }
        if !settled || self.is_elsewhere(name) || !self.holds(wanted).is_empty() {
            return Decision::Wait;
        }
        let generation = wanted.intent.generation;
        match self.choose(wanted, false) {
            Choice::Node(node) if self.lacks_place(wanted, node) => Decision::Wait,
            Choice::Node(node) if node == self.me && self.lacks_tenure(wanted) => {
                Decision::Claim(wanted.own_spec())
            }
            Choice::Node(node) if node == self.me => {
                let reason = self.reason(wanted);
                Decision::Start { spec: wanted.own_spec(), generation, reason }
            }
            Choice::Assign(nodes) => Decision::Assign { nodes, generation },
            Choice::Node(_) | Choice::Nowhere(_) => Decision::Wait,
        }
    }

    fn about_life(&self, life: &Life, wanted: &Wanted<'_>) -> Decision {
        let generation = wanted.intent.generation;
        if life.passage == Passage::Arriving {
            let outdated = life.status.generation < generation;
            return if outdated { Decision::Stop } else { Decision::Nothing };
        }
        if life.status.generation < generation {
            let elsewhere = self.candidates.iter().any(|candidate| {
                wanted.intent.pin == Some(candidate.node)
                    && candidate.node != self.me
                    && placement::exclusions(wanted.spec, &wanted.intent, candidate).is_empty()
            });
            if self.lacks_tenure(wanted) || self.is_unpaid(wanted) {
                return Decision::Stop;
            }
            return Decision::Renew((!elsewhere).then(|| (wanted.own_spec(), generation)));
        }
        if life.status.phase == Phase::Finished {
            return Decision::Finish(self.done(wanted));
        }
        match self.rule(life, wanted) {
            Ruling::Keep => Decision::Nothing,
            Ruling::Stop => Decision::Stop,
            Ruling::Afresh => Decision::Afresh,
        }
    }

    /// Whether no other present node holds the agent with more right: a copy that is parked gives
    /// way to one that runs. Two that run are told apart by their claims.
    fn is_mine_to_hold(&self, life: &Life) -> bool {
        is_active(life.status.phase)
            || life.passage == Passage::Arriving
            || self.holder(&life.spec.name).is_none_or(|(node, _)| node == self.me)
    }

    /// Why an agent is started that no present node holds: the loss of its node is an end of the life
    /// it had, unless that was wanted otherwise since.
    fn reason(&self, wanted: &Wanted<'_>) -> PlacedFor {
        let lost = self.holders.all(&wanted.name, self.tables.replica).any(|(_, status)| {
            status.generation == wanted.intent.generation
                && matches!(
                    status.phase,
                    Phase::Starting | Phase::Running | Phase::Migrating | Phase::BackingOff
                )
        });
        if lost { PlacedFor::NodeDown } else { PlacedFor::Unplaced }
    }

    /// The intent under the agent's own name that says that it has done what it should.
    fn done(&self, wanted: &Wanted<'_>) -> Intent {
        match intent_of(self.tables.replica, &wanted.name) {
            Some(own) => Intent { run: false, ..**own },
            None => Intent { run: false, generation: 0, ..wanted.intent },
        }
    }

    /// Whether an assignment of an agent that is no more is left for this node to remove.
    fn leaves_assignment(&self, name: &Name) -> bool {
        let replica = self.tables.replica;
        let assigned = replica.shared().get(&SharedKey::Assignment(name.clone())).is_some();
        let stands = |name: &Name| spec_of(replica, name).is_some();
        assigned
            && !stands(name)
            && !base_of(name).is_some_and(|base| self.instances(&base).contains(name))
            && self.steward(name.namespace()) == Some(self.me)
    }
}

/// The members as places, with `node` gone.
pub(super) fn without<'a>(candidates: &[Candidate<'a>], node: NodeId) -> Vec<Candidate<'a>> {
    let lost = |candidate: &Candidate<'a>| {
        let sight = if candidate.node == node { Sight::Away } else { candidate.sight };
        Candidate { sight, ..*candidate }
    };
    candidates.iter().map(lost).collect()
}
