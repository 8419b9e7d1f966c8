//! What the cluster agrees on: one value that follows from a log, whichever service a wish concerns.
//!
//! Whoever holds the same entries holds the same [`Agreed`]: [`Agreed::apply`] takes them one after
//! the other and hands each to the service that it concerns. Which entry comes when is decided by
//! the cluster's Raft group; this module does not know of it.
//!
//! # Invariants
//!
//! - **A1 Once.** An entry with an idempotency key that was answered is answered the same again,
//!   while the key is remembered, and changes nothing.
//! - **A2 Alike.** What an entry does follows from the entries before it alone: no clock and no
//!   chance. The wall clock's time in an entry is for people; no rule looks at it.
//! - **A3 Told once.** A change of a primitive that is told has one number on all nodes, in the order
//!   of the log; what there is too much of to tell is counted, and told so.
//!
//! Checked by `agreed/tests.rs`.

mod chronicle;
mod entry;
mod machine;
#[cfg(test)]
mod tests;
mod tidings;
mod wages;

pub use chronicle::Chronicle;
pub use entry::{Denied, Entry, Granted, Key, Outcome, Wish};
pub use machine::Agreed;
pub use tidings::{PATIENCE, Tidings, Undone, Voters};
