//! What follows from the log of one agent.

use serde::{Deserialize, Serialize};

use super::{Pace, PeakEwma};

/// What an agent did of tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Tasks it has.
    pub in_flight: u32,
    /// Tasks it was given, since it is counted.
    pub assigned: u64,
    /// Those it did.
    pub done: u64,
    /// Those it failed, or did not end.
    pub failed: u64,
    /// How long it takes for one; none if it has ended none.
    pub latency: Option<PeakEwma>,
    /// How often it ends one.
    pub pace: Pace,
    /// When it last had to do with one, by the group's clock.
    pub last: u64,
}

impl Record {
    /// It has another.
    pub(super) fn given(&mut self, clock: u64) {
        self.in_flight = self.in_flight.saturating_add(1);
        self.assigned += 1;
        self.last = clock;
    }

    /// It has one less.
    pub(super) fn freed(&mut self, clock: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.last = clock;
    }

    /// The mean time between two ends of tasks while it has some, in microseconds; nothing before
    /// the first.
    #[must_use]
    pub fn pace_us(&self, clock: u64) -> Option<u64> {
        let idle = if self.in_flight == 0 { clock.saturating_sub(self.last) } else { 0 };
        self.pace.value(idle)
    }

    pub(super) fn took(&mut self, clock: u64, us: u64) {
        match &mut self.latency {
            Some(latency) => latency.observe(clock, us),
            none => *none = Some(PeakEwma::new(clock, us)),
        }
    }
}
