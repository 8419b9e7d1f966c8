//! A whole cluster in one thread, on simulated time, network and disk, decided by one seed.
//!
//! A [`World`] holds machines; each holds a disk, a clock, and, while it is on, a process: one
//! [`covey_logic::Node`] with its host of agents. Tests let [`fault`]s strike and a [`workload`]
//! want things, then end the faults and check every [`invariant`]. What a node must never do, not
//! even for a moment, the world asserts as it happens: answering a command twice, acknowledging
//! before the disk did, writing events with gaps, running two lives of one agent on one machine, a
//! timer that does not move.
//!
//! [`linear`] checks histories of calls, of whatever was called: simulated groups and real processes
//! have theirs checked by it.
//!
//! # Not here
//!
//! Real sockets and files: `tests/cluster`.

pub mod dice;
pub mod disk;
pub mod fault;
pub mod host;
pub mod invariant;
pub mod linear;
pub mod machine;
mod mesh;
pub mod network;
pub mod oracle;
pub mod planted;
pub mod tally;
pub mod trace;
pub mod workload;
pub mod world;

pub use world::{Setup, World};
