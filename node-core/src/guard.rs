//! Guards around what is asked of a node: rates at its door, and a breaker and a bulkhead around
//! each agent that is called from here.
//!
//! [`Guard::admit`] takes from the rates that an operation must pass; [`Guard::enter`] does so for a
//! call of an agent, asks its breaker, and waits for a place. A [`Permit`] is given back with the
//! result of the call, and what the breaker turned to is told to the other nodes by whoever carries
//! their messages.
//!
//! A rate of the whole cluster is drawn from the group in portions ([`Draws`]); one draw at a time
//! for each rule and each who asks, however many wait for it.
//!
//! The rules are values of `covey_logic::guard`, whose invariants hold here; beside them
//!
//! - **Q6 Told.** A refusal says which guard refused, and when it is worth asking again.
//! - **Q7 At once.** Only a full bulkhead and a draw make a call wait, neither beyond its deadline.
//!
//! Checked by `guard/tests.rs` and `tests/cluster/guard.rs`.

mod gates;
mod machine;
mod permit;
mod rates;
mod tell;
#[cfg(test)]
mod tests;
mod untold;

pub(crate) use machine::{Draws, Guard, Rules};
pub(crate) use permit::{Outcome, Permit};
pub(crate) use tell::tell;
