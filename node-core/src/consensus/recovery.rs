//! Recovery by force: the group whose majority is lost for good is replaced by another, which begins
//! with what one member holds.
//!
//! Nothing of this is part of Raft: an admin decides that the lost voters do not count any more. What
//! they acknowledged and this member never got is lost. When they return they find that the cluster
//! has another group, set their part of the old one aside, and follow (ARCHITECTURE.md, Decisions).

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use covey_logic::{NodeId, agreed::Agreed, certificate::Role};
use openraft::{EntryPayload, Membership};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    disk::{Disk, Write},
    error::ConsensusError,
    group::Group,
    packet::{Answer, Question},
    types::{Batch, LogId, Peer, SnapshotMeta, Vote},
};

/// What a recovery by force on this node would keep, and what it may lose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Recovery {
    /// Voters in sight, this node counted if it is one.
    pub voters_seen: u32,
    /// How many it takes to agree.
    pub voters_needed: u32,
    /// The voters out of sight. What one of them acknowledged while this node was not connected to it
    /// is lost; so are changes made on their side since.
    #[ts(type = "string[]")]
    pub lost: Vec<NodeId>,
    /// How many changes this node holds: the new group begins with all of them.
    #[ts(type = "number")]
    pub revision: u64,
    /// How many of those this node does not know to be agreed on: they are kept, though whoever asked
    /// for them may have been told that their outcome is unknown.
    #[ts(type = "number")]
    pub unconfirmed: u64,
}

/// Why there is no recovery by force. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// There is nothing to recover.
    #[error("a majority of the voters is in sight, so there is nothing to recover")]
    Agrees,
    /// Ask on a node of an admin.
    #[error("the role of this node does not allow it")]
    Forbidden,
    /// This node was never let into the group.
    #[error("this node holds nothing of the group")]
    Outside,
    /// Recover there: less is lost.
    #[error("{node:?} holds more of the log")]
    Elsewhere {
        /// Which member.
        node: NodeId,
    },
    /// The new group could not be written.
    #[error(transparent)]
    Store(#[from] ConsensusError),
}

/// How long the others in sight have to say how much they hold.
const ASK_TIMEOUT: Duration = Duration::from_secs(2);

impl Group {
    /// What a recovery by force would keep and lose.
    ///
    /// # Errors
    ///
    /// See [`RecoveryError`]; not [`RecoveryError::Store`].
    pub async fn recovery(&self) -> Result<Recovery, RecoveryError> {
        let metrics = self.raft.metrics().borrow().clone();
        let quorum = self.quorum(&metrics);
        let members = metrics.membership_config.membership();
        if members.get_node(&self.id).is_none() {
            return Err(RecoveryError::Outside);
        }
        if quorum.holds() {
            return Err(RecoveryError::Agrees);
        }
        let alive = self.around.borrow().alive.clone();
        for (id, peer) in members.nodes().filter(|(_, peer)| alive.contains(&peer.node())) {
            let to = (peer.node(), Some(*id));
            if let Ok(Answer::Who { last, .. }) =
                self.calls.ask(to, Question::Who, ASK_TIMEOUT).await
                && last > self.log.last()
            {
                return Err(RecoveryError::Elsewhere { node: peer.node() });
            }
        }
        let voters = members.voter_ids().filter_map(|id| Some((id, members.get_node(&id)?.node())));
        let (agreed, unconfirmed) = self.held();
        let lost: BTreeSet<NodeId> =
            voters.filter(|(id, node)| !self.sees(*id, *node)).map(|(_, node)| node).collect();
        Ok(Recovery {
            voters_seen: quorum.have,
            voters_needed: quorum.need,
            lost: lost.into_iter().collect(),
            revision: agreed.revision(),
            unconfirmed,
        })
    }

    /// Everything this member holds, also what it does not know to be agreed on, and how many wishes
    /// those are.
    fn held(&self) -> (Agreed, u64) {
        let (mut agreed, applied) = self.state.copy();
        let before = agreed.revision();
        for entry in self.log.after(applied) {
            if let EntryPayload::Normal(Batch(wishes)) = entry.payload {
                for wish in wishes.iter() {
                    // What came of it is nobody's to hear.
                    drop(agreed.apply(wish.clone()));
                }
            }
        }
        let unconfirmed = agreed.revision() - before;
        (agreed, unconfirmed)
    }

    /// Writes what this member holds to a new store at `path`, as the beginning of another group, in
    /// which this node alone votes; gives how many wishes that are. The group at hand goes on until it
    /// is closed.
    ///
    /// # Errors
    ///
    /// See [`RecoveryError`].
    pub async fn recover(&self, path: &Path) -> Result<u64, RecoveryError> {
        self.recovery().await?;
        if self.around.borrow().members.get(&self.me) < Some(&Role::Admin) {
            return Err(RecoveryError::Forbidden);
        }
        let (mut agreed, _) = self.held();
        agreed.begin_lineage();
        let (term, index) = self.log.last();
        let last = LogId::new(openraft::CommittedLeaderId::new(term, self.id), index);
        begin(path, self.me, (&agreed, last)).await?;
        Ok(agreed.revision())
    }
}

/// Writes the beginning of a group in which nothing was agreed on yet and `me` alone votes to a new
/// store at `path`.
pub(super) async fn begin_empty(path: &Path, me: NodeId) -> Result<(), ConsensusError> {
    let mut agreed = Agreed::default();
    agreed.begin_lineage();
    let first = LogId::new(openraft::CommittedLeaderId::new(0, 0), 0);
    begin(path, me, (&agreed, first)).await
}

/// Writes the beginning of a group with what was agreed on up to `last`, in which `me` alone votes.
async fn begin(
    path: &Path,
    me: NodeId,
    (agreed, last): (&Agreed, LogId),
) -> Result<(), ConsensusError> {
    let (disk, loaded) = Disk::open(path).await?;
    let nodes = BTreeMap::from([(loaded.id, Peer::from(me))]);
    let alone = Membership::new(vec![[loaded.id].into()], nodes);
    let meta = SnapshotMeta {
        last_log_id: Some(last),
        last_membership: openraft::StoredMembership::new(Some(last), alone),
        snapshot_id: format!("recovered-{}", last.index),
    };
    let fact = |key, bytes: Result<Vec<u8>, postcard::Error>| {
        let bytes = bytes.map_err(|source| ConsensusError::Damaged {
            path: path.to_owned(),
            what: "what was to be written",
            source,
        });
        bytes.map(|bytes| Write::Fact(key, bytes))
    };
    let state = postcard::to_allocvec(agreed);
    let snapshot = state.and_then(|state| postcard::to_allocvec(&(meta, state)));
    let vote = Vote::new(last.leader_id.term + 1, loaded.id);
    let writes = vec![
        fact(Disk::SNAPSHOT, snapshot)?,
        fact(Disk::PURGED, postcard::to_allocvec(&last))?,
        fact(Disk::VOTE, postcard::to_allocvec(&vote))?,
    ];
    let written = disk.written(writes).await;
    disk.close().await;
    written.map_err(|error| ConsensusError::Raft(error.to_string()))
}
