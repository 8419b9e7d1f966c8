//! Guards around calls: how often somebody may ask for something, whether an agent that fails is
//! called at all, and how many calls of one agent go on at a time.
//!
//! A call passes them in one order: rate, breaker, bulkhead. Each is a value that is told the time;
//! who calls keeps one [`Limiter`], and a [`Breaker`] and a [`Bulkhead`] for each agent. A rate for
//! the whole cluster is drawn in portions from [`Quotas`], which follow from the log.
//!
//! # Invariants
//!
//! - **Q1 Rate.** In any span a node lets no more through than the burst, and the rate times the
//!   span. All nodes together let no more through than the burst, and the rate times the span and
//!   [`Limiter::PORTION_AGE`] more; while some have no majority and the rule goes on without one,
//!   each of those adds its equal part of that.
//! - **Q2 Returned.** What was taken for a call that was not carried out is given back, while it is
//!   worth something.
//! - **Q3 Open.** An open breaker lets nothing through before its time, and then so many probes at a
//!   time as its rule says; it closes after so many successes, and opens at one failure.
//! - **Q4 In turn.** No more calls of an agent go on than its bulkhead has places, no more wait than
//!   its line is long, and who waits longest goes first.
//! - **Q5 Bounded.** What is kept has bounds, and who is refused for one is told.
//!
//! Checked by `guard/tests`, and with whole nodes by `node-core/src/guard/tests.rs`.
//!
//! # Not here
//!
//! Who waits for what, and what is told to other nodes: `covey_node::guard`.

mod breaker;
mod bucket;
mod bulkhead;
mod error;
mod limiter;
mod quotas;
mod rule;
mod tally;
#[cfg(test)]
mod tests;
mod view;

pub use breaker::{Breaker, BreakerRule, Heard, Opened, Pass, Phase, Result, Turn};
pub use bucket::{Bucket, Quota};
pub use bulkhead::{Bulkhead, BulkheadRule, Entered, Full, Ticket};
pub use error::{Limited, Refused, Shortage};
pub use limiter::{Counted, Draw, Limiter, Take};
pub use quotas::{Drawn, Portion, Quotas, RateReset, Standing, Undrawn, rate_key};
pub use rule::{NotARule, RateRule, RateRules, Reach, Share, Without};
pub use view::{BreakerPhase, GateView, GuardView, RateView};
