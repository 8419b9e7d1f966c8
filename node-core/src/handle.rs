//! What a program or a person may ask of a running node.

use std::sync::Arc;

use covey_logic::{
    event::EventRecord,
    node::{AgentView, NodeView, StatusView},
    pairing::PairingView,
};

/// A running node, from outside; cheap to clone.
#[derive(Clone, Debug)]
pub struct NodeHandle;

/// Everything people see, as of one step; replaced as a whole.
#[derive(Clone, Debug)]
pub struct Views {
    /// This node and its cluster.
    pub status: StatusView,
    /// Every member.
    pub nodes: Vec<NodeView>,
    /// Every agent.
    pub agents: Vec<AgentView>,
    /// Pairing.
    pub pairing: PairingView,
    /// The newest events of all nodes, oldest first, 500 at most.
    pub events: Vec<Arc<EventRecord>>,
    /// Agent messages between this node and the others.
    pub traffic: Vec<TrafficView>,
}

/// Agent messages between this node and another in the last second.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct TrafficView {
    /// The other node.
    #[ts(type = "string")]
    pub id: covey_logic::NodeId,
    /// Messages sent to it a second.
    pub sent_per_s: u32,
    /// Messages received from it a second.
    pub received_per_s: u32,
}
