//! What people see: rows, made for tables, keyed by `id`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    agent::{Exit, Phase, Programs, RestartRule, Runtime},
    certificate::Role,
    credits::{Ask, Credits},
    ids::{ClusterId, Name, NodeId},
    moving::SchedulingView,
    replica::DiskState,
    time::Wall,
};

/// This node and its cluster, in one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StatusView {
    /// This node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its cluster.
    #[ts(type = "string")]
    pub cluster: ClusterId,
    /// The name of its cluster.
    pub cluster_name: String,
    /// What this node may do.
    pub role: Role,
    /// Covey's version.
    pub version: String,
    /// Members that are alive, this node counted.
    pub nodes_alive: u32,
    /// Members in all.
    pub nodes_known: u32,
    /// Agents that run.
    pub agents_running: u32,
    /// Agents in all.
    pub agents_known: u32,
    /// Live members whose last digest equalled ours, this node counted.
    pub converged: u32,
    /// Agent messages a second, over all live members.
    pub messages_per_s: u32,
    /// Whether the disk takes writes.
    pub writable: bool,
    /// What is wrong, worst first.
    pub problems: Vec<ProblemView>,
}

/// Something that a person should know, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[expect(missing_docs, reason = "field names repeat the nouns of the variant's sentence")]
pub enum ProblemView {
    /// The disk does not take writes.
    ReadOnly { reason: String },
    /// The disk of a store is full; it goes on by itself when there is room.
    DiskFull {
        path: String,
        #[ts(type = "number")]
        free_bytes: u64,
    },
    /// The disk of a store can only be read; it goes on by itself when it can be written.
    DiskReadOnly { path: String },
    /// The disk of a store fails; it goes on by itself when it does not.
    DiskFails { path: String, reason: String },
    /// The database was found damaged: nothing is written until it is set aside, and the node started
    /// again.
    StoreDamaged { path: String, reason: String },
    /// What the cluster agrees on was damaged on this disk and set aside; the others fill it again.
    GroupFilling { aside: String },
    /// What the cluster agrees on is damaged on this disk, and no other member has it.
    GroupDamaged { path: String, reason: String },
    /// What the cluster agrees on cannot be used on this disk.
    GroupUnusable { path: String, reason: String },
    /// Something is wrong with the disk of another member, as that says.
    NodeDisk {
        #[ts(type = "string")]
        node: NodeId,
        name: String,
        disk: DiskState,
    },
    /// Another machine runs with this node's identity; it was told to give way.
    Twin { address: String },
    /// A member is down.
    NodeDown {
        #[ts(type = "string")]
        node: NodeId,
        name: String,
        #[ts(type = "number")]
        since: Wall,
    },
    /// A member's clock is wrong.
    ClockAhead {
        #[ts(type = "string")]
        node: NodeId,
        name: String,
    },
    /// An agent used up its restarts.
    AgentFailed {
        #[ts(type = "string")]
        name: Name,
        #[ts(type = "string")]
        node: NodeId,
    },
    /// No node can run an agent.
    AgentUnplaced {
        #[ts(type = "string")]
        name: Name,
    },
    /// Only one node can admit others: if it is lost, nobody can.
    OneAdmin,
}

/// A member as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NodeView {
    /// Which node.
    #[ts(type = "string")]
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// Whether it is the one that reports.
    pub this: bool,
    /// What it may do.
    pub role: Role,
    /// How this node sees it.
    pub state: NodeState,
    /// Since when.
    #[ts(type = "number")]
    pub since: Wall,
    /// Covey's version on it.
    pub version: String,
    /// Its operating system.
    pub os: String,
    /// Its architecture.
    pub arch: String,
    /// Logical processors.
    pub cpus: u16,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Busy processors in percent of one.
    pub cpu_percent: u32,
    /// Memory in use, in MiB.
    pub used_mib: u32,
    /// Agent messages it handled in the last second.
    pub messages_per_s: u32,
    /// Agents it runs.
    pub agents: u32,
    /// What it asks for a second of an agent's work, in thousandths of a credit; nothing if it takes
    /// none by auction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ask: Option<Ask>,
    /// How its disk is.
    pub disk: DiskState,
    /// Labels its owner gave it.
    pub labels: BTreeMap<String, String>,
    /// Which programs of others it runs.
    pub programs: Programs,
    /// Whether and why it takes no agents; none for one that does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub scheduling: Option<SchedulingView>,
    /// Where members reach it.
    pub addresses: Vec<String>,
    /// When its process started.
    #[ts(type = "number | null")]
    pub started: Option<Wall>,
    /// The link from this node to it; none to itself and while it is not connected.
    pub link: Option<LinkView>,
    /// Who sees it otherwise than this node does.
    pub seen_by: Vec<SeenView>,
}

/// How another member sees a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SeenView {
    /// Who says so.
    #[ts(type = "string")]
    pub node: NodeId,
    /// How it sees the member.
    pub state: NodeState,
}

/// How this node sees a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// Heard from as expected.
    Alive,
    /// Not heard from lately.
    Suspect,
    /// Not heard from for too long, or its process is gone.
    Down,
    /// It said goodbye.
    Left,
    /// It said that its machine goes to sleep.
    Sleeping,
    /// Its machine slept; it is back, and takes nothing on until it has compared notes.
    Waking,
    /// A member that this node has not heard from since it started.
    Unseen,
}

/// A link as this node measures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkView {
    /// The median time of a heartbeat there and back, in microseconds.
    pub rtt_us: u32,
    /// How long ago it was heard, in milliseconds.
    pub silence_ms: u32,
    /// Whether its last digest equalled ours.
    pub converged: bool,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgentView {
    /// Its name.
    #[ts(type = "string")]
    pub id: Name,
    /// What runs it, without its files' contents.
    pub runtime: Runtime,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// Its restart rule.
    pub restart: RestartRule,
    /// Whether it should run.
    pub wanted: bool,
    /// What it does, on the node that holds it; none if no live node does.
    pub phase: Option<Phase>,
    /// Since when.
    #[ts(type = "number | null")]
    pub since: Option<Wall>,
    /// The node that holds it.
    #[ts(type = "string | null")]
    pub node: Option<NodeId>,
    /// The node that makes itself ready to take it over, while it moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, as = "Option<String>")]
    pub moving_to: Option<NodeId>,
    /// The node it runs on while that is up, if a person chose one.
    #[ts(type = "string | null")]
    pub pin: Option<NodeId>,
    /// The node whose user started it.
    #[ts(type = "string")]
    pub owner: NodeId,
    /// Restarts since a person last started it.
    pub restarts: u32,
    /// What a minute in its place costs, in credits; none if it pays nothing, or has no place.
    pub rent: Option<Credits>,
    /// How its last life ended, if one did.
    pub last_exit: Option<Exit>,
    /// The agent that it is one of several replicas of.
    #[ts(type = "string | null")]
    pub replica_of: Option<Name>,
    /// What keeps it from running though it should, as sentences.
    pub waiting: Vec<String>,
}

/// A node as a place for one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CandidateView {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// What the agent's strategy goes by, the highest wins; none if a rule excludes it. The rendezvous
    /// score, the idle percent of a processor, or the share of the node that the agent would have.
    #[ts(type = "number | null")]
    pub score: Option<u32>,
    /// What it asks for a minute, in credits, which is the score of an agent that is placed by auction:
    /// the lowest wins, what was placed there since it asked counted.
    pub asks: Option<Credits>,
    /// Other replicas of the agent in the same place; the fewest come before the highest score.
    pub beside: u32,
    /// The rules that exclude it, as sentences.
    pub excluded: Vec<String>,
    /// Whether the agent is there.
    pub holds: bool,
}

/// Why an agent is where it is, or nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlacementView {
    /// Every member as a place for it, the best first.
    pub candidates: Vec<CandidateView>,
    /// What keeps it from running though it should, as sentences.
    pub waiting: Vec<String>,
}

/// Where one agent would go if its node were lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefugeView {
    /// Which agent.
    #[ts(type = "string")]
    pub agent: Name,
    /// The node it would run on; none if it would run nowhere, or if chance decides.
    #[ts(type = "string | null")]
    pub to: Option<NodeId>,
    /// Why there is no such node, as sentences.
    pub waiting: Vec<String>,
}
