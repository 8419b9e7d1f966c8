//! Whole groups in one thread, on simulated time, network and disk, decided by one seed.
//!
//! Each machine is a runtime of its own, whose time moves when the [`World`] says so: cutting its
//! power drops the runtime with everything that ran on it, and freezing it is not to run it. The
//! code between the network and the disk is the product's, openraft with it.
//!
//! What must hold at every moment is asserted by [`rules`]; whether what the clients saw is
//! linearizable is asked of their [`History`](covey_sim::linear::History) at the end.
//!
//! # What a seed decides
//!
//! Everything but the numbers by which a process tells its questions and wishes apart and the wall
//! clock, which change nothing, and which of two things that are ready in one millisecond openraft
//! looks at first when it waits for a member that cannot be reached. `linear.rs` runs seeds twice.
//!
//! # Not as in the product
//!
//! A node's election timeout is drawn here and not by openraft, so that the seed decides it; its
//! leader lease is as long. Members are down and up as [`detector`] says, not by heartbeats.

mod client;
mod clock;
mod detector;
mod drive;
mod fault;
mod machine;
mod network;
mod planted;
mod rules;
mod world;

pub(super) use planted::Planted;
pub(super) use world::World;
