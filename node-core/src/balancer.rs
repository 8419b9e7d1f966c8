//! The steward of tasks: calls the agents that the cluster agreed on, and tells how it went.
//!
//! Each node runs one [`follow`], which does something for the queues it is steward of. All it
//! knows is in the log: an attempt is agreed on before its agent is called, under a key that is the
//! task's own. So a steward that comes later calls the same agent under the same key, and takes the
//! call up where it is; and one that was replaced does no harm, since the log takes one end of a
//! task.
//!
//! # Not here
//!
//! What is decided: `covey_logic::balancer`. How a call under a key is done once: `comms`.

mod check;
mod errand;
mod follow;
mod settle;

pub(crate) use check::Check;
pub(crate) use follow::{Reach, follow};
