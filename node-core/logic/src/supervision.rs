//! Which agents run where, and what happens when one ends.
//!
//! What is wanted (a specification and an intent per agent) is a shared value; what runs is what
//! each node says of itself. Every node works out for every agent, from the same data, the node that
//! should hold it ([`placement`]); the one that finds itself starts it, if no present node holds it
//! already. So an agent outlives the node that was asked to start it, and no one node decides.
//!
//! # Invariants
//!
//! - **S1 Sticky.** An agent stays where it is while its node is present, whatever the scores say,
//!   unless a person moves it.
//! - **S2 Fenced.** Each life of an agent has a higher epoch than every life heard of before.
//! - **S3 Settled first.** A node places nothing until it has compared digests with a member, or has
//!   waited [`SETTLE_TIMEOUT`](crate::limits::SETTLE_TIMEOUT) for one, and again after its timers
//!   stood still.
//! - **S4 Intensity.** An agent that ends more often than its rule allows is parked as failed and
//!   started by nobody until a person asks.
//!
//! # Not here
//!
//! Who wins when two copies run: `registry`. How a program is run: the host in the shell.

mod command;
mod life;
mod machine;
pub mod placement;
#[cfg(test)]
mod tests;

pub use life::{Life, Passage, Restarts, Verdict};
pub use machine::{Supervision, Tables, candidates, status_of, summary_of, wanted};
