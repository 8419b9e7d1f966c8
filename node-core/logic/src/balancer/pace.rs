//! How often an agent ends a task.

use serde::{Deserialize, Serialize};

/// The measured time between the ends of tasks while an agent has some.
///
/// Latency holds the time that a task waits behind others at its agent, so multiplied by those in
/// flight it would count it twice; and an agent that does four at a time ends four as often as its
/// latency says. What is measured is busy time by ends: from the beginning of a task or the end
/// before it, whichever is later, to its end. It is one sum over the other, since of ends that come
/// in one entry of the log the first has all the time and the others none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// How long it had tasks, in microseconds.
    busy_us: u64,
    /// How many it did in that time.
    done: u32,
    /// When the last of them ended, by the group's clock in nanoseconds.
    ended: u64,
}

impl Pace {
    /// At so many ends all that was weighs half from there on: so an average is one of 16 at least,
    /// and one that became slower or faster is known for it after some 32.
    const ENDS: u32 = 32;
    /// The time without a task after which an agent counts as twice as fast, in nanoseconds: who
    /// was slow for a while is tried again once it had no task for a minute or some.
    const FORGIVEN: u64 = 60_000_000_000;

    /// A task that it had `since` then ended, done.
    pub(super) fn done(&mut self, since: u64, clock: u64) {
        self.pass(since, clock, 0);
        self.done += 1;
        if self.done >= Self::ENDS {
            self.busy_us /= 2;
            self.done /= 2;
        }
    }

    /// A task that it had `since` then ended otherwise: the time passed, and `lost` more that the
    /// task has to wait for the next attempt, both in nanoseconds.
    pub(super) fn failed(&mut self, since: u64, clock: u64, lost: u64) {
        self.pass(since, clock, lost);
    }

    /// The mean time between two ends, in microseconds, for one that has had no task for `idle`
    /// nanoseconds; nothing if none ended yet.
    #[must_use]
    pub fn value(&self, idle: u64) -> Option<u64> {
        if self.ended == 0 {
            return None;
        }
        let mean = u128::from(self.busy_us / u64::from(self.done.max(1)));
        let forgiven = u128::from(Self::FORGIVEN);
        let left = mean * forgiven / (forgiven + u128::from(idle));
        Some(u64::try_from(left).unwrap_or(u64::MAX).max(1))
    }

    fn pass(&mut self, since: u64, clock: u64, lost: u64) {
        let passed = clock.saturating_sub(since.max(self.ended)).saturating_add(lost);
        self.busy_us = self.busy_us.saturating_add(passed / 1_000);
        // A group whose clock did not go yet has measured all the same.
        self.ended = self.ended.max(clock).max(1);
    }
}
