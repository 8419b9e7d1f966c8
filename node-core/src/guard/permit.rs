//! A call that its guards let through.

use covey_logic::{
    Instant,
    guard::{Full, Opened, Pass, Result, Ticket, Turn},
};

use super::{Guard, gates::SharedGate, rates::Taken};

/// A call that its guards let through. Dropped without a result, it says nothing of the agent, and
/// its place is free again.
#[derive(Debug)]
pub(crate) struct Permit {
    guard: Guard,
    gate: SharedGate,
    /// None once its result was told.
    pass: Option<Pass>,
    place: Place,
    /// What was taken of rates for it.
    pub(super) taken: Taken,
}

/// Where a call is in its bulkhead.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Runs,
    Waits(Ticket),
    /// It has left.
    None,
}

/// How a call that was let through ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What it says of the agent.
    pub(crate) result: Result,
    /// Whether the agent may have done what was asked: then what was taken is used.
    pub(crate) ran: bool,
}

impl Permit {
    pub(super) fn new(guard: Guard, gate: SharedGate, (pass, place): (Pass, Place)) -> Self {
        Self { guard, gate, pass: Some(pass), place, taken: Taken::default() }
    }

    /// The wait in line is over; `came` if it was told to go on.
    pub(super) fn stand(&mut self, came: bool) -> std::result::Result<(), Full> {
        let Place::Waits(ticket) = self.place else { return Ok(()) };
        let mut gate = self.gate.lock();
        if !came && gate.bulkhead.give_up(ticket) {
            self.place = Place::None;
            gate.crowded += 1;
            let (running, queued) = gate.bulkhead.counts();
            return Err(Full { running, queued });
        }
        self.place = Place::Runs;
        Ok(())
    }

    /// Whether it may still go on after it waited.
    pub(super) fn recheck(&self) -> std::result::Result<(), Opened> {
        let mut gate = self.gate.lock();
        let Some(pass) = self.pass else { return Ok(()) };
        gate.breaker.recheck(pass).inspect_err(|_opened| gate.broken += 1)
    }

    /// The call ended at `now`; what the breaker turned to, if it did.
    pub(crate) fn settle(mut self, outcome: Outcome, now: tokio::time::Instant) -> Option<Turn> {
        if !outcome.ran {
            self.guard.give_back(&self.taken);
        }
        let now = self.guard.0.clock.at(now);
        self.end(outcome.result, now)
    }

    fn end(&mut self, result: Result, now: Instant) -> Option<Turn> {
        let rules = self.guard.0.rules.load();
        let mut gate = self.gate.lock();
        let runs = match std::mem::replace(&mut self.place, Place::None) {
            Place::Runs => true,
            // It was told to go on at the moment at which it gave up.
            Place::Waits(ticket) => !gate.bulkhead.give_up(ticket),
            Place::None => false,
        };
        if runs {
            gate.bulkhead.leave();
            gate.advance(&rules.bulkhead);
        }
        let pass = self.pass.take()?;
        gate.breaker.settle(now, &rules.breaker, (pass, result))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.pass.is_some() {
            // A call that nobody waits for any more turns nothing.
            self.end(Result::Nothing, self.guard.now());
        }
    }
}
