//! All that a decision about an agent is made from; nothing in it changes while one is made.

use crate::{
    agent::{Phase, Status},
    ids::{Epoch, Name, NodeId},
    limits::LAST_WORDS,
    membership::PeerState,
    replica::{Shared, SharedKey},
    supervision::{
        Tables, Wanted, asked,
        holders::{Holders, is_active},
        majority::Losses,
        placement::Candidate,
        relations::Relations,
        rented::Rented,
        steward::Tally,
        tenure::Tenures,
        wanted,
    },
};

/// All that a decision about an agent is made from.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The node that decides.
    pub me: NodeId,
    /// The copies, the members, and who is up.
    pub tables: Tables<'a>,
    /// Every member as a place.
    pub candidates: &'a [Candidate<'a>],
    /// Who holds what.
    pub holders: &'a Holders,
    /// Which agents name which others.
    pub relations: &'a Relations,
    /// When members were lost.
    pub losses: &'a Losses,
    /// What this node assigned as a steward.
    pub tally: &'a Tally,
    /// What the group granted this node.
    pub tenures: &'a Tenures,
    /// The places of agents that pay.
    pub rented: &'a Rented,
}

impl<'a> Scene<'a> {
    /// What is wanted under `name`.
    #[must_use]
    pub fn wanted(&self, name: &Name) -> Option<Wanted<'a>> {
        wanted(self.tables.replica, name)
    }

    /// The present node that holds `name`, and what it says of it.
    #[must_use]
    pub fn holder(&self, name: &Name) -> Option<(NodeId, &'a Status)> {
        self.holders.holder(name, self.tables)
    }

    /// Whether an agent that no present node is known to hold is somewhere all the same: it was
    /// handed over to a node that has not been heard since, or its node said goodbye and its last
    /// words, which say where the agent is, are on their way.
    #[must_use]
    pub fn is_elsewhere(&self, name: &Name) -> bool {
        let Tables { now, replica, membership, .. } = self.tables;
        let unheard = |node: NodeId| {
            membership.state(node) == PeerState::Left
                && self.losses.since(node).is_some_and(|left| now.at.since(left) < LAST_WORDS)
        };
        self.holders.travels(name, self.tables)
            || self
                .holders
                .all(name, replica)
                .any(|(node, status)| is_active(status.phase) && unheard(node))
    }

    /// The names under which what is called `name` runs: itself, or its replicas.
    #[must_use]
    pub fn instances(&self, name: &Name) -> Vec<Name> {
        match asked(self.tables.replica, name) {
            Some((spec, _)) => spec.instances().collect(),
            None => vec![name.clone()],
        }
    }

    /// The nodes and lives of what is called `name` that take messages.
    pub fn running(&self, name: &Name) -> impl Iterator<Item = (NodeId, Epoch)> {
        self.instances(name)
            .into_iter()
            .filter_map(|instance| self.holder(&instance))
            .filter(|(_, status)| matches!(status.phase, Phase::Running | Phase::Migrating))
            .map(|(node, status)| (node, status.epoch))
    }

    /// Where an agent is, or will be once its node has started it.
    #[must_use]
    pub fn location(&self, name: &Name) -> Option<NodeId> {
        if let Some((node, _)) = self.holder(name) {
            return Some(node);
        }
        let wanted = self.wanted(name).filter(|wanted| wanted.intent.run)?;
        self.tally.assigned(name).or_else(|| self.assignment(&wanted))
    }

    /// Where the steward placed an agent as it is wanted by now.
    #[must_use]
    pub fn assignment(&self, wanted: &Wanted<'_>) -> Option<NodeId> {
        let key = SharedKey::Assignment(wanted.name.clone());
        let value = self.tables.replica.shared().get(&key)?;
        if let Shared::Assignment(assignment) = value
            && assignment.generation == wanted.intent.generation
        {
            Some(assignment.node)
        } else {
            None
        }
    }

    /// A member as a place.
    #[must_use]
    pub fn candidate(&self, node: NodeId) -> Option<&'a Candidate<'a>> {
        self.candidates.iter().find(|candidate| candidate.node == node)
    }
}
