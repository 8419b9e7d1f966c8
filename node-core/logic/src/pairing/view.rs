//! What people see of pairing.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    certificate::Role,
    ids::{ClusterId, NodeId},
    pairing::{FoundBy, Refusal},
    time::Wall,
};

/// Everything the Cluster page shows beside the members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PairingView {
    /// Nodes in the lobby that this one can be paired with: no members.
    pub nearby: Vec<NearbyView>,
    /// Strangers who ask to join.
    pub requests: Vec<RequestView>,
    /// What this node asks of another, if it does.
    pub ask: Option<AskView>,
    /// Invites that can still be used.
    pub invites: Vec<InviteView>,
}

/// A node in the lobby that is no member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NearbyView {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its cluster.
    #[ts(type = "string")]
    pub cluster: ClusterId,
    /// The name of its cluster.
    pub cluster_name: String,
    /// Members of its cluster.
    pub members: u16,
    /// Its version of Covey.
    pub version: String,
    /// Its operating system.
    pub os: String,
    /// How it was found.
    pub by: FoundBy,
    /// How its join key compares with this node's.
    pub join_key: KeyMatch,
    /// When it last said hello.
    #[ts(type = "number")]
    pub seen: Wall,
}

/// How a neighbour's join key compares with this node's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyMatch {
    /// One of the two has none: a person lets the one in.
    None,
    /// They are the same: the one lets the other in by itself.
    Same,
    /// They differ: neither lets the other in by itself.
    Other,
}

/// A stranger who asks to join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestView {
    /// Who asks.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its operating system.
    pub os: String,
    /// Six digits that both screens show.
    pub digits: String,
    /// Four words that both screens show.
    pub words: Vec<String>,
    /// When the request ends by itself.
    #[ts(type = "number")]
    pub expires: Wall,
}

/// What this node asks of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskView {
    /// Who is asked.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// The name of its cluster.
    pub cluster_name: String,
    /// Six digits that both screens show, once known.
    pub digits: Option<String>,
    /// Four words that both screens show, once known.
    pub words: Vec<String>,
    /// How far it got.
    pub phase: AskPhase,
}

/// How far a joiner got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum AskPhase {
    /// The other node was asked.
    Asking,
    /// Both screens show the code; a person there must answer.
    Waiting,
    /// The answer was no.
    Refused {
        /// Why.
        reason: Refusal,
    },
    /// The other node does not answer.
    Unreachable,
}

/// An invite that can still be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct InviteView {
    /// Names the invite without giving it away.
    pub id: String,
    /// What it admits as.
    pub role: Role,
    /// When it ends by itself.
    #[ts(type = "number")]
    pub expires: Wall,
}
