//! What is replicated: the keys and the values of both kinds.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    agent::{AgentSpec, Intent, Programs, RuntimeKind, Status},
    certificate::Certificate,
    credits::Ask,
    ids::{Epoch, Incarnation, Name, NodeId},
    membership::Views,
    merged::{Said, Tally, Writer},
    monitor::{Alert, Breach, Quiet, Rule, Subject},
    moving::{Kept, Moves, Plan},
    registry::{Backend, Metadata},
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
    /// The copy of an agent's state that it keeps on disk.
    Kept(Name),
    /// How far its moves are.
    Moves,
    /// A group it is in, by itself or through one of its agents; rare beside names, which need no
    /// room for it.
    Joined(Arc<Joined>),
    /// The members it does not hold alive.
    Views,
    /// Where an agent went that it handed over a moment ago.
    Moved(Name),
    /// What it found past its bounds of itself and of its agents.
    Breaches,
}

/// A place in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Joined {
    /// Which group.
    pub group: Name,
    /// Which agent; none: the node itself.
    pub agent: Option<Name>,
}

/// What a node says of itself comes in three shards, so that who joins beside a node with a hundred
/// thousand names hears who is there and what runs before it hears of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// The node itself.
    Node,
    /// The agents it holds.
    Agents,
    /// The names it claims.
    Names,
}

/// What a node says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// The node itself.
    Summary(Arc<Summary>),
    /// An agent it holds.
    Agent(Arc<Status>),
    /// A name it claims, or its place in a group.
    Claim(Arc<Claim>),
    /// The copy of an agent's state that it keeps on disk.
    Kept(Kept),
    /// How far its moves are.
    Moves(Arc<Moves>),
    /// The members it does not hold alive.
    Views(Arc<Views>),
    /// Where an agent went that it handed over a moment ago.
    Moved(Moved),
    /// What it found past its bounds of itself and of its agents.
    Breaches(Arc<Vec<Breach>>),
}

/// Where an agent went: its new node says so itself, and who has not heard that yet does not take the
/// agent for lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// To which node.
    pub to: NodeId,
    /// Who has heard as much of that node knows better than this.
    pub said: Heard,
}

impl Moved {
    /// How long it is said where an agent went: who has not compared notes with anybody for so long
    /// is down.
    pub const LIFETIME: Duration = Duration::from_secs(30);
}

/// How much is known of what a node says of its agents; the later is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Heard {
    /// In which life.
    pub incarnation: Incarnation,
    /// The version of its [`Kind::Agents`] shard.
    pub version: u64,
}

/// A claim on a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The life of the agent that claims it; zero for a name that no agent of ours holds.
    pub epoch: Epoch,
    /// When it was claimed, by the hybrid clock of the node that claims it.
    pub since: (Wall, u32),
    /// Greater whenever the metadata changed, and than every revision that the owner saw before.
    pub revision: u64,
    /// What the owner wants found.
    pub metadata: Metadata,
    /// The agent on the same node that the name was claimed for; its end ends the claim.
    pub holder: Option<Name>,
    /// What stands behind the name, if it is an agent's own.
    pub offer: Option<Arc<Offer>>,
}

/// What an agent tells of itself beside its metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What runs it.
    pub kind: RuntimeKind,
    /// What it can do.
    pub capabilities: Vec<String>,
}

impl Claim {
    /// A bare claim of this node itself.
    #[must_use]
    pub fn bare(since: (Wall, u32)) -> Self {
        let (revision, metadata) = (since.0.0, Metadata::new());
        Self { epoch: Epoch(0), since, revision, metadata, holder: None, offer: None }
    }
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
    /// Its share of the agents beside the other nodes' weights.
    pub weight: u8,
    /// How many agents it holds at most.
    pub max_agents: u32,
    /// Where members reach its fabric, as multiaddresses.
    pub addresses: Vec<String>,
    /// Where strangers reach its lobby, as multiaddresses.
    pub lobby: Vec<String>,
    /// When this incarnation started.
    pub started: Wall,
    /// The last sample of its machine.
    pub load: Load,
    /// How its disk is.
    pub disk: DiskState,
    /// What it asks for a second of an agent's work; none if it takes none by auction.
    pub ask: Option<Ask>,
}

/// How the disk of a node is, as it says itself; the worst of what is wrong.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum DiskState {
    /// It takes what is written.
    #[default]
    Sound,
    /// A store was damaged, and the others fill an empty one.
    Filling,
    /// It has no room.
    Full,
    /// It can only be read.
    ReadOnly,
    /// It fails otherwise.
    Fails,
    /// A store on it is damaged, and a person has to say what is to be done.
    Damaged,
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
    /// Where the steward of its namespace placed an agent.
    Assignment(Name),
    /// Whether a node takes agents.
    Scheduling(NodeId),
    /// Which backend keeps the names of a namespace.
    Namespace(String),
    /// The planned moves that even the cluster out; there is one plan at a time.
    Rebalance,
    /// When a namespace was last cleaned up.
    Cleanup(String),
    /// Which of the cluster's groups is its group: one that was recovered by force is another than
    /// the one whose majority was lost.
    Lineage,
    /// What one writer did to a counter.
    Tally(Name, Writer),
    /// What one writer says of a variable.
    Variable(Name, Writer),
    /// The last alert of a rule and a subject.
    Alert(Rule, Subject),
    /// What people said of the alerts of a rule and a subject.
    Quiet(Rule, Subject),
}

/// Where an agent was placed by a steward; it holds while the node may run the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Which node.
    pub node: NodeId,
    /// The [`Intent::generation`](crate::agent::Intent::generation) it was placed for.
    pub generation: u64,
}

/// Whether a node takes agents, as an operator said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduling {
    /// Nothing new is placed on it.
    pub cordoned: bool,
    /// It hands its agents over to the others, until then with their state; those that are left are
    /// then stopped and started elsewhere. Only with `cordoned`.
    pub drain_until: Option<Wall>,
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
    /// Where the steward of its namespace placed an agent.
    Assignment(Arc<Assignment>),
    /// Whether a node takes agents.
    Scheduling(Arc<Scheduling>),
    /// The planned moves that even the cluster out.
    Rebalance(Arc<Plan>),
    /// It was removed.
    Deleted,
    /// Which backend keeps the names of a namespace.
    Namespace(Backend),
    /// When a namespace was cleaned up, by the hybrid clock of the node that was asked to: what was
    /// claimed before that goes.
    Cleanup((Wall, u32)),
    /// Which of the cluster's groups is its group, by a number that was drawn by chance.
    Lineage(u64),
    /// What one writer did to a counter.
    Tally(Tally),
    /// What one writer says of a variable.
    Variable(Arc<Said>),
    /// The last alert of a rule and a subject.
    Alert(Arc<Alert>),
    /// What people said of the alerts of a rule and a subject.
    Quiet(Arc<Quiet>),
}

impl SharedKey {
    /// The only one who writes it, where there is one.
    #[must_use]
    pub fn writer(&self) -> Option<&Writer> {
        match self {
            Self::Tally(_, writer) | Self::Variable(_, writer) => Some(writer),
            Self::Member(_)
            | Self::Revoked(_)
            | Self::Spec(_)
            | Self::Intent(_)
            | Self::Assignment(_)
            | Self::Scheduling(_)
            | Self::Namespace(_)
            | Self::Rebalance
            | Self::Lineage
            | Self::Cleanup(_)
            | Self::Alert(..)
            | Self::Quiet(..) => None,
        }
    }
}

impl Kind {
    /// In the order in which they are sent to one who lacks them.
    pub const ALL: [Self; 3] = [Self::Node, Self::Agents, Self::Names];
}

impl PresenceKey {
    /// In which shard it lies.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Summary | Self::Views | Self::Breaches => Kind::Node,
            // In the order in which they are said: a node that leaves says so before it gives agents up.
            Self::Agent(_) | Self::Kept(_) | Self::Moves | Self::Moved(_) => Kind::Agents,
            Self::Claim(_) | Self::Joined { .. } => Kind::Names,
        }
    }
}

impl Summary {
    /// The weight of a node whose owner set none; one of half the size gets 5, one of double 20.
    pub const DEFAULT_WEIGHT: u8 = 10;
    /// Agents that a node holds at most whatever its owner says.
    pub const MAX_AGENTS: u32 = 100_000;

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
            weight: Self::DEFAULT_WEIGHT,
            max_agents: Self::MAX_AGENTS,
            addresses: Vec::new(),
            lobby: Vec::new(),
            started: Wall(0),
            load: Load::default(),
            disk: DiskState::Sound,
            ask: None,
        }
    }
}
