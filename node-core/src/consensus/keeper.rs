//! Who votes: founds the group, lets members in, and keeps as many voters as the cluster is large.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Weak},
    time::Duration,
};

use covey_logic::{
    NodeId,
    agreed::Agreed,
    certificate::Role,
    coordination::{Act, Holder, Lease},
    supervision::placement::steward,
};
use openraft::{ChangeMembers, ServerState};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior},
};

use super::{
    copies::matched,
    group::{Group, leader_of},
    packet::{Answer, Question},
    state::End,
    types::{Metrics, Peer, RaftId},
};

/// What a node knows of its cluster that its group must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Every member with its role, this node with them.
    pub members: BTreeMap<NodeId, Role>,
    /// Those that are up, this node left out.
    pub alive: BTreeSet<NodeId>,
    /// Whether this node founded the cluster.
    pub founder: bool,
    /// Whether this node knows what the others hold.
    pub notes: Notes,
    /// Which of the cluster's groups is its group.
    pub lineage: u64,
}

impl Surroundings {
    /// Whether the node `me` is who does what one member should do, by the name of it: of the members
    /// that are up, observers left out. Never as long as it does not know what the others hold.
    #[must_use]
    pub fn is_steward(&self, me: NodeId, key: &str) -> bool {
        let up = |node: &NodeId| *node == me || self.alive.contains(node);
        let able = self.members.iter().filter(|(node, role)| up(node) && **role != Role::Observer);
        self.notes == Notes::Compared && steward(key, able.map(|(node, _)| *node)) == Some(me)
    }
}

/// Whether a node knows what the others hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notes {
    /// It does, or they had time enough to say so.
    #[default]
    Compared,
    /// It started, and has not heard them: one that decides alone may have been replaced while it was
    /// away.
    Starting,
    /// It slept, and still compares notes.
    Waking,
}

/// How long one must have been there, or away, for the voters to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// How long a learner must be up and have everything before it may vote.
    pub probation: Duration,
    /// How long a voter must be away before another takes its place.
    pub absence: Duration,
}

impl Default for Thresholds {
    /// Half a minute, longer than a restart, and a minute.
    fn default() -> Self {
        Self { probation: Duration::from_secs(30), absence: Duration::from_secs(60) }
    }
}

/// Looks after one group until it is closed.
#[derive(Debug)]
pub(super) struct Keeper {
    group: Weak<Group>,
    thresholds: watch::Receiver<Thresholds>,
    /// Since when a member is up and has everything.
    healthy: BTreeMap<RaftId, Instant>,
    /// Since when a member is not up.
    missing: BTreeMap<RaftId, Instant>,
    /// The entry as of which they were looked at.
    looked_at: u64,
    /// Whether what this node waited for in an earlier life was given up.
    awake: bool,
    /// The number that each node says it has.
    numbers: BTreeMap<NodeId, RaftId>,
    /// Who led last, as far as was told.
    leader: Option<RaftId>,
    /// When nodes outside are asked again, and when all are.
    ask_at: (Instant, Instant),
}

/// How many voters a cluster of so many members has: enough to lose one of three and two of five,
/// and no more, because each is a disk to wait for.
pub(super) fn voters_for(members: usize) -> usize {
    match members {
        0..=2 => 1,
        3 | 4 => 3,
        _ => 5,
    }
}

impl Keeper {
    const INTERVAL: Duration = Duration::from_millis(100);
    /// Between two rounds of questions to nodes that are not in the group, and to all: one whose
    /// file was lost answers to another number.
    const ASK_INTERVAL: Duration = Duration::from_millis(500);
    const ASK_ALL_INTERVAL: Duration = Duration::from_secs(5);
    const ASK_TIMEOUT: Duration = Duration::from_secs(1);
    /// Entries that one may be behind and have everything: what is on its way.
    pub(super) const BEHIND: u64 = 100;
    /// How long one must be down for those who wait there to be given up: a leader that begins may
    /// not have seen everyone yet.
    const GONE: Duration = Duration::from_secs(2);
    /// How long a change of the members may take.
    const CHANGE_TIMEOUT: Duration = Duration::from_secs(10);

    pub(super) fn new(group: &Arc<Group>, thresholds: watch::Receiver<Thresholds>) -> Self {
        let (healthy, missing, numbers, leader, looked_at, awake) = Default::default();
        let ask_at = (Instant::now(), Instant::now());
        Self {
            group: Arc::downgrade(group),
            thresholds,
            healthy,
            missing,
            looked_at,
            awake,
            numbers,
            leader,
            ask_at,
        }
    }

    pub(super) async fn run(mut self) {
        let mut tick = tokio::time::interval(Self::INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let Some(group) = self.group.upgrade() else { return };
            let metrics = group.raft.metrics().borrow().clone();
            if metrics.running_state.is_err() {
                return;
            }
            self.look(&group, &metrics).await;
        }
    }

    async fn look(&mut self, group: &Group, metrics: &Metrics) {
        if metrics.current_leader != self.leader {
            self.leader = metrics.current_leader;
            let leader = leader_of(metrics).map(|(_, node)| node);
            tracing::info!(?leader, term = metrics.current_term, "leader of the group changed");
        }
        let alone = metrics.membership_config.membership().voter_ids().count() == 1;
        let knows = match group.around.borrow().notes {
            Notes::Compared => true,
            Notes::Starting => !alone,
            Notes::Waking => false,
        };
        group.raft.runtime_config().elect(knows && group.quorum(metrics).holds());
        Self::shorten(group, metrics).await;
        self.watch_leases(group);
        self.wake(group, metrics).await;
        if metrics.membership_config.membership().voter_ids().next().is_none() {
            self.found(group).await;
        } else if metrics.state == ServerState::Leader {
            Self::expire(group).await;
            self.judge(group, metrics);
            self.dismiss(group, metrics).await;
            if let Some(change) = self.change(group, metrics).await {
                tracing::info!(?change, "changing the members of the group");
                let changed = group.raft.change_membership(change, true);
                match tokio::time::timeout(Self::CHANGE_TIMEOUT, changed).await {
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => tracing::debug!(%error, "members not changed"),
                    Err(_) => tracing::debug!("members not changed in time"),
                }
            }
        } else {
            self.healthy.clear();
            self.missing.clear();
            self.look_for_voters(group, metrics).await;
        }
    }

    /// Asks the voters in sight whether they are there: one whose disk was emptied is another by now,
    /// and counts for no majority. The leader finds that out by itself.
    async fn look_for_voters(&mut self, group: &Group, metrics: &Metrics) {
        let doubtful = metrics.current_leader.is_none() || group.calls.any_replaced();
        let all = self.ask_at.1 <= Instant::now();
        if !(all || doubtful && self.asks()) {
            return;
        }
        self.ask_at.1 = Instant::now() + Self::ASK_ALL_INTERVAL;
        let members = metrics.membership_config.membership();
        let voters = members.voter_ids().filter_map(|id| Some((id, members.get_node(&id)?.node())));
        let alive = group.around.borrow().alive.clone();
        let asked = voters
            .filter(|(_, node)| alive.contains(node))
            .map(|(id, node)| group.calls.ask((node, Some(id)), Question::Who, Self::ASK_TIMEOUT));
        // What they say is noted where they are asked.
        drop(futures::future::join_all(asked).await);
    }

    /// Leaves out the start of a log that is too long: up to the snapshot, and if nothing before that
    /// is left, up to the next, which this asks for.
    async fn shorten(group: &Group, metrics: &Metrics) {
        if group.log.bytes() <= Group::LOG_BYTES {
            return;
        }
        let trigger = group.raft.trigger();
        let asked = match metrics.snapshot {
            Some(at) if metrics.purged < Some(at) => trigger.purge_log(at.index).await,
            Some(_) | None => trigger.snapshot().await,
        };
        if let Err(error) = asked {
            tracing::debug!(%error, "the log was not shortened");
        }
    }

    /// Founds the group, if this node founded the cluster and nobody else has the group already.
    async fn found(&mut self, group: &Group) {
        let around = group.around.borrow().clone();
        let others: Vec<NodeId> =
            around.members.keys().copied().filter(|node| *node != group.me).collect();
        let all_up = others.iter().all(|node| around.alive.contains(node));
        if !around.founder || !all_up || !self.asks() {
            return;
        }
        for node in others {
            match group.calls.ask((node, None), Question::Who, Self::ASK_TIMEOUT).await {
                Ok(Answer::Who { founded: false, .. }) => {}
                Ok(_) | Err(_) => return,
            }
        }
        let founder = BTreeMap::from([(group.id, Peer::from(group.me))]);
        match group.raft.initialize(founder).await {
            Ok(()) => tracing::info!(cluster = ?group.cluster(), "group founded"),
            Err(error) => tracing::debug!(%error, "group not founded"),
        }
    }

    fn asks(&mut self) -> bool {
        let now = Instant::now();
        let due = self.ask_at.0 <= now;
        if due {
            self.ask_at.0 = now + Self::ASK_INTERVAL;
        }
        due
    }

    /// Notes who has been up with everything, and who has been away, for how long.
    fn judge(&mut self, group: &Group, metrics: &Metrics) {
        let now = Instant::now();
        let around = group.around.borrow();
        let last = metrics.last_log_index.unwrap_or(0);
        let mut there = BTreeSet::new();
        for (id, peer) in metrics.membership_config.membership().nodes() {
            there.insert(*id);
            let up = *id == group.id || around.alive.contains(&peer.node());
            if up {
                self.missing.remove(id);
            } else {
                self.missing.entry(*id).or_insert(now);
            }
            if *id == group.id || up && matched(metrics, *id) + Self::BEHIND >= last {
                self.healthy.entry(*id).or_insert(now);
            } else {
                self.healthy.remove(id);
            }
        }
        self.healthy.retain(|id, _| there.contains(id));
        self.missing.retain(|id, _| there.contains(id));
    }

    /// The one change that is due, if one is.
    async fn change(
        &mut self,
        group: &Group,
        metrics: &Metrics,
    ) -> Option<ChangeMembers<RaftId, Peer>> {
        let members = metrics.membership_config.membership();
        // Whoever led when the voters were changed got no further than half of it.
        if let [_, .., wanted] = members.get_joint_config().as_slice() {
            return Some(ChangeMembers::ReplaceAllVoters(wanted.clone()));
        }
        let around = group.around.borrow().clone();
        let voters: BTreeSet<RaftId> = members.voter_ids().collect();
        let nodes: BTreeMap<RaftId, NodeId> =
            members.nodes().map(|(id, peer)| (*id, peer.node())).collect();
        if self.asks()
            && let Some(newcomer) = self.newcomer(group, &nodes).await
        {
            return Some(ChangeMembers::AddNodes(BTreeMap::from([newcomer])));
        }
        // Not in the cluster any more, or its file is lost and it has another number.
        let gone = |id: &RaftId| {
            nodes.get(id).is_none_or(|node| {
                let renumbered = self.numbers.get(node).is_some_and(|number| number != id);
                !around.members.contains_key(node) || renumbered
            })
        };
        let strangers: BTreeSet<RaftId> =
            nodes.keys().filter(|id| gone(id) && !voters.contains(id)).copied().collect();
        if !strangers.is_empty() {
            return Some(ChangeMembers::RemoveNodes(strangers));
        }
        let now = Instant::now();
        let Thresholds { probation, absence } = *self.thresholds.borrow();
        let since = |times: &BTreeMap<RaftId, Instant>, id: &RaftId, span| {
            times.get(id).is_some_and(|at| now.duration_since(*at) >= span)
        };
        let mut spares: Vec<RaftId> = nodes
            .keys()
            .filter(|id| !voters.contains(id) && since(&self.healthy, id, probation))
            .copied()
            .collect();
        // Who has been up longest first.
        spares.sort_by_key(|id| self.healthy.get(id).copied());
        let lost = voters.iter().find(|id| gone(id) || since(&self.missing, id, absence)).copied();
        let wanted = voters_for(around.members.len());
        let mut chosen = voters.clone();
        match (lost, spares.first()) {
            (Some(lost), Some(spare)) => {
                chosen.remove(&lost);
                chosen.insert(*spare);
            }
            // A voter that left the cluster need not be waited for.
            (Some(lost), None) if gone(&lost) && voters.len() > 1 => {
                chosen.remove(&lost);
            }
            // With four members, three vote: an even number bears no more losses.
            (None, Some(_)) if voters.len() < wanted && voters.len() + spares.len() >= wanted => {
                chosen.extend(spares.iter().take(wanted - voters.len()));
            }
            (None, _) if voters.len() > wanted => {
                let last = voters.iter().rev().find(|id| **id != group.id)?;
                chosen.remove(last);
            }
            _ => {}
        }
        (chosen != voters).then_some(ChangeMembers::ReplaceAllVoters(chosen))
    }

    /// A node that is up and not in the group: it will be a learner.
    async fn newcomer(
        &mut self,
        group: &Group,
        nodes: &BTreeMap<RaftId, NodeId>,
    ) -> Option<(RaftId, Peer)> {
        let now = Instant::now();
        let all = self.ask_at.1 <= now;
        if all {
            self.ask_at.1 = now + Self::ASK_ALL_INTERVAL;
        }
        let known: BTreeSet<NodeId> = nodes.values().copied().collect();
        let alive = group.around.borrow().alive.clone();
        for node in alive.into_iter().filter(|node| all || !known.contains(node)) {
            let answer = group.calls.ask((node, None), Question::Who, Self::ASK_TIMEOUT).await;
            let Ok(Answer::Who { id, .. }) = answer else { continue };
            self.numbers.insert(node, id);
            if !nodes.contains_key(&id) {
                return Some((id, Peer::from(node)));
            }
        }
        None
    }

    /// Notes when each lease began, by this node's monotonic clock: a new leader goes on from what
    /// it saw as a follower, which is later than what the old one saw, never earlier.
    fn watch_leases(&mut self, group: &Group) {
        let revision = *group.revision().borrow();
        if revision == self.looked_at {
            return;
        }
        self.looked_at = revision;
        let now = Instant::now();
        let (running, _) =
            group.look_here(|agreed| agreed.coordination().leases().collect::<BTreeMap<_, _>>());
        let mut leases = group.leases();
        leases.retain(|lease, _| running.contains_key(lease));
        for (lease, span) in running {
            leases.entry(lease).or_insert((now, span));
        }
    }

    /// Gives up what this node waited for in an earlier life, once, when the group has a leader.
    async fn wake(&mut self, group: &Group, metrics: &Metrics) {
        let End { index, revision: before } = group.began;
        if self.awake || metrics.current_leader.is_none() || group.applied() < index {
            return;
        }
        let waits = |holder: &Holder, since| holder.node == group.me && since <= before;
        self.awake =
            !waiting(group, waits).contains(&group.me) || depart(group, group.me, before).await;
    }

    /// Says whose nodes are gone, that wait for something.
    async fn dismiss(&self, group: &Group, metrics: &Metrics) {
        let now = Instant::now();
        let away =
            |id| self.missing.get(id).is_some_and(|since| now.duration_since(*since) >= Self::GONE);
        let members = metrics.membership_config.membership().nodes();
        let there = members.filter(|(id, _)| !away(*id)).map(|(_, peer)| peer.node());
        let there: BTreeSet<NodeId> = there.chain([group.me]).collect();
        let before = *group.revision().borrow();
        for node in waiting(group, |holder, _| !there.contains(&holder.node)) {
            depart(group, node, before).await;
        }
    }

    /// Says which leases ended.
    async fn expire(group: &Group) {
        let now = Instant::now();
        let ended = |(_, (since, span)): &(&Lease, &(Instant, Duration))| {
            now.duration_since(*since) >= *span
        };
        let over: Vec<Lease> =
            group.leases().iter().filter(ended).map(|(lease, _)| lease.clone()).collect();
        for Lease { place, token, renewed } in over {
            let act = Act::Expire { place, token, renewed };
            if let Err(error) = group.propose(act, None, Self::ASK_TIMEOUT).await {
                tracing::debug!(%error, "the end of a lease was not said");
            }
        }
    }
}

/// The nodes of those who wait for something, of whom `which` is true.
fn waiting(group: &Group, which: impl Fn(&Holder, u64) -> bool) -> BTreeSet<NodeId> {
    let look = |agreed: &Agreed| {
        let waiting =
            agreed.coordination().waiting().filter(|(holder, since)| which(holder, *since));
        waiting.map(|(holder, _)| holder.node).collect()
    };
    group.look_here(look).0
}

/// Has the group know that a node waits no more for what it waited for; whether it does.
async fn depart(group: &Group, node: NodeId, before: u64) -> bool {
    let departed = group.propose(Act::Depart { node, before }, None, Keeper::ASK_TIMEOUT).await;
    if let Err(error) = &departed {
        tracing::debug!(%error, ?node, "the end of a wait was not said");
    }
    departed.is_ok()
}
