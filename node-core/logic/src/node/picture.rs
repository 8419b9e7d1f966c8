//! What people see of a node, worked out when they look.

use std::collections::BTreeMap;

use crate::{
    agent::{AgentSpec, Intent, Phase, Runtime, SpecFile},
    certificate::Role,
    event::EventRecord,
    ids::{Name, NodeId},
    membership::PeerState,
    moving::{PlanView, PlannedMove, even_out, plan_view, scheduling_view},
    node::{
        AgentView, CandidateView, LinkView, Node, NodeState, NodeView, ProblemView, StatusView,
        machine::tables,
    },
    pairing::PairingView,
    registry::Registry,
    replica::{Digest, Shared, SharedKey},
    supervision::{Tables, candidates, placement, summary_of, wanted},
};

impl Node {
    /// Names and their owners.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What this node holds, in short: equal on two nodes that hold the same.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.replica.digest(self.events.counts())
    }

    /// The newest events of all nodes, oldest first.
    pub fn recent_events(&self) -> impl DoubleEndedIterator<Item = &std::sync::Arc<EventRecord>> {
        self.events.recent()
    }

    /// Pairing.
    #[must_use]
    pub fn pairing(&self) -> PairingView {
        self.pairing.view()
    }

    /// This node and its cluster.
    #[must_use]
    pub fn status(&self) -> StatusView {
        let nodes = self.nodes();
        let agents = self.agents();
        let alive: Vec<&NodeView> = nodes
            .iter()
            .filter(|node| matches!(node.state, NodeState::Alive | NodeState::Suspect))
            .collect();
        let equal = alive.iter().filter(|node| node.this || self.replica.is_equal(node.id)).count();
        StatusView {
            node: self.me,
            name: self.profile.name.clone(),
            cluster: self.cluster(),
            cluster_name: self.profile.cluster_name.clone(),
            role: self.roster.role(self.me).unwrap_or(Role::Observer),
            version: self.machine.version.clone(),
            nodes_alive: count(alive.len()),
            nodes_known: count(nodes.len()),
            agents_running: count(
                agents.iter().filter(|agent| agent.phase == Some(Phase::Running)).count(),
            ),
            agents_known: count(agents.len()),
            converged: count(equal),
            messages_per_s: alive.iter().map(|node| node.messages_per_s).sum(),
            writable: self.read_only.is_none(),
            problems: self.problems(&nodes, &agents),
        }
    }

    /// Every member, in order of its id.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeView> {
        let mut agents: BTreeMap<NodeId, u32> = BTreeMap::new();
        for (_, owner) in self.registry.owners().filter(|(_, owner)| owner.epoch != crate::Epoch(0))
        {
            *agents.entry(owner.node).or_default() += 1;
        }
        self.roster
            .iter()
            .map(|(node, role)| self.node_view(node, role, agents.get(&node).copied().unwrap_or(0)))
            .collect()
    }

    fn node_view(&self, id: NodeId, role: Role, agents: u32) -> NodeView {
        let summary = summary_of(&self.replica, id).cloned();
        let this = id == self.me;
        let peer = self.membership.peer(id);
        let state = match self.membership.state(id) {
            PeerState::Unseen => NodeState::Unseen,
            PeerState::Alive => NodeState::Alive,
            PeerState::Suspect => NodeState::Suspect,
            PeerState::Down => NodeState::Down,
            PeerState::Left => NodeState::Left,
        };
        let link = peer.filter(|peer| peer.connected).map(|peer| LinkView {
            rtt_us: peer
                .round_trip()
                .map_or(0, |span| u32::try_from(span.as_micros()).unwrap_or(u32::MAX)),
            silence_ms: u32::try_from(peer.phi.silence(self.now.at).as_millis())
                .unwrap_or(u32::MAX),
            converged: self.replica.is_equal(id),
        });
        let load = summary.as_ref().map(|summary| summary.load).unwrap_or_default();
        let known = summary.is_some();
        let summary = summary.unwrap_or_else(|| crate::replica::Summary::unheard(id));
        NodeView {
            id,
            name: summary.name,
            this,
            role,
            state,
            since: peer.map_or(self.started, |peer| peer.since),
            version: summary.version,
            os: summary.os,
            arch: summary.arch,
            cpus: summary.cpus,
            memory_mib: summary.memory_mib,
            cpu_percent: load.cpu_percent,
            used_mib: load.used_mib,
            messages_per_s: load.messages_per_s,
            agents,
            labels: summary.labels,
            programs: summary.programs,
            scheduling: scheduling_view(id, self.tables()),
            addresses: summary.addresses,
            started: known.then_some(summary.started),
            link,
        }
    }

    /// Every agent that is wanted or known, in order of its name.
    #[must_use]
    pub fn agents(&self) -> Vec<AgentView> {
        self.replica
            .shared()
            .iter()
            .filter_map(|(key, value)| match (key, value) {
                (SharedKey::Spec(name), Shared::Spec(spec)) => {
                    let (_, intent) = wanted(&self.replica, name)?;
                    Some(self.agent_view(spec, intent))
                }
                _ => None,
            })
            .collect()
    }

    /// One agent; nothing if there is none of the name.
    #[must_use]
    pub fn agent(&self, name: &Name) -> Option<AgentView> {
        let (spec, intent) = wanted(&self.replica, name)?;
        Some(self.agent_view(spec, intent))
    }

    fn agent_view(&self, spec: &AgentSpec, intent: &Intent) -> AgentView {
        let holder = self.supervision.holder(&spec.name, self.tables());
        let status = holder.map(|(_, status)| status);
        AgentView {
            id: spec.name.clone(),
            runtime: without_contents(&spec.runtime),
            capabilities: spec.capabilities.clone(),
            restart: spec.restart,
            wanted: intent.run,
            phase: status.map(|status| status.phase),
            since: status.map(|status| status.since),
            node: holder.map(|(node, _)| node),
            moving_to: self.supervision.arrives_at(&spec.name, self.tables()),
            pin: intent.pin,
            owner: intent.owner,
            restarts: status.map_or(0, |status| status.restarts),
            last_exit: status.and_then(|status| status.last_exit.clone()),
        }
    }

    /// Every member as a place for an agent, the best first; nothing if there is no such agent.
    #[must_use]
    pub fn explain(&self, name: &Name) -> Option<Vec<CandidateView>> {
        let (spec, intent) = wanted(&self.replica, name)?;
        let holder = self.supervision.holder(name, self.tables()).map(|(node, _)| node);
        let mut views: Vec<CandidateView> = candidates(self.tables())
            .iter()
            .map(|candidate| {
                let excluded: Vec<String> = placement::exclusions(spec, intent, candidate)
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                let score = excluded.is_empty().then(|| placement::score(name, candidate.node));
                let unheard = || candidate.node.short();
                CandidateView {
                    node: candidate.node,
                    name: candidate.summary.map_or_else(unheard, |summary| summary.name.clone()),
                    score,
                    excluded,
                    holds: holder == Some(candidate.node),
                }
            })
            .collect();
        views.sort_by_key(|view| std::cmp::Reverse((view.score, view.node)));
        Some(views)
    }

    /// The moves that would even the cluster out.
    #[must_use]
    pub fn preview_rebalance(&self) -> Vec<PlannedMove> {
        even_out(self.tables())
    }

    /// The planned moves, and how far they are; nothing if there never were any.
    #[must_use]
    pub fn rebalance(&self) -> Option<PlanView> {
        plan_view(&self.supervision, self.tables())
    }

    /// The copy of an agent's state that this node keeps.
    #[must_use]
    pub fn kept(&self, name: &Name) -> Option<crate::moving::Kept> {
        self.moving.copy(name)
    }

    fn problems(&self, nodes: &[NodeView], agents: &[AgentView]) -> Vec<ProblemView> {
        let mut problems = Vec::new();
        if let Some(reason) = &self.read_only {
            problems.push(ProblemView::ReadOnly { reason: reason.clone() });
        }
        let tables = self.tables();
        let places = candidates(tables);
        for agent in agents {
            let name = agent.id.clone();
            match (agent.phase, agent.node) {
                (Some(Phase::Failed), Some(node)) => {
                    problems.push(ProblemView::AgentFailed { name, node });
                }
                (None, _) if agent.wanted => {
                    let chosen = wanted(&self.replica, &name)
                        .and_then(|(spec, intent)| placement::choose(spec, intent, &places));
                    if chosen.is_none() {
                        problems.push(ProblemView::AgentUnplaced { name });
                    }
                }
                _ => {}
            }
        }
        for node in nodes.iter().filter(|node| node.state == NodeState::Down) {
            let NodeView { id, name, since, .. } = node.clone();
            problems.push(ProblemView::NodeDown { node: id, name, since });
        }
        for node in nodes.iter().filter(|node| self.ahead.contains(&node.id)) {
            problems.push(ProblemView::ClockAhead { node: node.id, name: node.name.clone() });
        }
        let admins = nodes.iter().filter(|node| node.role == Role::Admin).count();
        if nodes.len() > 1 && admins == 1 {
            problems.push(ProblemView::OneAdmin);
        }
        problems
    }

    pub(super) fn tables(&self) -> Tables<'_> {
        tables!(self)
    }
}

/// A runtime for show: files are named, their contents stay where they are.
fn without_contents(runtime: &Runtime) -> Runtime {
    match runtime {
        Runtime::Builtin { agent } => Runtime::Builtin { agent: *agent },
        Runtime::Process { command, env, files } => Runtime::Process {
            command: command.clone(),
            env: env.clone(),
            files: files
                .iter()
                .map(|file| SpecFile {
                    path: file.path.clone(),
                    contents: std::sync::Arc::from([]),
                    executable: file.executable,
                })
                .collect(),
        },
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
