//! Rates of the whole cluster, as they follow from the log.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::guard::{Bucket, Quota};

/// What is left of each rate that counts on all nodes together.
///
/// Time comes with the entries, from the leader that took each in ([`Quotas::clock`]): one leader's
/// clock counts on from what its predecessors came to, and never faster than time goes. So what is
/// handed out within any span is no more than the rate allows within it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotas {
    clock: u64,
    buckets: BTreeMap<String, Bucket>,
}

/// A wish for a portion of a rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    /// Of which rate, and for whom.
    pub key: String,
    /// The rate.
    pub quota: Quota,
    /// How much, at most.
    pub want: u32,
    /// The group's clock, in nanoseconds; the leader sets it.
    pub clock: u64,
}

/// What was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// How much.
    pub count: u32,
    /// In how long there is more.
    pub next: Duration,
}

/// Why nothing was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Undrawn {
    /// Wait until some rate is unused again.
    #[error("{capacity} rates are counted at most")]
    Full {
        /// The bound.
        capacity: usize,
    },
    /// Shorten its name.
    #[error("the name of a rate has {capacity} bytes at most")]
    Long {
        /// The bound.
        capacity: usize,
    },
}

impl Quotas {
    /// Rates that are counted at a time, one for each who asks: two megabytes at most.
    pub const CAPACITY: usize = 10_000;
    /// Bytes of a key: an operation of some length, and a name.
    pub const MAX_KEY: usize = 320;

    /// Hands a portion out.
    ///
    /// # Errors
    ///
    /// See [`Undrawn`].
    pub fn draw(&mut self, portion: &Portion) -> Result<Drawn, Undrawn> {
        let Portion { key, quota, want, clock } = portion;
        if key.len() > Self::MAX_KEY {
            return Err(Undrawn::Long { capacity: Self::MAX_KEY });
        }
        self.clock = self.clock.max(*clock);
        let now = self.clock;
        if self.buckets.len() >= Self::CAPACITY && !self.buckets.contains_key(key) {
            self.buckets.retain(|_, bucket| !bucket.is_full(now));
            if self.buckets.len() >= Self::CAPACITY {
                return Err(Undrawn::Full { capacity: Self::CAPACITY });
            }
        }
        let bucket = self.buckets.entry(key.clone()).or_default();
        let count = bucket.take(now, quota, *want);
        Ok(Drawn { count, next: bucket.next(now, quota) })
    }

    /// How far the clock of the group is, in nanoseconds.
    #[must_use]
    pub fn clock(&self) -> u64 {
        self.clock
    }

    /// What was left of a rate at the last draw of any.
    #[must_use]
    pub fn left(&self, key: &str, quota: &Quota) -> u32 {
        self.buckets.get(key).map_or(quota.burst, |bucket| bucket.left(self.clock, quota))
    }
}
