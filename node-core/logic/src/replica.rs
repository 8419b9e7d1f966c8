//! Replica state: what every node holds in full, without asking anyone.
//!
//! Two kinds of data, because two kinds of question are asked of them:
//!
//! - **Presence** is what one node says of itself: its summary, the agents it runs, the names it
//!   claims, a [`shard`] each ([`Kind`]). Each node, per incarnation, is their only writer; a shard
//!   counts its changes, so a receiver knows what it lacks, and it counts only while its node is
//!   alive.
//! - **Shared values** ([`shared`]) outlive any node: certificates, revocations, specifications,
//!   intents. The write with the greatest hybrid-clock stamp wins; merging is commutative,
//!   associative and idempotent, so they need no order.
//!
//! A change is pushed at once by gossip, and what gossip lost is found by digests, about once a
//! second with the next peer of a shuffled round (Demers et al., *Epidemic Algorithms for Replicated
//! Database Maintenance*, 1987: rumour mongering backed up by anti-entropy).
//!
//! # Invariants
//!
//! - **R1 Contiguous.** A copy of a shard holds exactly the changes 1 to its version.
//! - **R2 Monotonic.** The version of a copy never decreases within an incarnation, and an
//!   incarnation never gives way to an older one.
//! - **R3 Convergence.** Once faults end, all live nodes hold equal copies.
//!
//! `tests/simulation` checks all three.
//!
//! # Not here
//!
//! What the values mean: `membership`, `registry`, `supervision`.

mod hash;
mod holding;
mod item;
mod machine;
mod message;
mod pace;
mod push;
mod repair;
pub mod shard;
pub mod shared;
mod take;
mod talk;
#[cfg(test)]
mod tests;

pub(crate) use hash::{mix, words};
pub use item::{
    Assignment, Claim, DiskState, Heard, Joined, Kind, Load, Moved, Offer, Presence, PresenceKey,
    Scheduling, Shared, SharedKey, Summary,
};
pub use machine::Replica;
pub use message::{Delta, Digest, HoldingDigest, Outline, Repair, ShardDelta, ShardDigest};
