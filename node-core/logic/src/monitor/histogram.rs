//! A histogram that merges, with a stated error of its percentiles.
//!
//! Log-linear as in Gil Tene's `HdrHistogram`: each doubling has 64 buckets of equal width, so a
//! bucket is at most 1/64 of its lower edge wide, and its middle at most 1/128 (0.79 %) off any
//! value in it. Integers alone, so that every machine counts alike; sparse, because an agent's
//! calls of a minute fill few of the 2,368 buckets. `hdrhistogram` keeps every bucket of its range,
//! `DDSketch` (Masson, Rim, Lee, VLDB 2019) takes logarithms of floats: neither fits a value that
//! is merged on other machines and kept a day for each agent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Counts of values; nanoseconds, where times are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Packed", into = "Packed")]
pub struct Histogram {
    counts: BTreeMap<u16, u64>,
    sum: u64,
}

/// Binary digits of a value that tell its bucket, beside the first.
const DIGITS: u32 = 6;
const STEPS: u64 = 1 << DIGITS;

/// The bucket of a value, below [`Histogram::BUCKETS`]; for whoever counts in an array of their
/// own.
#[must_use]
pub fn bucket_of(value: u64) -> u16 {
    let value = value.min(Histogram::MAX);
    let shift = value.max(1).ilog2().saturating_sub(DIGITS);
    let bucket = u64::from(shift) * STEPS + (value >> shift);
    u16::try_from(bucket).unwrap_or(u16::MAX)
}

/// The least value of a bucket, and how many it is wide.
fn edges(bucket: u16) -> (u64, u64) {
    let bucket = u64::from(bucket);
    let shift = (bucket / STEPS).saturating_sub(1);
    ((bucket - shift * STEPS) << shift, 1 << shift)
}

impl Histogram {
    /// The greatest value told apart: 73 minutes in nanoseconds. Greater ones count as it.
    pub const MAX: u64 = (1 << 42) - 1;
    /// As many buckets there are: 64 exact ones, and 64 for each doubling up to [`Self::MAX`].
    pub const BUCKETS: usize = 64 * 37;

    /// Counts a value.
    pub fn record(&mut self, value: u64) {
        self.add(bucket_of(value), 1);
        self.sum = self.sum.saturating_add(value);
    }

    /// Takes in what was counted elsewhere: how often in a bucket.
    pub fn add(&mut self, bucket: u16, count: u64) {
        if count > 0 && usize::from(bucket) < Self::BUCKETS {
            let held = self.counts.entry(bucket).or_default();
            *held = held.saturating_add(count);
        }
    }

    /// Takes in the sum of values counted elsewhere.
    pub fn add_sum(&mut self, sum: u64) {
        self.sum = self.sum.saturating_add(sum);
    }

    /// Takes in another; in any order the same comes of it.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            self.add(*bucket, *count);
        }
        self.add_sum(other.sum);
    }

    /// Values counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.values().fold(0, |all, count| all.saturating_add(*count))
    }

    /// Their sum; exact.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The value of which `parts` of 10,000 are at most as great (nearest rank), within 0.79 %;
    /// nothing of nothing.
    #[must_use]
    pub fn quantile(&self, parts: u32) -> Option<u64> {
        let count = u128::from(self.count());
        let rank = (count * u128::from(parts.min(10_000))).div_ceil(10_000).max(1);
        let mut seen = 0_u128;
        for (bucket, held) in &self.counts {
            seen += u128::from(*held);
            if seen >= rank {
                let (least, width) = edges(*bucket);
                return Some(least + (width - 1) / 2);
            }
        }
        None
    }

    /// How many values are at most `limit`; a bucket across it counts as above.
    #[must_use]
    pub fn at_most(&self, limit: u64) -> u64 {
        let below = |(bucket, _): &(&u16, &u64)| {
            let (least, width) = edges(**bucket);
            least + (width - 1) <= limit
        };
        let counts = self.counts.iter().take_while(below);
        counts.fold(0, |all, (_, count)| all.saturating_add(*count))
    }
}

/// As it is written: the distance to the bucket before, and the count.
#[derive(Serialize, Deserialize)]
struct Packed {
    counts: Vec<(u16, u64)>,
    sum: u64,
}

impl From<Histogram> for Packed {
    fn from(histogram: Histogram) -> Self {
        let mut last = 0;
        let step = |(bucket, count): (u16, u64)| {
            let gap = bucket - std::mem::replace(&mut last, bucket);
            (gap, count)
        };
        Self { counts: histogram.counts.into_iter().map(step).collect(), sum: histogram.sum }
    }
}

impl TryFrom<Packed> for Histogram {
    type Error = GarbledHistogram;

    fn try_from(packed: Packed) -> Result<Self, Self::Error> {
        let mut counts = BTreeMap::new();
        let mut bucket = 0_u16;
        for (place, (gap, count)) in packed.counts.into_iter().enumerate() {
            bucket = bucket.checked_add(gap).ok_or(GarbledHistogram)?;
            let ordered = place == 0 || gap > 0;
            if !ordered || count == 0 || usize::from(bucket) >= Self::BUCKETS {
                return Err(GarbledHistogram);
            }
            counts.insert(bucket, count);
        }
        Ok(Self { counts, sum: packed.sum })
    }
}

/// The bytes are no histogram: nothing was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("buckets out of order, or none of this histogram")]
struct GarbledHistogram;
