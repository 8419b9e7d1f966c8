//! Where messages for one name go.

use serde::{Deserialize, Serialize};

use crate::ids::{Epoch, NodeId};

/// Where messages for one name go; a message carries the epoch, and a node that runs another life
/// of the agent refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The node that runs it.
    pub node: NodeId,
    /// The life it was known in.
    pub epoch: Epoch,
    /// The fencing token, of a name that one node holds at a time; such a name has no agent.
    pub token: Option<u64>,
}
