//! How an agent stands to other agents, to a split of the cluster, and to a move.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::Name;

/// Where an agent runs while the cluster is split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// On every side; after healing one copy remains.
    #[default]
    AnyPartition,
    /// On the side that sees more than half of the members, if any does.
    MajorityOnly,
    /// Never twice at any moment: where the group granted it, which takes a majority of the voters.
    Exclusive,
}

/// What an agent takes along when it moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default, rename_all = "snake_case")]
pub struct Handoff {
    /// Whether it can give a snapshot of its state and be started from one. Without, it is moved by
    /// a person or a leaving node only, and starts afresh there.
    pub state: bool,
    /// How often a changed state is copied to a second node, in milliseconds; after a crash the
    /// agent goes on from the last copy.
    #[ts(type = "number")]
    pub checkpoint_ms: u64,
}

impl Default for Handoff {
    fn default() -> Self {
        Self { state: false, checkpoint_ms: 1_000 }
    }
}

/// The supervision group of an agent, after Erlang's supervisors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Group {
    /// Which group; its members may run on any nodes.
    #[ts(type = "string")]
    pub name: Name,
    /// Which ends of its siblings end this agent too.
    #[serde(default)]
    pub strategy: GroupStrategy,
    /// Its place in the order of starting; the lower starts first.
    #[serde(default)]
    pub order: u32,
}

/// Which unasked ends of siblings start an agent afresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GroupStrategy {
    /// None: each for itself.
    #[default]
    OneForOne,
    /// Every one.
    OneForAll,
    /// Those of siblings with a lower order.
    RestForOne,
}

/// Another agent that this one needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Dependency {
    /// Which agent; this one is started once that one runs.
    #[ts(type = "string")]
    pub on: Name,
    /// What its loss means.
    #[serde(default)]
    pub loss: OnLoss,
}

/// What the loss of a dependency means for an agent that runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OnLoss {
    /// It goes on.
    #[default]
    Ignore,
    /// It stops until the dependency runs again.
    Stop,
    /// It is started afresh once the dependency runs again.
    Restart,
}
