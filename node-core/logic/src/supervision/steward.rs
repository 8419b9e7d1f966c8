//! Placement that has to know where others run: one node of each namespace decides for all.
//!
//! The steward of a namespace is the present member with the highest score of the namespace's name.
//! What it decides is a shared value, so the next steward goes on from there; two that decide at
//! once, because they see different members, are settled as any two writes are.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    agent::{AgentSpec, Strategy},
    certificate::Role,
    credits::Ask,
    ids::{Name, NodeId},
    supervision::{
        Hold, Wanted,
        placement::{self, Candidate, Exclusion, Sight, score},
        scene::Scene,
    },
};

/// What this node assigned as a steward and does not show in what others say yet.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pending: BTreeMap<Name, NodeId>,
    counts: BTreeMap<NodeId, u32>,
    /// Agents assigned to each node since its last sample.
    unsampled: BTreeMap<NodeId, u32>,
}

impl Tally {
    /// Processor time that an agent is taken to use until a sample shows what it does, in percent of
    /// one processor: the least change of load that a node tells of.
    const GUESS_PERCENT: u32 = 10;

    /// An agent was assigned to a node.
    pub fn assign(&mut self, name: &Name, node: NodeId) {
        self.settle(name);
        self.pending.insert(name.clone(), node);
        *self.counts.entry(node).or_default() += 1;
        *self.unsampled.entry(node).or_default() += 1;
    }

    /// An agent is held by a node, or no longer wanted.
    pub fn settle(&mut self, name: &Name) {
        if let Some(node) = self.pending.remove(name)
            && let Some(count) = self.counts.get_mut(&node)
        {
            *count = count.saturating_sub(1);
        }
    }

    /// A node told a sample.
    pub fn sampled(&mut self, node: NodeId) {
        self.unsampled.remove(&node);
    }

    /// Where an agent was assigned that is not held yet.
    #[must_use]
    pub fn assigned(&self, name: &Name) -> Option<NodeId> {
        self.pending.get(name).copied()
    }

    fn count(&self, node: NodeId) -> u32 {
        self.counts.get(&node).copied().unwrap_or(0)
    }

    fn guess_percent(&self, node: NodeId) -> u32 {
        let count = self.unsampled.get(&node).copied().unwrap_or(0);
        count.saturating_mul(Self::GUESS_PERCENT)
    }
}

/// What one node is worth to an agent.
#[derive(Clone, Debug)]
pub struct Place {
    /// Which node.
    pub node: NodeId,
    /// What keeps the agent off it.
    pub excluded: Vec<Exclusion>,
    /// Replicas of the same agent in the same place; the fewest come first.
    pub beside: u32,
    /// What its strategy goes by, the highest first.
    pub merit: i64,
    /// Its score, for those whom nothing else tells apart.
    score: u32,
}

/// Where an agent should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// On this node.
    Node(NodeId),
    /// On one of these, and this node has to draw one and to say so to all.
    Assign(Vec<NodeId>),
    /// Nowhere for now.
    Nowhere(Hold),
}

impl Scene<'_> {
    /// Who places the agents of a namespace that take a steward.
    #[must_use]
    pub fn steward(&self, namespace: &str) -> Option<NodeId> {
        let able = |place: &&Candidate<'_>| place.present() && place.role != Role::Observer;
        placement::steward(namespace, self.candidates.iter().filter(able).map(|place| place.node))
    }

    /// Whether where an agent runs depends on where others do.
    #[must_use]
    pub fn takes_steward(&self, spec: &AgentSpec, name: &Name) -> bool {
        let rule = &spec.placement;
        let aware = match rule.strategy {
            Strategy::LeastLoaded | Strategy::Spread | Strategy::Random | Strategy::Auction => true,
            Strategy::Rendezvous => {
                spec.copies() > 1
                    || !rule.near.is_empty()
                    || !rule.apart.is_empty()
                    || self.relations.apart_from(&spec.name).next().is_some()
                    || self.relations.apart_from(name).next().is_some()
            }
            Strategy::Pinned => false,
        };
        aware && rule.strategy != Strategy::Pinned
    }

    /// Every member as a place for an agent, with the rules that exclude it.
    #[must_use]
    pub fn places(&self, wanted: &Wanted<'_>) -> Vec<Place> {
        let near = &wanted.spec.placement.near;
        let near: Vec<(&Name, BTreeSet<NodeId>)> = near
            .iter()
            .map(|name| (name, self.running(name).map(|(node, _)| node).collect()))
            .collect();
        let apart = self.apart(wanted);
        let beside = self.beside(wanted);
        let place = |candidate: &Candidate<'_>| {
            let mut excluded = placement::exclusions(wanted.spec, &wanted.intent, candidate);
            let far = near.iter().filter(|(_, nodes)| !nodes.contains(&candidate.node));
            excluded.extend(far.map(|(name, _)| Exclusion::Far((*name).clone())));
            let met = apart.iter().filter(|(_, node)| *node == candidate.node);
            excluded.extend(met.map(|(name, _)| Exclusion::Near(name.clone())));
            let group = self.place_of(wanted.spec, candidate);
            Place {
                node: candidate.node,
                excluded,
                beside: beside.get(&group).copied().unwrap_or(0),
                merit: self.merit(wanted, candidate),
                score: score(wanted.name.as_str(), candidate.node, candidate.weight()),
            }
        };
        self.candidates.iter().map(place).collect()
    }

    /// Agents that the agent keeps apart from, or that keep apart from it, and where they are.
    fn apart(&self, wanted: &Wanted<'_>) -> Vec<(Name, NodeId)> {
        let said = wanted.spec.placement.apart.iter();
        let by_others = self.relations.apart_from(&wanted.spec.name);
        let of_one = self.relations.apart_from(&wanted.name);
        let names: BTreeSet<&Name> = said.chain(by_others).chain(of_one).collect();
        let instances = names.into_iter().flat_map(|name| self.instances(name));
        instances
            .filter(|name| *name != wanted.name)
            .filter_map(|name| self.location(&name).map(|node| (name, node)))
            .collect()
    }

    /// How many other replicas of the agent are in each place.
    fn beside(&self, wanted: &Wanted<'_>) -> BTreeMap<Vec<u8>, u32> {
        let mut counts = BTreeMap::new();
        if wanted.spec.copies() == 1 {
            return counts;
        }
        for name in wanted.spec.instances().filter(|name| *name != wanted.name) {
            let node = self.location(&name).and_then(|node| self.candidate(node));
            if let Some(candidate) = node {
                *counts.entry(self.place_of(wanted.spec, candidate)).or_default() += 1;
            }
        }
        counts
    }

    /// What tells places apart for replicas: the node, or the value of a label.
    fn place_of(&self, spec: &AgentSpec, candidate: &Candidate<'_>) -> Vec<u8> {
        let Some(label) = &spec.placement.spread_by else { return candidate.node.0.to_vec() };
        let value = candidate.summary.and_then(|summary| summary.labels.get(label));
        value.map(|value| value.clone().into_bytes()).unwrap_or_default()
    }

    fn merit(&self, wanted: &Wanted<'_>, candidate: &Candidate<'_>) -> i64 {
        let node = candidate.node;
        match wanted.spec.placement.strategy {
            Strategy::Rendezvous | Strategy::Pinned => {
                i64::from(score(wanted.name.as_str(), node, candidate.weight()))
            }
            Strategy::LeastLoaded => {
                i64::from(candidate.idle_percent()) - i64::from(self.tally.guess_percent(node))
            }
            Strategy::Spread => {
                let agents = i64::from(candidate.agents) + i64::from(self.tally.count(node));
                // The share that one more agent would have of the node, a node's weight for each.
                i64::from(candidate.weight()) * 100_000 / (agents + 1)
            }
            Strategy::Random => 1,
            Strategy::Auction => {
                // Who asks for nothing is excluded.
                let ask = candidate.summary.and_then(|summary| summary.ask).map_or(0, Ask::get);
                let cpus = candidate.summary.map_or(1, |summary| summary.cpus.max(1));
                let since = i64::from(self.tally.guess_percent(node)) / i64::from(cpus);
                -(i64::from(ask) * (100 + since))
            }
        }
    }

    /// Where an agent should run; `steward`: whether this node may decide what takes a steward.
    #[must_use]
    pub fn choose(&self, wanted: &Wanted<'_>, steward: bool) -> Choice {
        let pin = wanted.intent.pin.and_then(|pin| self.candidate(pin));
        let relations = self.takes_steward(wanted.spec, &wanted.name);
        if let Some(chosen) = pin {
            let able = if relations {
                self.places(wanted).iter().any(|p| p.node == chosen.node && p.excluded.is_empty())
            } else {
                placement::exclusions(wanted.spec, &wanted.intent, chosen).is_empty()
            };
            if able {
                return Choice::Node(chosen.node);
            }
            if chosen.sight == Sight::Awaited {
                return Choice::Nowhere(Hold::Awaited(chosen.node));
            }
        }
        if wanted.spec.placement.strategy == Strategy::Pinned {
            let hold = wanted.intent.pin.map_or(Hold::NoPin, Hold::PinAway);
            return Choice::Nowhere(hold);
        }
        if relations {
            return self.assigned_or_picked(wanted, steward);
        }
        let wish = (&**wanted.spec, &wanted.intent);
        placement::highest(&wanted.name, wish, self.candidates)
            .map_or(Choice::Nowhere(Hold::Nowhere), Choice::Node)
    }

    fn assigned_or_picked(&self, wanted: &Wanted<'_>, steward: bool) -> Choice {
        let places = self.places(wanted);
        if let Some(node) = self.assignment(wanted) {
            if places.iter().any(|place| place.node == node && place.excluded.is_empty()) {
                return Choice::Node(node);
            }
            if self.candidate(node).is_some_and(|place| place.sight == Sight::Awaited) {
                return Choice::Nowhere(Hold::Awaited(node));
            }
        }
        let best = self.best(wanted.spec, &places);
        if best.is_empty() {
            return Choice::Nowhere(Hold::Nowhere);
        }
        match self.steward(wanted.name.namespace()) {
            Some(node) if node == self.me || steward => Choice::Assign(best),
            Some(node) => Choice::Nowhere(Hold::Steward(node)),
            None => Choice::Nowhere(Hold::Nowhere),
        }
    }

    /// The best of the places; several if chance has to decide.
    fn best(&self, spec: &AgentSpec, places: &[Place]) -> Vec<NodeId> {
        let room = |place: &&Place| {
            place.excluded.is_empty()
                && self.candidate(place.node).is_some_and(|candidate| {
                    let most = candidate.summary.map_or(0, |summary| summary.max_agents);
                    candidate.agents.saturating_add(self.tally.count(place.node)) < most
                })
        };
        let able: Vec<&Place> = places.iter().filter(room).collect();
        let least = able.iter().map(|place| place.beside).min();
        let able = able.into_iter().filter(|place| Some(place.beside) == least);
        if spec.placement.strategy == Strategy::Random {
            return able.map(|place| place.node).collect();
        }
        let best = able.min_by_key(|place| Reverse((place.merit, place.score, place.node)));
        best.map(|place| place.node).into_iter().collect()
    }
}
