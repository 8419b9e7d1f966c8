//! Who is a member, and who is up.
//!
//! A member is a node whose certificate leads back to the cluster key and is not revoked. Whether it
//! is up, each node judges for itself, from heartbeats over the fabric (phi accrual: Hayashibara,
//! Défago, Yared, Katayama, *The φ Accrual Failure Detector*, SRDS 2004), from probes through other
//! members (Das, Gupta, Motivala, *SWIM*, DSN 2002), and from redials that are refused.
//!
//! # Invariants
//!
//! - **M1 Certified.** Only certified, unrevoked nodes are allowed into the fabric.
//! - **M2 Two witnesses.** A node is down because its machine refuses connections only if two
//!   members found so, where two are alive; else only after [`SILENCE_TIMEOUT`](crate::limits::SILENCE_TIMEOUT) of
//!   silence, direct and indirect.
//! - **M3 Late timers accuse nobody.** Time in which our own timers did not run counts as no
//!   silence.
//!
//! # Not here
//!
//! How a stranger becomes a member: `pairing`.

mod detector;
mod machine;
mod message;
mod peer;
mod roster;
#[cfg(test)]
mod tests;

pub use detector::{PeerState, Phi};
pub use machine::Membership;
pub use message::{Detect, Reach};
pub use peer::Peer;
pub use roster::Roster;
