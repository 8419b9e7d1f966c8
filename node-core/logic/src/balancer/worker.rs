//! An agent that could do a task, as the choice sees it.

use serde::{Deserialize, Serialize};

use crate::settings::Values;

/// What is known of an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worker {
    /// Tasks that it has and has not ended.
    pub in_flight: u32,
    /// How long it takes for one, in microseconds; none of one that has ended none.
    pub latency_us: Option<u64>,
    /// Capabilities it has beyond those that the queue takes.
    pub extra: u32,
    /// How busy its node is; none if that is not known.
    pub strain: Option<Strain>,
}

/// How busy a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strain {
    /// Busy processors in percent of all it has.
    pub cpu_percent: u32,
    /// Memory in use in percent of all it has.
    pub memory_percent: u32,
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
