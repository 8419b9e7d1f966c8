//! When what changed is pushed.

use crate::{
    limits::{PUSH_DELAY, PUSH_INTERVAL},
    time::Instant,
};

/// A change that comes alone is pushed after [`PUSH_DELAY`]; those that follow one another are
/// collected, so that pushes lie at least [`PUSH_INTERVAL`] apart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    due: Option<Instant>,
    earliest: Instant,
}

impl Pace {
    /// Something changed.
    pub(super) fn note(&mut self, now: Instant) {
        self.due.get_or_insert(self.earliest.max(now + PUSH_DELAY));
    }

    /// When the next push is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether to push now; if so, the push has begun.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let pushes = self.due.take_if(|at| *at <= now).is_some();
        if pushes {
            self.earliest = now + PUSH_INTERVAL;
        }
        pushes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_that_comes_alone_waits_for_the_delay_only() {
        let mut pace = Pace::default();
        for at in [0, 1_000_000] {
            pace.note(Instant(at));
            assert_eq!(pace.due(), Some(Instant(at) + PUSH_DELAY));
            assert!(!pace.take(Instant(at)));
            assert!(pace.take(Instant(at) + PUSH_DELAY));
        }
    }

    #[test]
    fn changes_without_end_are_pushed_once_an_interval() {
        let mut pace = Pace::default();
        let end = Instant::default() + PUSH_INTERVAL * 100;
        let pushes = (0..end.0).step_by(100).filter(|at| {
            pace.note(Instant(*at));
            pace.take(Instant(*at))
        });
        assert_eq!(pushes.count(), 100);
    }
}
