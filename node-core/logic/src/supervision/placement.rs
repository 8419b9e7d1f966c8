//! Where an agent may run, and where it should.
//!
//! Rendezvous hashing (Thaler and Ravishankar, *Using Name-Based Mappings to Increase Hit Rates*,
//! IEEE/ACM `ToN` 1998): each pair of agent and node has a score, and the highest score wins. A node
//! that comes or goes moves only the agents that it wins or held.

use crate::{
    agent::{AgentSpec, Intent, Programs, Runtime},
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
    pub present: bool,
    /// Whether it may come up any moment: it is a member that has not had the time to connect.
    pub awaited: bool,
    /// Whether it takes no agents for now: an operator said so, or it is about to stop.
    pub cordoned: bool,
    /// What it says of itself, once heard.
    pub summary: Option<&'a Summary>,
}

/// What keeps an agent off a node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exclusion {
    /// The node is not up.
    #[error("it is not up")]
    Absent,
    /// An operator cordoned the node, or it is about to stop.
    #[error("it takes no agents for now")]
    Cordoned,
    /// The node has said nothing of itself yet.
    #[error("it has not described itself yet")]
    Undescribed,
    /// Observers host nothing.
    #[error("observers host nothing")]
    Observer,
    /// Another operating system is asked for.
    #[error("it runs {0}, which the agent does not")]
    Os(String),
    /// Another architecture is asked for.
    #[error("it is {0}, which the agent does not run on")]
    Arch(String),
    /// A label is missing or differs.
    #[error("it lacks the label {0}={1}")]
    Label(String, String),
    /// The node's owner allows no programs of others.
    #[error("its owner allows no programs that others started")]
    Programs,
}

/// Every rule that keeps the agent off `candidate`; none: it may run there.
#[must_use]
pub fn exclusions(spec: &AgentSpec, intent: &Intent, candidate: &Candidate<'_>) -> Vec<Exclusion> {
    let mut found = Vec::new();
    if !candidate.present {
        found.push(Exclusion::Absent);
    }
    if candidate.cordoned {
        found.push(Exclusion::Cordoned);
    }
    if candidate.role == Role::Observer {
        found.push(Exclusion::Observer);
    }
    let Some(summary) = candidate.summary else {
        found.push(Exclusion::Undescribed);
        return found;
    };
    let rule = &spec.placement;
    if !rule.os.is_empty() && !rule.os.contains(&summary.os) {
        found.push(Exclusion::Os(summary.os.clone()));
    }
    if !rule.arch.is_empty() && !rule.arch.contains(&summary.arch) {
        found.push(Exclusion::Arch(summary.arch.clone()));
    }
    for (label, value) in &rule.labels {
        if summary.labels.get(label) != Some(value) {
            found.push(Exclusion::Label(label.clone(), value.clone()));
        }
    }
    let foreign = matches!(spec.runtime, Runtime::Process { .. }) && intent.owner != candidate.node;
    if foreign && summary.programs == Programs::Own {
        found.push(Exclusion::Programs);
    }
    found
}

/// The node that should hold the agent: the one a person chose if it may or is awaited, else the
/// highest score.
#[must_use]
pub fn choose(spec: &AgentSpec, intent: &Intent, candidates: &[Candidate<'_>]) -> Option<NodeId> {
    let able =
        || candidates.iter().filter(|candidate| exclusions(spec, intent, candidate).is_empty());
    able()
        .find(|candidate| intent.pin == Some(candidate.node))
        .or_else(|| candidates.iter().find(|place| intent.pin == Some(place.node) && place.awaited))
        .or_else(|| {
            able().max_by_key(|candidate| (score(&spec.name, candidate.node), candidate.node))
        })
        .map(|candidate| candidate.node)
}

/// The score of an agent on a node: 32 bits of BLAKE3 over both.
#[must_use]
pub fn score(name: &Name, node: NodeId) -> u32 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&node.0);
    hasher.update(name.as_str().as_bytes());
    let mut short = [0; 4];
    hasher.finalize_xof().fill(&mut short);
    u32::from_le_bytes(short)
}
