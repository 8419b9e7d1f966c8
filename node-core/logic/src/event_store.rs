//! What happened in the cluster, kept: every node's events, in order, on every node.
//!
//! Each node appends its own events to its own sequence, from 1, without gaps, and pushes them to
//! the others; a digest says how many of each origin a node holds, and the rest is fetched. The
//! newest are in memory, all are on disk.
//!
//! # Invariants
//!
//! - **E1 Contiguous.** A node holds exactly the events 1 to its count of each origin.
//! - **E2 Never again.** A sequence number is given once, across restarts.
//!
//! # Not here
//!
//! Queries: the shell's store.

mod machine;

pub use machine::EventStore;
