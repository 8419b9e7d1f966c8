//! Names: who owns each, out of the claims that nodes make.
//!
//! A name is a claim in the shard of the node that makes it. Its owner is a pure function of the
//! claims of the nodes that are present ([`Registry::owner`]): the higher fencing epoch, then the
//! earlier claim (the incumbent stays), then the smaller node id. So two halves of a split cluster
//! that claimed one name agree as soon as they see each other's claims, without a vote; the loser is
//! told and withdraws.
//!
//! # Invariants
//!
//! - **N1 One winner.** Nodes that hold the same claims and see the same nodes name the same owner.
//! - **N2 Withdrawn.** A node that sees a better claim than its own withdraws its own.
//! - **N3 Own life only.** A claim counts only while its node is present in the incarnation that
//!   made it.
//!
//! `tests/simulation` checks all three.
//!
//! # Not here
//!
//! How claims travel: `replica`. What runs under a name: `supervision`.

mod machine;
mod metadata;
#[cfg(test)]
mod tests;

pub use machine::Registry;
pub use metadata::{Metadata, Values};
