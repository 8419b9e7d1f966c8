//! How well this node's own timers run, and how much patience with others follows from it.

use std::time::Duration;

use crate::time::Instant;

/// The local health multiplier of Lifeguard: a node that is itself late gives the others more time,
/// since it may be late in hearing them as well.
///
/// After Dadgar, Phillips, Currey, *Lifeguard: Local Health Awareness for More Accurate Failure
/// Detection*, DSN-W 2018, section IV.A.
///
/// A timer that ran late adds a point, a second without one takes a point back. Each point adds a
/// quarter to every threshold; with eight at most, as in the paper, a node that struggles needs
/// three times as long to accuse, and no longer.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    points: u32,
    good_since: Instant,
}

impl Health {
    const MAX: u32 = 8;
    const POINTS_PER_WHOLE: u32 = 4;
    /// A timer of ours that fires this late was held up: the runtime's timers are good to some
    /// milliseconds.
    const LATE: Duration = Duration::from_millis(100);
    /// How long timers must run well for a point to be taken back.
    const RECOVERY: Duration = Duration::from_millis(1_000);

    /// In good health.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { points: 0, good_since: now }
    }

    /// Takes note that a timer fired at `now`, `late` after it was due.
    pub fn ticked(&mut self, now: Instant, late: Duration) {
        if late > Self::LATE {
            self.points = (self.points + 1).min(Self::MAX);
            self.good_since = now;
        } else if now.since(self.good_since) >= Self::RECOVERY {
            self.points = self.points.saturating_sub(1);
            self.good_since = now;
        }
    }

    /// `threshold` as this node should apply it.
    #[must_use]
    pub fn stretch(self, threshold: Duration) -> Duration {
        threshold * (Self::POINTS_PER_WHOLE + self.points) / Self::POINTS_PER_WHOLE
    }

    /// `silence` as a node in good health would weigh it.
    #[must_use]
    pub fn shrink(self, silence: Duration) -> Duration {
        silence * Self::POINTS_PER_WHOLE / (Self::POINTS_PER_WHOLE + self.points)
    }
}
