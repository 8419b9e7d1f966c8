//! Leaving in good order: the vote goes to a spare, and the lead to another voter.
//!
//! openraft 0.9 has no transfer of leadership; this is that of Ongaro's dissertation (2014, section
//! 3.10) by other means. The leader takes no more wishes and falls silent; when its lease is over,
//! the voter that has most is told to stand.

use std::{collections::BTreeSet, sync::atomic::Ordering, time::Duration};

use covey_logic::NodeId;
use openraft::ChangeMembers;
use tokio::time::{Instant, sleep, timeout};

use super::{
    group::{Group, leader_of},
    keeper::Keeper,
    packet::{Answer, Question},
    types::{Metrics, RaftId},
};

impl Group {
    /// Between two looks at how far it is.
    const PAUSE: Duration = Duration::from_millis(50);
    /// How long a voter may take to say that it stands.
    const STAND_TIMEOUT: Duration = Duration::from_millis(200);

    /// Gives the vote and the lead up, if others can take them; returns when that is done, when
    /// nobody can, or at the end of `limit`.
    pub async fn leave(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            let metrics = self.raft.metrics().borrow().clone();
            let votes = voters(&metrics).contains(&self.id);
            // Without a majority nothing can be handed over, and nobody need wait for it.
            if metrics.running_state.is_err() || !votes || !self.quorum(&metrics).holds() {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match leader_of(&metrics) {
                Some((id, _)) if id == self.id => {
                    self.replace(self.id, left).await;
                    self.step_down(deadline).await;
                    return;
                }
                Some((id, node)) => {
                    let asked = self.calls.ask((node, Some(id)), Question::Leave, left);
                    if let Ok(Answer::Left) = asked.await {
                        return;
                    }
                }
                None => {}
            }
            sleep(Self::PAUSE).await;
        }
    }

    /// As the leader: a spare that has everything votes instead of one that leaves, if there is one.
    async fn replace(&self, leaver: RaftId, limit: Duration) {
        let metrics = self.raft.metrics().borrow().clone();
        let mut chosen = voters(&metrics);
        let Some(spare) = self.best(&metrics, |id| !chosen.contains(&id)) else { return };
        let replication = metrics.replication.as_ref();
        let held = replication.and_then(|held| *held.get(&spare)?).map_or(0, |at| at.index);
        let behind = held + Keeper::BEHIND < metrics.last_log_index.unwrap_or(0);
        if behind || !chosen.remove(&leaver) {
            return;
        }
        chosen.insert(spare);
        let change = ChangeMembers::ReplaceAllVoters(chosen);
        match timeout(limit, self.raft.change_membership(change, true)).await {
            Ok(Ok(_)) => tracing::info!(leaver, spare, "a spare votes for one that leaves"),
            Ok(Err(error)) => tracing::debug!(%error, "the vote was not given up"),
            Err(_) => tracing::debug!("the vote was not given up in time"),
        }
    }

    /// A member leaves: a spare votes instead, if there is one.
    pub(super) async fn let_leave(&self, from: NodeId) -> Answer {
        let metrics = self.raft.metrics().borrow().clone();
        if metrics.current_leader != Some(self.id) {
            return Answer::NotLeader;
        }
        let mut members = metrics.membership_config.membership().nodes();
        if let Some((leaver, _)) = members.find(|(_, peer)| peer.node() == from) {
            self.replace(*leaver, Self::ACK_TIMEOUT).await;
        }
        Answer::Left
    }

    /// Has another voter lead, if one is in sight.
    async fn step_down(&self, deadline: Instant) {
        let metrics = self.raft.metrics().borrow().clone();
        let votes = voters(&metrics);
        let Some(next) = self.best(&metrics, |id| votes.contains(&id) && id != self.id) else {
            return;
        };
        let peer = metrics.membership_config.membership().get_node(&next).copied();
        let Some(node) = peer.map(super::types::Peer::node) else { return };
        self.yields.store(true, Ordering::Relaxed);
        self.raft.runtime_config().heartbeat(false);
        // Until then nobody votes for another.
        sleep(Self::ELECTION.1 + Self::PAUSE).await;
        while Instant::now() < deadline {
            let leader = self.raft.metrics().borrow().current_leader;
            if leader.is_some_and(|leader| leader != self.id) {
                tracing::info!(leader = ?node, "another leads the group");
                return;
            }
            let asked = self.calls.ask((node, Some(next)), Question::Stand, Self::STAND_TIMEOUT);
            if let Err(error) = asked.await {
                tracing::debug!(%error, "the next leader does not stand");
            }
            sleep(Self::PAUSE).await;
        }
        self.raft.runtime_config().heartbeat(true);
        self.yields.store(false, Ordering::Relaxed);
    }

    /// The member in sight that has most of the log, of those that will do.
    fn best(&self, metrics: &Metrics, will_do: impl Fn(RaftId) -> bool) -> Option<RaftId> {
        let alive: BTreeSet<NodeId> = self.around.borrow().alive.clone();
        let replication = metrics.replication.as_ref()?;
        let members = metrics.membership_config.membership().nodes();
        members
            .filter(|(id, peer)| will_do(**id) && alive.contains(&peer.node()))
            .max_by_key(|(id, _)| replication.get(id).copied().flatten())
            .map(|(id, _)| *id)
    }
}

fn voters(metrics: &Metrics) -> BTreeSet<RaftId> {
    metrics.membership_config.membership().voter_ids().collect()
}
