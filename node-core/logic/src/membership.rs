//! Who is a member, and who is up.
//!
//! A member is a node whose certificate leads back to the cluster key and is not revoked. Whether it
//! is up, each node judges for itself, from heartbeats over the fabric (phi accrual: Hayashibara,
//! Défago, Yared, Katayama, *The φ Accrual Failure Detector*, SRDS 2004), from probes through other
//! members and refutations (Das, Gupta, Motivala, *SWIM*, DSN 2002), from what the others suspect
//! and how well its own timers run (Dadgar, Phillips, Currey, *Lifeguard: Local Health Awareness for
//! More Accurate Failure Detection*, DSN-W 2018), and from redials that are refused.
//!
//! # Invariants
//!
//! - **M1 Certified.** Only certified, unrevoked nodes are allowed into the fabric.
//! - **M2 Two witnesses.** A node is down because its machine refuses connections only if two
//!   members found so, where two are alive; else only after [`SILENCE_TIMEOUT`](crate::limits::SILENCE_TIMEOUT) of
//!   silence, direct and indirect.
//! - **M3 Late timers accuse nobody.** Time in which our own timers did not run counts as no
//!   silence, and timers that ran late stretch every threshold.
//! - **M4 Refutable.** What is said of a node counts only until a later sign of life: a higher
//!   incarnation, or in one incarnation a higher count of refuted accusations.
//! - **M5 Waking first asks.** After a sleep a node accuses nobody, starts nothing and claims nothing
//!   until it has compared notes and a grace has passed.
//!
//! # Not here
//!
//! How a stranger becomes a member: `pairing`.

mod detector;
mod health;
mod heartbeat;
mod judge;
mod link;
mod machine;
mod message;
mod peer;
mod probe;
mod roster;
mod sleep;
mod suspicion;
#[cfg(test)]
mod tests;
mod views;

pub use detector::{PeerState, Phi};
pub use health::Health;
pub use machine::Membership;
pub use message::{Detect, Lifesign, Reach};
pub use peer::Peer;
pub use roster::Roster;
pub use suspicion::{CONFIRMATIONS, timeout};
pub use views::Views;
