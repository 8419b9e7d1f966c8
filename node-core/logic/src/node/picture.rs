//! What people see of a node, worked out when they look.

use std::collections::BTreeSet;

use crate::{
    agent::{Phase, Runtime, SpecFile},
    certificate::Role,
    economics::rent::Tenants,
    event::EventRecord,
    event_store::{Lag, Retention},
    ids::{Name, NodeId},
    membership::PeerState,
    moving::{PlanView, PlannedMove, even_out, plan_view, scheduling_view},
    node::{
        AgentView, CandidateView, LinkView, Node, NodeState, NodeView, PlacementView, ProblemView,
        RefugeView, SeenView, StatusView, machine::tables,
    },
    pairing::PairingView,
    registry::{NamespaceView, Registry},
    replica::{Digest, DiskState, Presence, PresenceKey, Shared, SharedKey, shared::SharedValues},
    supervision::{
        Choice, Hold, Place, Refuge, Scene, Tables, Wanted, placement::Candidate, summary_of,
        wanted,
    },
};

impl Node {
    /// Names and their owners.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Every namespace that has a name or a backend of its own.
    #[must_use]
    pub fn namespaces(&self) -> Vec<NamespaceView> {
        self.registry.namespaces(&self.replica)
    }

    /// What this node holds, in short: equal on two nodes that hold the same.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.replica.digest(self.events.extents())
    }

    /// The shared values it holds.
    #[must_use]
    pub fn shared(&self) -> &SharedValues {
        self.replica.shared()
    }

    /// One word that is equal on two nodes that hold the same: the hash they compare.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.replica.hash(self.events.extents())
    }

    /// Members that are alive or merely suspected, this node counted.
    #[must_use]
    pub fn present(&self) -> usize {
        self.roster.iter().filter(|(node, _)| self.membership.is_present(*node)).count()
    }

    /// Every member of the cluster with its role and how it is seen, this node with them.
    pub fn members(&self) -> impl Iterator<Item = (NodeId, Role, PeerState)> {
        self.roster.iter().map(|(node, role)| (node, role, self.membership.state(node)))
    }

    /// Whether this node founded its cluster.
    #[must_use]
    pub fn is_founder(&self) -> bool {
        self.profile.certificate.issuers().next().is_none()
    }

    /// Whether this node has heard what the others hold since it started, or waited for it long enough.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.supervision.is_settled()
    }

    /// Which of the cluster's groups is its group: nought is the first.
    #[must_use]
    pub fn lineage(&self) -> u64 {
        match self.replica.shared().get(&SharedKey::Lineage) {
            Some(Shared::Lineage(lineage)) => *lineage,
            Some(_) | None => 0,
        }
    }

    /// Whether this node slept, and still compares notes.
    #[must_use]
    pub fn is_waking(&self) -> bool {
        self.membership.is_waking(self.me)
    }

    /// The newest events of all nodes, oldest first.
    pub fn recent_events(&self) -> impl DoubleEndedIterator<Item = &std::sync::Arc<EventRecord>> {
        self.events.recent()
    }

    /// How far each other member is behind this node's events.
    #[must_use]
    pub fn event_lags(&self) -> Vec<Lag> {
        self.events.lags(self.roster.iter().map(|(node, _)| node))
    }

    /// How long this node keeps events.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.events.retention()
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
            .filter(|node| {
                matches!(node.state, NodeState::Alive | NodeState::Suspect | NodeState::Waking)
            })
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
        let agents = |node| self.registry.index().agents_on(node);
        self.roster.iter().map(|(node, role)| self.node_view(node, role, agents(node))).collect()
    }

    fn node_view(&self, id: NodeId, role: Role, agents: u32) -> NodeView {
        let summary = summary_of(&self.replica, id).cloned();
        let this = id == self.me;
        let peer = self.membership.peer(id);
        let judged = self.membership.state(id);
        let waking = judged == PeerState::Alive && self.membership.is_waking(id);
        let state = if waking { NodeState::Waking } else { shown(judged) };
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
            ask: summary.ask,
            disk: summary.disk,
            labels: summary.labels,
            programs: summary.programs,
            scheduling: scheduling_view(id, self.tables()),
            addresses: summary.addresses,
            started: known.then_some(summary.started),
            link,
            seen_by: self.seen_otherwise(id, judged),
        }
    }

    /// The present members that see `id` otherwise than this node, which sees it as `judged`.
    fn seen_otherwise(&self, id: NodeId, judged: PeerState) -> Vec<SeenView> {
        let others = self.roster.iter().map(|(node, _)| node);
        others
            .filter(|node| *node != self.me && *node != id && self.membership.is_present(*node))
            .filter_map(|node| {
                let state = match self.replica.presence(node, &PresenceKey::Views) {
                    Some(Presence::Views(views)) => views.get(&id).copied(),
                    Some(_) | None => None,
                };
                let state = state.unwrap_or(PeerState::Alive);
                (state != judged).then(|| SeenView { node, state: shown(state) })
            })
            .collect()
    }

    /// Every agent that is wanted or known, in order of the names of their specifications; replicas
    /// stand for themselves.
    #[must_use]
    pub fn agents(&self) -> Vec<AgentView> {
        let candidates = self.supervision.candidates(self.tables());
        let scene = self.supervision.scene(self.tables(), &candidates);
        let specs = self.replica.shared().iter().filter_map(|(_, value)| {
            if let Shared::Spec(spec) = value { Some(spec) } else { None }
        });
        specs
            .flat_map(|spec| spec.instances())
            .filter_map(|name| Some(self.agent_view(&wanted(&self.replica, &name)?, scene)))
            .collect()
    }

    /// One agent; nothing if there is none of the name.
    #[must_use]
    pub fn agent(&self, name: &Name) -> Option<AgentView> {
        let wanted = wanted(&self.replica, name)?;
        let candidates = self.supervision.candidates(self.tables());
        Some(self.agent_view(&wanted, self.supervision.scene(self.tables(), &candidates)))
    }

    fn agent_view(&self, wanted: &Wanted<'_>, scene: Scene<'_>) -> AgentView {
        let Wanted { name, spec, intent } = wanted;
        let holder = scene.holder(name);
        let status = holder.map(|(_, status)| status);
        let holds = scene.waits(wanted, self.supervision.places(self.tables()));
        AgentView {
            id: name.clone(),
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
            rent: scene.rented.get(name).map(|site| site.price),
            last_exit: status.and_then(|status| status.last_exit.clone()),
            replica_of: (spec.name != *name).then(|| spec.name.clone()),
            waiting: holds.iter().map(|hold| scene.sentence(hold)).collect(),
        }
    }

    /// What the steward of rents sees of the agents that these orders are for; nothing while this node
    /// has not heard the others: what it does not see may run all the same.
    #[must_use]
    pub fn tenants(&self, orders: &BTreeSet<Name>) -> Option<Tenants> {
        let places = self.supervision.places(self.tables());
        let candidates = self.supervision.candidates(self.tables());
        places.then(|| self.supervision.scene(self.tables(), &candidates).tenants(orders))
    }

    /// Why an agent is where it is, or nowhere; nothing if there is no such agent.
    #[must_use]
    pub fn explain(&self, name: &Name) -> Option<PlacementView> {
        let wanted = wanted(&self.replica, name)?;
        let candidates = self.supervision.candidates(self.tables());
        let scene = self.supervision.scene(self.tables(), &candidates);
        let explanation = scene.explain(&wanted, self.supervision.places(self.tables()));
        let holder = scene.holder(name).map(|(node, _)| node);
        let view = |place: Place| CandidateView {
            node: place.node,
            name: scene.candidate(place.node).map_or_else(String::new, Candidate::title),
            score: place
                .excluded
                .is_empty()
                .then(|| u32::try_from(place.merit.max(0)).unwrap_or(u32::MAX)),
            asks: scene.asks(&wanted, place.node),
            beside: place.beside,
            excluded: place.excluded.iter().map(ToString::to_string).collect(),
            holds: holder == Some(place.node),
        };
        Some(PlacementView {
            candidates: explanation.places.into_iter().map(view).collect(),
            waiting: explanation.holds.iter().map(|hold| scene.sentence(hold)).collect(),
        })
    }

    /// Where each agent of a node would go if the node were lost, in order of their names; nothing if
    /// it is no member.
    #[must_use]
    pub fn what_if_lost(&self, node: NodeId) -> Option<Vec<RefugeView>> {
        self.roster.role(node)?;
        let candidates = self.supervision.candidates(self.tables());
        let scene = self.supervision.scene(self.tables(), &candidates);
        let view = |refuge: Refuge| RefugeView {
            agent: refuge.name,
            to: refuge.to,
            waiting: refuge.holds.iter().map(|hold| scene.sentence(hold)).collect(),
        };
        Some(scene.refuges(node).into_iter().map(view).collect())
    }

    /// The moves that would even the cluster out.
    #[must_use]
    pub fn preview_rebalance(&self) -> Vec<PlannedMove> {
        even_out(crate::moving::Sight { tables: self.tables(), supervision: &self.supervision })
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
        let candidates = self.supervision.candidates(self.tables());
        let scene = self.supervision.scene(self.tables(), &candidates);
        for agent in agents {
            let name = agent.id.clone();
            match (agent.phase, agent.node) {
                (Some(Phase::Failed), Some(node)) => {
                    problems.push(ProblemView::AgentFailed { name, node });
                }
                (None, _) if agent.wanted => {
                    let choice =
                        wanted(&self.replica, &name).map(|wanted| scene.choose(&wanted, false));
                    let nowhere = Choice::Nowhere(Hold::Nowhere);
                    if choice == Some(nowhere) {
                        problems.push(ProblemView::AgentUnplaced { name });
                    }
                }
                _ => {}
            }
        }
        let ailing = |node: &&NodeView| {
            let present =
                matches!(node.state, NodeState::Alive | NodeState::Suspect | NodeState::Waking);
            present && !node.this && node.disk != DiskState::Sound
        };
        for node in nodes.iter().filter(ailing) {
            let NodeView { id, name, disk, .. } = node.clone();
            problems.push(ProblemView::NodeDisk { node: id, name, disk });
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

fn shown(state: PeerState) -> NodeState {
    match state {
        PeerState::Unseen => NodeState::Unseen,
        PeerState::Alive => NodeState::Alive,
        PeerState::Suspect => NodeState::Suspect,
        PeerState::Down => NodeState::Down,
        PeerState::Left => NodeState::Left,
        PeerState::Sleeping => NodeState::Sleeping,
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
