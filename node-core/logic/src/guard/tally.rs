//! How calls went of late.

use std::time::Duration;

use crate::time::Instant;

/// Calls that went well and that failed within a window that slides in [`SLOTS`] steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    slots: [Slot; SLOTS],
    /// The length of one slot, in microseconds.
    step: u64,
}

/// Steps of a window: what is forgotten at once is a tenth of it.
const SLOTS: usize = 10;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Slot {
    /// Which step since the beginning of time.
    number: u64,
    passed: u32,
    failed: u32,
}

impl Tally {
    /// Counts a call that ended at `now`.
    pub(super) fn add(&mut self, now: Instant, window: Duration, failed: bool) {
        let number = self.turn(now, window);
        let place = usize::try_from(number).unwrap_or(usize::MAX) % SLOTS;
        let Some(slot) = self.slots.get_mut(place) else { return };
        if slot.number != number {
            *slot = Slot { number, ..Slot::default() };
        }
        let count = if failed { &mut slot.failed } else { &mut slot.passed };
        *count = count.saturating_add(1);
    }

    /// How many passed and failed in the window that ends at `now`.
    pub(super) fn count(&self, now: Instant) -> (u32, u32) {
        let number = now.0.checked_div(self.step).unwrap_or(0);
        let recent = |slot: &&Slot| number.saturating_sub(slot.number) < SLOTS as u64;
        self.slots.iter().filter(recent).fold((0, 0), |(passed, failed), slot| {
            (passed.saturating_add(slot.passed), failed.saturating_add(slot.failed))
        })
    }

    /// Which step `now` is in; a window of another length begins anew.
    fn turn(&mut self, now: Instant, window: Duration) -> u64 {
        let step = u64::try_from(window.as_micros()).unwrap_or(u64::MAX) / SLOTS as u64;
        let step = step.max(1);
        if step != self.step {
            *self = Self { step, ..Self::default() };
        }
        now.0 / step
    }
}
