//! An agent that could do a task, as the choice sees it.

use serde::{Deserialize, Serialize};

use crate::{
    credits::{Ask, Cost},
    ids::NodeId,
    replica::Load,
    settings::Values,
};

/// What is known of an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worker {
    /// Tasks that it has and has not ended.
    pub in_flight: u32,
    /// How long it takes for one, in microseconds; none of one that has ended none.
    pub latency_us: Option<u64>,
    /// The mean time between two ends while it has tasks, in microseconds; none before the first.
    pub pace_us: Option<u64>,
    /// Capabilities it has beyond those that the queue takes.
    pub extra: u32,
    /// How busy its node is; none if that is not known.
    pub strain: Option<Strain>,
    /// What its node asks; none if that takes no work by auction.
    pub bid: Option<Bid>,
}

/// What a node asks for the work of its agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Which node.
    pub node: NodeId,
    /// How much a second.
    pub ask: Ask,
}

/// How busy a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strain {
    /// Busy processors in percent of all it has.
    pub cpu_percent: u32,
    /// Memory in use in percent of all it has.
    pub memory_percent: u32,
}

impl Worker {
    /// What it asks for one more task: by how long it takes until that is done, after those that it
    /// has. Nothing if it bids for none, or was not measured yet.
    #[must_use]
    pub fn asks(&self) -> Option<Cost> {
        let (bid, pace) = (self.bid?, self.pace_us?);
        Some(bid.ask.over(pace.saturating_mul(u64::from(self.in_flight) + 1)))
    }
}

impl Strain {
    /// What a load is to a machine of so many processors, and so many MiB of memory.
    #[must_use]
    pub fn of(load: Load, (cpus, memory_mib): (u16, u32)) -> Self {
        let used = u64::from(load.used_mib) * 100 / u64::from(memory_mib.max(1));
        Self {
            cpu_percent: (load.cpu_percent / u32::from(cpus.max(1))).min(100),
            memory_percent: u32::try_from(used.min(100)).unwrap_or(100),
        }
    }
}

/// Beyond what an agent gets no task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tasks in flight at one agent.
    pub in_flight: u32,
    /// What its node may be busy, in percent of its processors.
    pub cpu_percent: u32,
    /// What its node's memory may be full, in percent.
    pub memory_percent: u32,
}

impl Limits {
    /// Whether one that is like this may take another task.
    #[must_use]
    pub fn admit(&self, worker: &Worker) -> bool {
        let eased = worker.strain.is_none_or(|strain| {
            strain.cpu_percent <= self.cpu_percent && strain.memory_percent <= self.memory_percent
        });
        worker.in_flight < self.in_flight && eased
    }
}

impl Default for Limits {
    /// As the settings are if nobody sets them.
    fn default() -> Self {
        Self::from(&Values::default())
    }
}

impl From<&Values> for Limits {
    fn from(values: &Values) -> Self {
        Self {
            in_flight: values.tasks_in_flight,
            cpu_percent: values.tasks_cpu_percent,
            memory_percent: values.tasks_memory_percent,
        }
    }
}
