//! Rates of the whole cluster, as they follow from the log.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    guard::{Bucket, Quota},
    ids::Name,
};

/// What is left of each rate that counts on all nodes together.
///
/// Time comes with the entries, from the leader that took each in ([`Quotas::clock`]): one leader's
/// clock counts on from what its predecessors came to, and never faster than time goes. So what is
/// handed out within any span is no more than the rate allows within it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotas {
    clock: u64,
    buckets: BTreeMap<String, Bucket>,
    /// The number of the last wish for a rate to begin anew.
    reset: u64,
    /// The last of those wishes, the oldest first.
    resets: VecDeque<RateReset>,
}

/// A wish for a rate to begin anew on every node, be it counted by each or by all together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateReset {
    /// The rate of which operation, as its rule says it.
    pub operation: String,
    /// For whom; none: for all who ask.
    pub actor: Option<Name>,
}

/// What is left of a rate of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many can be taken.
    pub left: u32,
    /// In how long all can be.
    pub full_in: Duration,
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
    /// Wishes for rates to begin anew that are remembered, for nodes that have not heard of them.
    pub const RESETS: usize = 100;

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

    /// What is left of a rate when the clock of the group is at `clock`.
    #[must_use]
    pub fn standing(&self, key: &str, quota: &Quota, clock: u64) -> Standing {
        let bucket = self.buckets.get(key).copied().unwrap_or_default();
        Standing { left: bucket.left(clock, quota), full_in: bucket.full_in(clock) }
    }

    /// Has a rate begin anew; the number of the wish.
    ///
    /// # Errors
    ///
    /// [`Undrawn::Long`].
    pub fn reset(&mut self, wish: RateReset) -> Result<u64, Undrawn> {
        if wish.operation.len() > Self::MAX_KEY {
            return Err(Undrawn::Long { capacity: Self::MAX_KEY });
        }
        match &wish.actor {
            Some(_) => drop(self.buckets.remove(&wish.key())),
            None => {
                let start = format!("{} ", wish.operation);
                self.buckets.retain(|key, _| !key.starts_with(&start));
            }
        }
        self.reset += 1;
        if self.resets.len() == Self::RESETS {
            self.resets.pop_front();
        }
        self.resets.push_back(wish);
        Ok(self.reset)
    }

    /// The number of the last wish for a rate to begin anew.
    #[must_use]
    pub fn last_reset(&self) -> u64 {
        self.reset
    }

    /// The wishes after the one numbered `known` that are remembered.
    pub fn resets_after(&self, known: u64) -> impl Iterator<Item = &RateReset> {
        let before = self.reset.saturating_sub(self.resets.len() as u64);
        let skipped = usize::try_from(known.saturating_sub(before)).unwrap_or(usize::MAX);
        self.resets.iter().skip(skipped)
    }
}

/// What the group calls a rate of one who asks, or of all.
#[must_use]
pub fn rate_key(operation: &str, actor: Option<&Name>) -> String {
    format!("{operation} {}", actor.map_or("*", Name::as_str))
}

impl RateReset {
    fn key(&self) -> String {
        rate_key(&self.operation, self.actor.as_ref())
    }
}
