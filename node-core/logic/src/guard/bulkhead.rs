//! How many calls of an agent go on at a time, and who waits.

use std::{collections::VecDeque, time::Duration};

/// How many calls of an agent go on at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkheadRule {
    /// So many.
    pub at_once: u32,
    /// So many more wait.
    pub queue: u32,
    /// So long at most.
    pub wait: Duration,
}

/// The calls of one agent that go on, and those in line; `W` is how one in line is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulkhead<W> {
    running: u32,
    line: VecDeque<(Ticket, W)>,
    next: u64,
}

/// A place in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

/// What became of a call that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It goes on.
    Runs,
    /// It waits.
    Waits(Ticket),
}

/// There is neither a place nor room in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// Calls that go on.
    pub running: u32,
    /// Calls that wait.
    pub queued: u32,
}

impl<W> Default for Bulkhead<W> {
    fn default() -> Self {
        Self { running: 0, line: VecDeque::new(), next: 0 }
    }
}

impl<W> Bulkhead<W> {
    /// A call comes; `waiter` makes how it is told if it has to wait.
    ///
    /// # Errors
    ///
    /// [`Full`].
    pub fn enter(
        &mut self,
        rule: &BulkheadRule,
        waiter: impl FnOnce() -> W,
    ) -> Result<Entered, Full> {
        let (running, queued) = self.counts();
        if queued == 0 && running < rule.at_once {
            self.running += 1;
            return Ok(Entered::Runs);
        }
        if queued >= rule.queue {
            return Err(Full { running, queued });
        }
        let ticket = Ticket(self.next);
        self.next += 1;
        self.line.push_back((ticket, waiter()));
        Ok(Entered::Waits(ticket))
    }

    /// A call that went on has ended. [`Self::advance`] says who goes on instead.
    pub fn leave(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// The next in line goes on, if there is a place.
    pub fn advance(&mut self, rule: &BulkheadRule) -> Option<W> {
        if self.running >= rule.at_once {
            return None;
        }
        let (_, waiter) = self.line.pop_front()?;
        self.running += 1;
        Some(waiter)
    }

    /// One in line waits no longer; whether it still was in line, and does not go on already.
    pub fn give_up(&mut self, ticket: Ticket) -> bool {
        let before = self.line.len();
        self.line.retain(|(waiting, _)| *waiting != ticket);
        self.line.len() < before
    }

    /// Calls that go on, and calls that wait.
    #[must_use]
    pub fn counts(&self) -> (u32, u32) {
        (self.running, u32::try_from(self.line.len()).unwrap_or(u32::MAX))
    }
}
