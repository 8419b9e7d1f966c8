//! The rules that keep an agent off a node.

use crate::{
    agent::{AgentSpec, Intent, Placement, Programs, Runtime, Strategy},
    certificate::Role,
    credits::Credits,
    ids::Name,
    replica::Summary,
    supervision::{minute, placement::Candidate},
};

/// What keeps an agent off a node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exclusion {
    /// The node is not up.
    #[error("it is not up")]
    Absent,
    /// The node has said nothing of itself yet.
    #[error("it has not described itself yet")]
    Undescribed,
    /// Observers host nothing.
    #[error("observers host nothing")]
    Observer,
    /// An operator keeps new agents off it.
    #[error("it is cordoned and takes no more agents")]
    Cordoned,
    /// It holds as many agents as its owner allows.
    #[error("it holds {0} agents, the most its owner allows")]
    Full(u32),
    /// Another operating system is asked for.
    #[error("it runs {0}, which the agent does not")]
    Os(String),
    /// Another architecture is asked for.
    #[error("it is {0}, which the agent does not run on")]
    Arch(String),
    /// A label is missing or differs.
    #[error("it lacks the label {0}={1}")]
    Label(String, String),
    /// It does not offer something.
    #[error("it does not offer {0}")]
    Capability(String),
    /// Too little memory is free.
    #[error("it has {free} MiB free, {needed} MiB are needed")]
    Memory {
        /// In MiB, by its last sample.
        free: u32,
        /// In MiB.
        needed: u32,
    },
    /// Too little processor time is idle.
    #[error("it has {idle} % of a processor idle, {needed} % are needed")]
    Cpu {
        /// In percent of one processor, by its last sample.
        idle: u32,
        /// In percent of one processor.
        needed: u32,
    },
    /// Its owner takes no work by auction.
    #[error("it takes no work by auction")]
    NoAsk,
    /// It asks for more than the agent pays.
    #[error("it asks {asks} credits a minute, and {most} are paid at most")]
    TooDear {
        /// What it asks for a minute.
        asks: Credits,
        /// What is paid at most.
        most: Credits,
    },
    /// The node's owner allows no programs of others.
    #[error("its owner allows no programs that others started")]
    Programs,
    /// An agent that it stays near runs elsewhere.
    #[error("{0}, which it stays near, does not run there")]
    Far(Name),
    /// An agent that it keeps apart from is there.
    #[error("{0} is there, and the two keep apart")]
    Near(Name),
}

/// Every rule that keeps the agent off `candidate` whatever else runs there; none: it may run there.
#[must_use]
pub fn exclusions(spec: &AgentSpec, intent: &Intent, candidate: &Candidate<'_>) -> Vec<Exclusion> {
    let mut found = Vec::new();
    if !candidate.present() {
        found.push(Exclusion::Absent);
    }
    if candidate.role == Role::Observer {
        found.push(Exclusion::Observer);
    }
    if candidate.cordoned {
        found.push(Exclusion::Cordoned);
    }
    let Some(summary) = candidate.summary else {
        found.push(Exclusion::Undescribed);
        return found;
    };
    if candidate.agents >= summary.max_agents {
        found.push(Exclusion::Full(summary.max_agents));
    }
    constraints(&spec.placement, summary, &mut found);
    let idle = candidate.idle_percent();
    let needed = spec.placement.free_cpu_percent;
    if idle < needed {
        found.push(Exclusion::Cpu { idle, needed });
    }
    if spec.placement.strategy == Strategy::Auction {
        let most = spec.pays();
        match summary.ask.map(minute) {
            None => found.push(Exclusion::NoAsk),
            Some(asks) if asks > most && !most.is_zero() => {
                found.push(Exclusion::TooDear { asks, most });
            }
            Some(_) => {}
        }
    }
    let foreign = matches!(spec.runtime, Runtime::Process { .. }) && intent.owner != candidate.node;
    if foreign && summary.programs == Programs::Own {
        found.push(Exclusion::Programs);
    }
    found
}

fn constraints(rule: &Placement, summary: &Summary, found: &mut Vec<Exclusion>) {
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
    for capability in &rule.capabilities {
        if !summary.labels.contains_key(capability) {
            found.push(Exclusion::Capability(capability.clone()));
        }
    }
    let (free, needed) =
        (summary.memory_mib.saturating_sub(summary.load.used_mib), rule.free_memory_mib);
    if free < needed {
        found.push(Exclusion::Memory { free, needed });
    }
}
