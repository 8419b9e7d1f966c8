//! The clock that the group's entries carry, while this node leads.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

/// Counts on from where the group's clock was when this node began to lead, by this node's own
/// monotonic clock: never back, and never faster than time goes, whoever led before.
#[derive(Debug, Default)]
pub(super) struct LeaderClock(Mutex<Option<Led>>);

#[derive(Clone, Copy, Debug)]
struct Led {
    term: u64,
    began: Instant,
    /// Where the clock was then, in nanoseconds.
    from: u64,
}

impl LeaderClock {
    /// Where the clock is while this node leads in `term`; `reached` says where the entries before
    /// brought it.
    pub(super) fn now(&self, term: u64, reached: impl FnOnce() -> u64) -> u64 {
        let now = Instant::now();
        let mut led = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Led { began, from, .. } = match *led {
            Some(led) if led.term == term => led,
            _ => *led.insert(Led { term, began: now, from: reached() }),
        };
        let since = u64::try_from(now.duration_since(began).as_nanos()).unwrap_or(u64::MAX);
        from.saturating_add(since)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn clock_goes_on_from_what_others_reached_and_with_time() {
        let clock = LeaderClock::default();

        let first = clock.now(1, || 5_000);
        tokio::time::advance(Duration::from_micros(2)).await;
        let second = clock.now(1, || unreachable!("it leads already"));
        tokio::time::advance(Duration::from_secs(9)).await;
        let later = clock.now(3, || 7_500);

        assert_eq!([first, second, later], [5_000, 7_000, 7_500]);
    }
}
