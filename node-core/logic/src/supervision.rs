//! Which agents run where, and what happens when one ends.
//!
//! What is wanted (a specification and an intent per agent) is a shared value; what runs is what
//! each node says of itself. Every node works out for every agent, from the same data, the node that
//! should hold it ([`placement`]); the one that finds itself starts it, if no present node holds it
//! already. So an agent outlives the node that was asked to start it, and no one node decides.
//! Where that takes knowing where others run, the steward of the agent's namespace writes its choice
//! down for all ([`Scene::steward`]); another takes over when it is lost.
//!
//! Each decision is a function of one [`Scene`]: what the nodes say, what is wanted, and the time.
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
//! - **S5 Groups rest.** A member of a group is started afresh only for an end of a sibling that came
//!   after its own life began, and such a start is no end itself.
//! - **S6 Majority.** An agent of class `majority_only` is started only where more than half of the
//!   members are in sight, and only after the others had the time to notice and stop theirs.
//! - **S7 Healed first.** While members that fell silent come back one by one, nothing is placed
//!   until all are back or had the time to be: what none of those that are back runs, the next may.
//! - **S8 One holder.** An agent of class `exclusive` runs only while its node holds a lease of the
//!   group on it, and has ended before the lease has.
//!
//! # Not here
//!
//! Who wins when two copies run: `registry`. How a program is run: the host in the shell.

mod command;
mod decision;
mod explain;
mod gate;
mod groups;
mod holders;
mod life;
mod machine;
mod majority;
pub mod placement;
mod relations;
mod rented;
mod scene;
mod steward;
mod tenure;
#[cfg(test)]
mod tests;
mod wanted;

pub use explain::{Explanation, Refuge};
pub use gate::Hold;
pub use holders::{Holders, status_of};
pub use life::{Life, Passage, Restarts, Verdict};
pub use machine::{Supervision, Tables, summary_of};
pub use majority::{Losses, Side};
pub use relations::Relations;
pub use rented::{Rented, minute};
pub use scene::Scene;
pub use steward::{Choice, Place, Tally};
pub use tenure::Tenures;
pub use wanted::{Wanted, asked, base_of, intent_of, spec_of, wanted};
