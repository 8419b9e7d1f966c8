//! The second copy of what one voter decides alone.
//!
//! In a cluster of two one votes, so that either may be away; what it acknowledged while the other was
//! there must outlive it, or a recovery by force would lose it.

use std::{collections::BTreeSet, time::Duration};

use tokio::{sync::watch, time::timeout};

use super::{
    keeper::Surroundings,
    types::{Metrics, Raft, RaftId},
};

/// Waits for the members that do not vote, where one voter decides alone.
#[derive(Debug)]
pub(super) struct Copies {
    metrics: watch::Receiver<Metrics>,
    around: watch::Receiver<Surroundings>,
    /// Those that were waited for in vain, and have not caught up since.
    late: BTreeSet<RaftId>,
}

impl Copies {
    /// A member that is in sight has so long to write what one voter has written: some times what a
    /// slow disk takes, and less than it takes to see that a machine is gone.
    const PATIENCE: Duration = Duration::from_secs(1);

    pub(super) fn new(raft: &Raft, around: watch::Receiver<Surroundings>) -> Self {
        Self { metrics: raft.metrics(), around, late: BTreeSet::new() }
    }

    /// Waits until the entry at `index` is on the disk of every other member in sight.
    pub(super) async fn made(&mut self, index: u64) {
        let Self { metrics, around, late } = self;
        let lacking = |metrics: &Metrics, late: &BTreeSet<RaftId>| {
            let members = metrics.membership_config.membership();
            if members.voter_ids().count() != 1 {
                return BTreeSet::new();
            }
            let around = around.borrow();
            let learners = members.learner_ids().filter(|id| {
                let node = members.get_node(id).map(|peer| peer.node());
                let there = node.is_some_and(|node| around.alive.contains(&node));
                there && !late.contains(id) && matched(metrics, *id) < index
            });
            learners.collect::<BTreeSet<RaftId>>()
        };
        {
            let metrics = metrics.borrow();
            let before = index.saturating_sub(1);
            late.retain(|id| matched(&metrics, *id) < before);
        }
        let whole = metrics.wait_for(|metrics| lacking(metrics, late).is_empty());
        if timeout(Self::PATIENCE, whole).await.is_err() {
            let missing = lacking(&metrics.borrow(), late);
            tracing::warn!(members = ?missing, "in sight, and does not write what is agreed on");
            late.extend(missing);
        }
    }
}

/// How much of the log a member has on its disk, as far as the leader knows.
pub(super) fn matched(metrics: &Metrics, member: RaftId) -> u64 {
    let at = metrics.replication.as_ref().and_then(|replication| *replication.get(&member)?);
    at.map_or(0, |at| at.index)
}
