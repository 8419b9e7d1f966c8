//! Where an agent may run, and by which rule one of those places is chosen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{credits::Credits, ids::Name};

/// Where an agent may run, and by which rule one of those places is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default, rename_all = "snake_case")]
pub struct Placement {
    /// How one of the nodes that may run it is chosen.
    pub strategy: Strategy,
    /// Operating systems it can run on (`linux`, `macos`, `windows`); empty: any.
    pub os: Vec<String>,
    /// Architectures it can run on (`x86_64`, `aarch64`); empty: any.
    pub arch: Vec<String>,
    /// Labels a node must have, with these values.
    pub labels: BTreeMap<String, String>,
    /// Labels a node must have, whatever their values: what it offers, such as `gpu`.
    pub capabilities: Vec<String>,
    /// Memory that must be free on a node when the agent starts there, in MiB.
    pub free_memory_mib: u32,
    /// Processor time that must be idle on a node when the agent starts there, in percent of one
    /// processor.
    pub free_cpu_percent: u32,
    /// Agents whose node it shares; while one of them runs nowhere, it waits.
    #[ts(type = "string[]")]
    pub near: Vec<Name>,
    /// Agents whose node it never shares.
    #[ts(type = "string[]")]
    pub apart: Vec<Name>,
    /// With [`Strategy::Spread`] and replicas: the label whose values tell the places apart; none:
    /// each node is a place.
    pub spread_by: Option<String>,
    /// Whether a node that joins takes over the agents that its share gives it; only those that hand
    /// their state over are moved.
    pub redistribute: bool,
    /// With [`Strategy::Auction`]: the most that its owner pays for a minute of each replica, in
    /// credits; nought: nothing is paid, and nothing asked for.
    pub pay_per_minute: Credits,
}

/// How one of the nodes that may run an agent is chosen. All but the first two know where others
/// run, so one node of each namespace decides for all: its steward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The highest score of name and node, in proportion to the nodes' weights.
    #[default]
    Rendezvous,
    /// The node that a person chose, and no other: it waits while that one is away.
    Pinned,
    /// The node with the most idle processor time by its last sample, counting what was placed there
    /// since.
    LeastLoaded,
    /// The node with the fewest agents for its weight; replicas first of all apart from each other.
    Spread,
    /// Any node, each with equal chance.
    Random,
    /// The node with the lowest standing ask, where what was placed there since it was told makes it
    /// dearer; none that takes no work by auction. With
    /// [`Placement::pay_per_minute`] the owner pays for each minute what the next node asks, and the
    /// agent runs only while a minute is set aside for it.
    Auction,
}

/// Which programs of others a node runs; its owner says so, and every other node respects it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Programs {
    /// Only what this node's own user started.
    #[default]
    Own,
    /// What any operator or admin of the cluster started.
    Cluster,
}
