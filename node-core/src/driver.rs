//! The one event loop: feeds a [`covey_logic::Node`] and does what it says.
//!
//! [`start`] opens the data folder, starts the store, the host and the networks, and spawns a task
//! that owns the node. Everything that happens reaches it through bounded queues, one at a time;
//! after each it drains the node's effects, in order. Around it stands a second task, which stops
//! the agents and the networks however the first one ended.
//!
//! # Invariants
//!
//! - **D1 One writer.** A data folder is locked by the process that uses it.
//! - **D2 One key.** An identity is made once; a damaged one is an error and is never replaced.
//! - **D3 In order.** Effects are done in the order the node gave them; none is skipped.
//! - **D4 Nothing left.** However the loop ends, its agents are stopped and its sockets closed
//!   before [`NodeHandle::stopped`](crate::NodeHandle::stopped) says so.
//!
//! # Not here
//!
//! What to do about what happened: `covey_logic`. Agent messages: [`comms`](crate::comms).

mod adapters;
mod aside;
mod effects;
mod event_loop;
mod friendly;
mod identity;
mod inlets;
mod lock;
mod names;
mod pictures;
mod requests;
mod seekers;
mod start;
mod supervise;
mod tenancy;
mod tenants;
#[cfg(test)]
mod tests;
mod troubles;

pub(crate) use adapters::{NodeComms, Parts};
pub use aside::{AsideError, set_aside};
pub use identity::IdentityError;
pub use inlets::Part;
pub(crate) use requests::{Look, Request};
pub use start::{StartError, start, start_in_thread};
pub use supervise::StopCause;
pub(crate) use tenancy::Tenancy;
