//! What people and programs see of names.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    agent::{Phase, RuntimeKind},
    ids::{Epoch, Name, NodeId},
    registry::{Backend, Metadata, Precedence},
    time::Wall,
};

/// What is behind a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NameState {
    /// A node holds it, for itself or for one of its agents.
    Registered,
    /// The agent of this name takes messages.
    Running,
    /// A node starts the agent of this name, or its claim on the name is not known yet.
    Starting,
    /// The agent of this name ended and waits for its restart.
    BackingOff,
    /// The agent of this name is being stopped.
    Stopping,
    /// The agent of this name ended as it should.
    Finished,
    /// The agent of this name used up its restarts.
    Failed,
}

impl NameState {
    /// Whether messages or look-ups for the name lead to someone.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Registered | Self::Running)
    }
}

impl From<Phase> for NameState {
    fn from(phase: Phase) -> Self {
        match phase {
            // An agent that runs is found by its claim.
            Phase::Starting | Phase::Running | Phase::Migrating | Phase::Arriving => Self::Starting,
            Phase::BackingOff => Self::BackingOff,
            Phase::Stopping => Self::Stopping,
            Phase::Finished => Self::Finished,
            Phase::Failed => Self::Failed,
        }
    }
}

/// A name and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NameView {
    /// The name.
    #[ts(type = "string")]
    pub id: Name,
    /// The node that holds it.
    #[ts(type = "string")]
    pub node: NodeId,
    /// What is behind it.
    pub state: NameState,
    /// The life of the agent of this name, or "0" for a name without one.
    #[ts(type = "string")]
    pub epoch: Epoch,
    /// The agent it is held for, if it is not that agent's own name.
    #[ts(type = "string | null")]
    pub holder: Option<Name>,
    /// What runs the agent of this name, if there is one.
    pub kind: Option<RuntimeKind>,
    /// What the agent of this name can do.
    pub capabilities: Vec<String>,
    /// What its owner tells of it.
    #[ts(type = "Record<string, string | string[]>")]
    pub metadata: Metadata,
    /// Changes with the metadata; 0 while nobody holds the name.
    #[ts(type = "number")]
    pub revision: u64,
    /// When it was claimed.
    #[ts(type = "number")]
    pub since: Wall,
    /// Its fencing token, if the cluster agreed on who holds it: greater with each holding. None in
    /// namespaces of other backends, and as long as the agreement on it has not come about.
    #[ts(type = "number | null")]
    pub token: Option<u64>,
}

/// Some of the names that fit a query, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Page {
    /// The names.
    pub names: Vec<NameView>,
    /// Where the next page begins, if there may be more: ask for what comes after it. A page may be
    /// short, even empty, and still have a next one.
    #[ts(type = "string | null")]
    pub next: Option<Name>,
    /// Names looked at for this page; 10,000 at most.
    pub scanned: u32,
    /// Whether an index led to them; if not, every name was looked at.
    pub indexed: bool,
}

/// How many names fit a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Count {
    /// That many.
    pub count: u32,
    /// Whether that is all: no more than 200,000 names are looked at.
    pub exact: bool,
}

/// A change of a name, or of who is in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChangeView {
    /// Its place among all changes that this node saw in this life, from 1, without gaps.
    #[ts(type = "number")]
    pub seq: u64,
    /// Which name, or which group.
    #[ts(type = "string | null")]
    pub name: Option<Name>,
    /// What changed.
    pub change: ChangeKind,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[expect(missing_docs, reason = "field names repeat the nouns of the variant's sentence")]
pub enum ChangeKind {
    /// The name has an owner from here on.
    Registered { owner: HeldView },
    /// The owner tells something else of it.
    Updated { owner: HeldView },
    /// The name has this owner no more.
    Removed { owner: HeldView },
    /// Two nodes claim it: one has won, for this reason.
    Conflict { winner: HeldView, loser: HeldView, why: Precedence },
    /// Someone joined the group.
    Joined { member: MemberView },
    /// Someone left the group, or ended.
    Left { member: MemberView },
    /// Changes up to the sequence number of this row are not known any more: read anew.
    #[serde(rename = "gap")]
    Gap {
        #[ts(type = "number")]
        missed: u64,
    },
}

/// A claim as a change shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HeldView {
    /// The node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Which life of the agent of this name, or "0" for a name without one.
    #[ts(type = "string")]
    pub epoch: Epoch,
    /// Changes with the metadata.
    #[ts(type = "number")]
    pub revision: u64,
    /// What was told of the name.
    #[ts(type = "Record<string, string | string[]>")]
    pub metadata: Metadata,
}

/// One of the owners of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MemberView {
    /// The node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// The agent; none: the node itself.
    #[ts(type = "string | null")]
    pub agent: Option<Name>,
    /// Which life of the agent, or "0" for a node.
    #[ts(type = "string")]
    pub epoch: Epoch,
    /// What it tells of itself.
    #[ts(type = "Record<string, string | string[]>")]
    pub metadata: Metadata,
    /// Since when it is in.
    #[ts(type = "number")]
    pub since: Wall,
}

/// A namespace in figures; each name is counted once, for its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NamespaceView {
    /// Its name.
    pub id: String,
    /// What keeps its names.
    pub backend: Backend,
    /// Names that nodes hold.
    pub names: u32,
    /// Agents that run.
    pub agents: u32,
    /// The same for each node that has any, in order of their ids.
    pub nodes: Vec<NodeNames>,
}

/// The part of one node in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NodeNames {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Names it holds.
    pub names: u32,
    /// Agents it runs.
    pub agents: u32,
}
