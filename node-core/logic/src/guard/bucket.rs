//! How much of a rate is left.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A rate: so many within a span, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// How many.
    pub count: u32,
    /// Within which span.
    pub per: Duration,
    /// How many at once, after a pause.
    pub burst: u32,
}

/// What is left of a rate, as the moment at which all of it is there again (the virtual scheduling
/// of ITU-T I.371, known as GCRA): nothing has to be counted up while nobody asks.
///
/// Moments are nanoseconds on whichever clock its owner keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bucket {
    full_at: u64,
}

impl Quota {
    /// The time in which one comes back, in nanoseconds: rounded up, so that the rate is never
    /// exceeded.
    #[must_use]
    pub fn interval(&self) -> u64 {
        let per = u64::try_from(self.per.as_nanos()).unwrap_or(u64::MAX);
        per.div_ceil(u64::from(self.count.max(1))).max(1)
    }

    /// What of it comes back within `span`, one at least.
    #[must_use]
    pub fn within(&self, span: Duration) -> u32 {
        let span = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        u32::try_from(span / self.interval()).unwrap_or(u32::MAX).max(1)
    }

    /// An equal part for each of `parties`; of the burst one at least.
    #[must_use]
    pub fn part(&self, parties: u32) -> Self {
        let parties = parties.max(1);
        Self {
            count: self.count,
            per: self.per.saturating_mul(parties),
            burst: (self.burst / parties).max(1),
        }
    }
}

impl Bucket {
    /// Takes `want` at most, and says how many it took.
    pub fn take(&mut self, now: u64, quota: &Quota, want: u32) -> u32 {
        let taken = want.min(self.left(now, quota));
        if taken > 0 {
            let cost = quota.interval().saturating_mul(taken.into());
            self.full_at = self.full_at.max(now).saturating_add(cost);
        }
        taken
    }

    /// Gives `count` back that were taken and not used.
    pub fn give_back(&mut self, quota: &Quota, count: u32) {
        self.full_at = self.full_at.saturating_sub(quota.interval().saturating_mul(count.into()));
    }

    /// How many can be taken.
    #[must_use]
    pub fn left(&self, now: u64, quota: &Quota) -> u32 {
        let depth = quota.interval().saturating_mul(quota.burst.into());
        let room = now.saturating_add(depth).saturating_sub(self.full_at.max(now));
        u32::try_from(room / quota.interval()).unwrap_or(u32::MAX).min(quota.burst)
    }

    /// In how long one can be taken; at once if that is zero.
    #[must_use]
    pub fn next(&self, now: u64, quota: &Quota) -> Duration {
        let depth = quota.interval().saturating_mul(u64::from(quota.burst.max(1)) - 1);
        Duration::from_nanos(self.full_at.saturating_sub(now.saturating_add(depth)))
    }

    /// In how long all can be taken.
    #[must_use]
    pub fn full_in(&self, now: u64) -> Duration {
        Duration::from_nanos(self.full_at.saturating_sub(now))
    }

    /// Whether nothing is known by it: all can be taken.
    #[must_use]
    pub fn is_full(&self, now: u64) -> bool {
        self.full_at <= now
    }
}
