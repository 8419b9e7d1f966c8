//! Where an agent may run, and where it should.
//!
//! [`exclusions`] are the rules that keep an agent off a node whatever else runs; [`score`] is the
//! order among the nodes that are left, the same on every node.

mod exclusion;
mod score;

pub use exclusion::{Exclusion, exclusions};
pub use score::{score, steward};

use crate::{
    agent::{AgentSpec, Intent},
    certificate::Role,
    ids::{Name, NodeId},
    replica::Summary,
};

/// A node as a place for agents.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Which node.
    pub node: NodeId,
    /// What it may do.
    pub role: Role,
    /// Whether it is up.
    pub sight: Sight,
    /// Whether an operator keeps new agents off it.
    pub cordoned: bool,
    /// Agents it holds.
    pub agents: u32,
    /// What it says of itself, once heard.
    pub summary: Option<&'a Summary>,
}

/// Whether a member is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It is.
    Present,
    /// It is, and finds out what it missed while it slept.
    Waking,
    /// It may be any moment: it is a member that has not had the time to connect.
    Awaited,
    /// It is not.
    Away,
    /// It said goodbye, and was not heard since.
    Left,
}

impl Candidate<'_> {
    /// Whether it is up, and awake.
    #[must_use]
    pub fn present(&self) -> bool {
        self.sight == Sight::Present
    }

    /// Its share of the agents beside the other nodes' weights.
    #[must_use]
    pub fn weight(&self) -> u8 {
        self.summary.map_or(Summary::DEFAULT_WEIGHT, |summary| summary.weight)
    }

    /// Idle processor time by its last sample, in percent of one processor.
    #[must_use]
    pub fn idle_percent(&self) -> u32 {
        self.summary.map_or(0, |summary| {
            (u32::from(summary.cpus) * 100).saturating_sub(summary.load.cpu_percent)
        })
    }

    /// Its name for people.
    #[must_use]
    pub fn title(&self) -> String {
        self.summary.map_or_else(|| self.node.short(), |summary| summary.name.clone())
    }
}

/// The node with the highest score for `name` among those that may run it.
#[must_use]
pub fn highest(
    name: &Name,
    (spec, intent): (&AgentSpec, &Intent),
    candidates: &[Candidate<'_>],
) -> Option<NodeId> {
    let able = candidates.iter().filter(|candidate| exclusions(spec, intent, candidate).is_empty());
    able.max_by_key(|place| (score(name.as_str(), place.node, place.weight()), place.node))
        .map(|place| place.node)
}
