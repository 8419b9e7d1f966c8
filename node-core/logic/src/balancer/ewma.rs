//! How long an agent takes for a task.

use serde::{Deserialize, Serialize};

/// An average of latencies in which later ones weigh more, and which follows a greater one at once.
///
/// After the peak EWMA of Finagle's balancer (Twitter, `PeakEwma.scala`): who is slow once is
/// avoided at once, and forgiven as time passes. The weight of what was is `τ / (τ + t)` and not
/// `exp(-t / τ)`, so that all machines come to the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeakEwma {
    /// Microseconds.
    us: u64,
    /// When it was last observed, by the group's clock in nanoseconds.
    at: u64,
}

impl PeakEwma {
    /// The time after which what was weighs half, in nanoseconds: 10 s, as in Finagle.
    const TAU: u64 = 10_000_000_000;

    /// The first latency, in microseconds, seen when the group's clock was at `at` nanoseconds.
    #[must_use]
    pub fn new(at: u64, us: u64) -> Self {
        Self { us: us.max(1), at }
    }

    /// Another latency.
    pub fn observe(&mut self, at: u64, us: u64) {
        let us = us.max(1);
        if us >= self.us {
            self.us = us;
        } else {
            let was = self.value(at);
            let rest = u128::from(us) * u128::from(at.saturating_sub(self.at));
            let whole = u128::from(Self::TAU) + u128::from(at.saturating_sub(self.at));
            let part = u64::try_from(rest / whole).unwrap_or(u64::MAX);
            self.us = was.saturating_add(part).max(us);
        }
        self.at = self.at.max(at);
    }

    /// What to reckon with at `at`, in microseconds: nought is neared while nothing is heard, so
    /// that one who was slow is tried again.
    #[must_use]
    pub fn value(&self, at: u64) -> u64 {
        let passed = u128::from(at.saturating_sub(self.at));
        let left = u128::from(self.us) * u128::from(Self::TAU) / (u128::from(Self::TAU) + passed);
        u64::try_from(left).unwrap_or(u64::MAX).max(1)
    }
}
