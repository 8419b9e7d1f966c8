//! What a Covey cluster decides, as values: no async, no I/O, no clock, no randomness of its own.
//!
//! [`Node`] is the whole of one instance. The shell feeds it an [`Input`] at a moment, drains the
//! [`Effect`]s it wants done, and wakes it when [`Node::poll_timeout`] says so. Everything a node
//! knows follows from the inputs it was given, so a cluster of them runs in one thread on simulated
//! time, and a seed replays any run exactly.

pub mod agent;
pub mod certificate;
pub mod credits;
pub mod event;
pub mod hlc;
pub mod ids;
pub mod limits;
pub mod node;
pub mod outbox;
pub mod time;
pub mod wire;

pub mod agreed;
pub mod balancer;
pub mod comms;
pub mod coordination;
pub mod economics;
pub mod event_store;
pub mod guard;
pub mod holding;
pub mod membership;
pub mod merged;
pub mod monitor;
pub mod moving;
pub mod pairing;
pub mod registry;
pub mod replica;
pub mod sessions;
pub mod settings;
pub mod supervision;

pub use credits::Credits;
pub use ids::{ClusterId, Epoch, Incarnation, Name, NodeId, Ticket};
pub use node::{Command, CommandError, Effect, Input, Node, Outcome, Restore};
pub use time::{Instant, Now, Wall};
