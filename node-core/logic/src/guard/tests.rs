//! Guards as values: each is told the time.

mod breaker;
mod bulkhead;
mod cluster;
mod rates;
mod reset;

use std::time::Duration;

use crate::{guard::Quota, time::Instant};

pub(super) fn at(ms: u64) -> Instant {
    Instant(ms * 1_000)
}

pub(super) fn quota(count: u32, burst: u32) -> Quota {
    Quota { count, per: Duration::from_secs(1), burst }
}

/// Numbers that look like chance and follow from a seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        // Marsaglia, *Xorshift RNGs*, 2003, section 3.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
