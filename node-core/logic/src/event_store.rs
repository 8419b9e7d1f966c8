//! What happened in the cluster, kept: every node's events, in order, on every node.
//!
//! Each node appends its own events to its own sequence, from 1, without gaps, and pushes them to
//! the others; a digest says how many of each origin a node holds, and the rest is fetched. The
//! newest are in memory, all are on disk until retention takes the oldest.
//!
//! # Invariants
//!
//! - **E1 Contiguous.** A node holds exactly the events from the first to the last of its extent of
//!   each origin, but for those that the origin lost with its disk; its next event says which.
//! - **E2 Never again.** A sequence number is given once, across restarts.
//! - **E3 Together.** Events that were told together are on a disk all or none, until retention
//!   takes the oldest of them.
//! - **E4 Copied.** An event that was acknowledged as replicated is on two disks; retention takes no
//!   event of this node that no other member has, where there is another.
//! - **E5 Acyclic.** The parent of an event was known before the event was given its number.
//! - **E6 Alike.** Events that follow from what the cluster agreed on have one origin, which is no
//!   node, and the same numbers everywhere; whoever brings one first, it is kept once.
//!
//! # Not here
//!
//! Queries, and which events are the oldest: the shell's store.

mod agreed;
mod copies;
mod exchange;
mod extent;
mod machine;
mod message;
mod piece;
mod regain;
mod retention;
#[cfg(test)]
mod tests;

pub use copies::{Lag, Receipt};
pub use extent::Extent;
pub use machine::{EventStore, Standing};
pub use message::{EventTalk, Piece};
pub use retention::{Expiry, Retention};
