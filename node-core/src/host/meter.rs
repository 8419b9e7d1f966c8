//! What is counted of one life: its calls, how long they took, and what its processes use.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use covey_logic::monitor::{Histogram, bucket_of};

use super::call::CallError;

/// Counts of one life; a call costs two or three additions, and no lock.
#[derive(Debug)]
pub(super) struct Meter {
    well: AtomicU64,
    failed: AtomicU64,
    /// Nanoseconds of all answers since they were last taken.
    sum: AtomicU64,
    /// Answers of each bucket since they were last taken; made with the first.
    buckets: OnceLock<Box<[AtomicU32]>>,
    /// Milliseconds of processor time, and KiB; [`UNKNOWN`] if nobody measured.
    cpu_ms: AtomicU64,
    memory_kib: AtomicU64,
}

const UNKNOWN: u64 = u64::MAX;

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            well: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            sum: AtomicU64::new(0),
            buckets: OnceLock::new(),
            cpu_ms: AtomicU64::new(UNKNOWN),
            memory_kib: AtomicU64::new(UNKNOWN),
        }
    }

    /// Counts what became of a call that was handed to the life, or that found its mailbox full.
    pub(super) fn count(&self, took: Duration, result: &Result<Bytes, CallError>) {
        match result {
            Ok(_) => {
                self.answer(took);
                self.well.fetch_add(1, Ordering::Relaxed);
            }
            Err(CallError::Agent { .. }) => {
                self.answer(took);
                self.failed.fetch_add(1, Ordering::Relaxed);
            }
            Err(CallError::Busy | CallError::Crashed | CallError::TimedOut) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
            }
            // Nothing of this life.
            Err(
                CallError::Unknown
                | CallError::StaleEpoch
                | CallError::Stopping
                | CallError::TooBig { .. }
                | CallError::NotJson,
            ) => {}
        }
    }

    fn answer(&self, took: Duration) {
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.sum.fetch_add(ns, Ordering::Relaxed);
        let buckets = self
            .buckets
            .get_or_init(|| (0..Histogram::BUCKETS).map(|_| AtomicU32::new(0)).collect());
        if let Some(bucket) = buckets.get(usize::from(bucket_of(ns))) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// All calls; and those of them that failed: answered with an error, not in time, or not at
    /// all.
    pub(super) fn counts(&self) -> (u64, u64) {
        let failed = self.failed.load(Ordering::Relaxed);
        (self.well.load(Ordering::Relaxed).saturating_add(failed), failed)
    }

    /// How long answers took since this was last asked; nothing if there were none.
    pub(super) fn take_latency(&self) -> Option<Histogram> {
        let buckets = self.buckets.get()?;
        let sum = self.sum.swap(0, Ordering::Relaxed);
        let mut histogram = Histogram::default();
        for (bucket, count) in (0..).zip(buckets.iter()) {
            if count.load(Ordering::Relaxed) > 0 {
                histogram.add(bucket, count.swap(0, Ordering::Relaxed).into());
            }
        }
        histogram.add_sum(sum);
        (!histogram.is_empty()).then_some(histogram)
    }

    /// What its processes were found to use.
    #[cfg(unix)]
    pub(super) fn set_use(&self, cpu: Option<Duration>, memory_kib: u64) {
        if let Some(cpu) = cpu {
            let ms = u64::try_from(cpu.as_millis()).unwrap_or(UNKNOWN);
            self.cpu_ms.store(ms, Ordering::Relaxed);
        }
        self.memory_kib.store(memory_kib, Ordering::Relaxed);
    }

    pub(super) fn cpu_ms(&self) -> Option<u64> {
        known(&self.cpu_ms)
    }

    pub(super) fn memory_kib(&self) -> Option<u64> {
        known(&self.memory_kib)
    }
}

fn known(value: &AtomicU64) -> Option<u64> {
    Some(value.load(Ordering::Relaxed)).filter(|value| *value != UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_is_taken_once_and_adds_up() {
        let meter = Meter::new();
        for ms in 1..=100 {
            meter.count(Duration::from_millis(ms), &Ok(Bytes::new()));
        }

        let taken = meter.take_latency().unwrap();

        assert_eq!((taken.count(), taken.sum()), (100, 5_050_000_000));
        assert!(taken.quantile(5_000).unwrap().abs_diff(50_000_000) <= 500_000);
        assert_eq!(meter.take_latency(), None);
    }

    #[test]
    fn calls_are_counted_by_what_became_of_them() {
        let meter = Meter::new();
        let took = Duration::from_micros(3);
        meter.count(took, &Ok(Bytes::new()));
        meter.count(took, &Err(CallError::agent(1, "no".to_owned())));
        meter.count(took, &Err(CallError::TimedOut));
        meter.count(took, &Err(CallError::Unknown));

        assert_eq!(meter.counts(), (3, 2));
        assert_eq!((meter.cpu_ms(), meter.memory_kib()), (None, None), "not measured");
    }
}
