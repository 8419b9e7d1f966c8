//! What is measured of the agents that are here.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use covey_logic::{Epoch, Name, agent::ExitReason, monitor::Histogram};

use super::{Host, life::Life};

/// What is known of one life; what cannot be measured is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentMeasure {
    /// Which agent.
    pub name: Name,
    /// Which life.
    pub epoch: Epoch,
    /// Calls that wait or are in hand, and as many there may be.
    pub mailbox: (u32, u32),
    /// Calls that this life dealt with, well or not.
    pub calls: u64,
    /// Those that failed: answered with an error, not in time, or not at all.
    pub failed: u64,
    /// How often the agent ended unasked on this node since the node started.
    pub ended: u64,
    /// Milliseconds of processor time that its processes used.
    pub cpu_ms: Option<u64>,
    /// Resident KiB of its processes.
    pub memory_kib: Option<u64>,
    /// How long answers took since this was last taken, if it was asked for and there were any.
    pub latency: Option<Histogram>,
}

/// How often agents ended unasked.
#[derive(Debug, Default)]
pub(super) struct Ends(Mutex<BTreeMap<Name, (u64, Instant)>>);

impl Ends {
    /// How long the ends of an agent that is not here are remembered: its next life may be placed
    /// elsewhere, and come back.
    const MEMORY: Duration = Duration::from_mins(10);

    pub(super) fn note(&self, name: &Name, reason: &ExitReason) {
        if *reason == ExitReason::Stopped {
            return;
        }
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ends.retain(|_, (_, last)| last.elapsed() < Self::MEMORY);
        let (count, last) = ends.entry(name.clone()).or_insert((0, Instant::now()));
        (*count, *last) = (*count + 1, Instant::now());
    }

    fn of(&self, name: &Name) -> u64 {
        let ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ends.get(name).map_or(0, |(count, _)| *count)
    }
}

impl Host {
    /// Measures every agent that is here; with `latency`, takes how long answers took since it was
    /// last taken.
    #[must_use]
    pub fn measure(&self, latency: bool) -> Vec<AgentMeasure> {
        let of = |life: &Life| {
            let (calls, failed) = life.meter.counts();
            AgentMeasure {
                name: life.name.clone(),
                epoch: life.epoch,
                mailbox: (life.in_hand(), life.limits.mailbox),
                calls,
                failed,
                ended: self.0.ends.of(&life.name),
                cpu_ms: life.meter.cpu_ms(),
                memory_kib: life.meter.memory_kib(),
                latency: latency.then(|| life.meter.take_latency()).flatten(),
            }
        };
        self.0.table.all().iter().map(|life| of(life)).collect()
    }
}
