//! What openraft is told of our types.

use std::{fmt, io::Cursor, sync::Arc};

use covey_logic::{
    ClusterId, NodeId,
    agreed::{Entry, Outcome},
};
use serde::{Deserialize, Serialize};

openraft::declare_raft_types!(
    /// The group's types.
    pub(super) Types:
        D = Batch,
        R = Applied,
        NodeId = RaftId,
        Node = Peer,
        Entry = openraft::Entry<Types>,
        SnapshotData = Cursor<Vec<u8>>,
        AsyncRuntime = openraft::TokioRuntime,
);

/// A member's number in the group: drawn by chance when its file is made, never given twice.
pub(super) type RaftId = u64;

/// Wishes that came at the same time: one entry of the log, and one write of each disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Batch(pub(super) Arc<[Entry]>);

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} wishes", self.0.len())
    }
}

/// What became of each wish of an entry; the group's own have none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Applied(pub(super) Vec<Outcome>);

/// Which group: of which cluster, and which of those that were its group in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// The cluster.
    pub cluster: ClusterId,
    /// Nought for the first; a later one was recovered by force from what a member held.
    pub number: u64,
}

impl fmt::Display for Lineage {
    /// As the folder of its store is called.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            0 => write!(f, "{}", self.cluster),
            number => write!(f, "{}-{number:016x}", self.cluster),
        }
    }
}

/// Which node a number belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Peer {
    key: [u8; 32],
}

impl Peer {
    /// The node.
    pub(super) fn node(self) -> NodeId {
        NodeId(self.key)
    }
}

impl From<NodeId> for Peer {
    fn from(node: NodeId) -> Self {
        Self { key: node.0 }
    }
}

pub(super) type Raft = openraft::Raft<Types>;
pub(super) type LogEntry = openraft::Entry<Types>;
pub(super) type LogId = openraft::LogId<RaftId>;
pub(super) type Vote = openraft::Vote<RaftId>;
pub(super) type Metrics = openraft::RaftMetrics<RaftId, Peer>;
pub(super) type Membership = openraft::StoredMembership<RaftId, Peer>;
pub(super) type SnapshotMeta = openraft::SnapshotMeta<RaftId, Peer>;
pub(super) type Snapshot = openraft::Snapshot<Types>;
pub(super) type StorageError = openraft::StorageError<RaftId>;
