//! The two clocks of the machine; nothing else in the shell reads them for the node.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use covey_logic::{Instant, Now, Wall};

/// Tells a node the time: microseconds since it started, and the wall clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: tokio::time::Instant,
}

impl Clock {
    /// A clock that starts at zero now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: tokio::time::Instant::now() }
    }

    /// This moment on both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        Now { at: self.at(tokio::time::Instant::now()), wall: wall() }
    }

    /// What a moment of the runtime's timers is on this clock.
    #[must_use]
    pub fn at(&self, moment: tokio::time::Instant) -> Instant {
        Instant::default() + moment.saturating_duration_since(self.start)
    }

    /// When `at` comes, for the runtime's timers.
    #[must_use]
    pub fn deadline(&self, at: Instant) -> tokio::time::Instant {
        self.start + Duration::from_micros(at.0)
    }
}

/// The wall clock; a machine set to before 1970 reads as 1970.
#[must_use]
pub fn wall() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Time since the machine booted, asleep or awake: alike in all of its processes.
#[cfg(unix)]
#[must_use]
pub fn uptime() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    // It goes on while the machine sleeps.
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;
    Duration::try_from(clock_gettime(CLOCK)).unwrap_or_default()
}

/// The same where there are no programs to measure it for.
#[cfg(not(unix))]
#[must_use]
pub fn uptime() -> Duration {
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn clock_counts_microseconds_from_its_start() {
        let clock = Clock::start();

        tokio::time::advance(Duration::from_millis(3)).await;

        assert_eq!(clock.now().at, Instant(3_000));
        assert_eq!(
            clock.deadline(Instant(5_000)),
            tokio::time::Instant::now() + Duration::from_millis(2)
        );
    }
}
