//! Pictures of the group for people.

use covey_logic::{ClusterId, NodeId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The group as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupView {
    /// Of which cluster.
    #[ts(type = "string")]
    pub cluster: ClusterId,
    /// What this node is in it.
    pub standing: Standing,
    /// Who leads, if anybody is known to.
    #[ts(type = "string | null")]
    pub leader: Option<NodeId>,
    /// The term of the last election that this node heard of.
    #[ts(type = "number")]
    pub term: u64,
    /// The last entry that this node took in.
    #[ts(type = "number")]
    pub applied: u64,
    /// The last entry that this node holds.
    #[ts(type = "number")]
    pub last: u64,
    /// Voters in sight, this node counted.
    pub voters_seen: u32,
    /// How many it takes to agree.
    pub voters_needed: u32,
    /// Its members, in order of their ids.
    pub members: Vec<RaftMemberView>,
    /// Why it has stopped, if it has.
    pub stopped: Option<String>,
}

/// What a node is in the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It was not let in yet.
    Outside,
    /// It holds everything and decides nothing.
    Learner,
    /// It decides with the others.
    Voter,
    /// It decides in which order.
    Leader,
}

/// One member of the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RaftMemberView {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// What it is.
    pub standing: Standing,
    /// Whether it is in sight.
    pub seen: bool,
    /// How many entries it is behind, if this node leads and knows.
    #[ts(type = "number | null")]
    pub behind: Option<u64>,
}
