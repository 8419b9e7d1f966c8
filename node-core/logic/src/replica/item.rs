//! What is replicated: the keys and the values of both kinds.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    agent::{AgentSpec, Intent, Programs, Status},
    certificate::Certificate,
    ids::{Epoch, Name, NodeId},
    time::Wall,
};

/// What a node may say of itself; one value each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PresenceKey {
    /// The node itself.
    Summary,
    /// An agent it holds.
    Agent(Name),
    /// A name it claims.
    Claim(Name),
}

/// What a node says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// The node itself.
    Summary(Arc<Summary>),
    /// An agent it holds.
    Agent(Arc<Status>),
    /// A name it claims.
    Claim(Arc<Claim>),
}

/// A claim on a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The life of the agent that claims it; zero for a name that no agent of ours holds.
    pub epoch: Epoch,
    /// When it was claimed, by the hybrid clock of the node that claims it.
    pub since: (Wall, u32),
    /// What the owner wants found: sorted pairs.
    pub metadata: BTreeMap<String, String>,
}

/// What a node tells the others of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The name people gave it.
    pub name: String,
    /// Covey's version on it.
    pub version: String,
    /// `linux`, `macos`, `windows`.
    pub os: String,
    /// `x86_64`, `aarch64`.
    pub arch: String,
    /// Logical processors.
    pub cpus: u16,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Labels its owner gave it.
    pub labels: BTreeMap<String, String>,
    /// Which programs of others it runs.
    pub programs: Programs,
    /// Where members reach its fabric, as multiaddresses.
    pub addresses: Vec<String>,
    /// When this incarnation started.
    pub started: Wall,
    /// The last sample of its machine.
    pub load: Load,
}

/// A sample of a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Busy processors in percent of one; 250 is two and a half.
    pub cpu_percent: u32,
    /// Memory in use, in MiB.
    pub used_mib: u32,
    /// Agent messages handled in the last second.
    pub messages_per_s: u32,
}

/// What outlives a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SharedKey {
    /// Membership of a node.
    Member(NodeId),
    /// The end of the membership of a node.
    Revoked(NodeId),
    /// What an agent is.
    Spec(Name),
    /// What is wanted of an agent.
    Intent(Name),
}

/// The value of a [`SharedKey`]; [`Self::Deleted`] stays behind so that an older write cannot
/// bring the value back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shared {
    /// Membership of a node.
    Member(Arc<Certificate>),
    /// The end of the membership of a node, by the admin whose certificate is named.
    Revoked,
    /// What an agent is.
    Spec(Arc<AgentSpec>),
    /// What is wanted of an agent.
    Intent(Arc<Intent>),
    /// It was removed.
    Deleted,
}

impl Summary {
    /// What is shown of a member that was not heard of yet.
    #[must_use]
    pub fn unheard(node: NodeId) -> Self {
        Self {
            name: node.short(),
            version: String::new(),
            os: String::new(),
            arch: String::new(),
            cpus: 0,
            memory_mib: 0,
            labels: BTreeMap::new(),
            programs: Programs::Own,
            addresses: Vec::new(),
            started: Wall(0),
            load: Load::default(),
        }
    }
}
