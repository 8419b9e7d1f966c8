//! Locks, counters and variables that every node agrees on, as they follow from a log.
//!
//! Whoever took in the same acts holds the same [`Coordination`]: [`Coordination::apply`] takes
//! them one after the other, knows no clock and no chance, and refuses by rule.
//!
//! # Invariants
//!
//! - **L1 One holder.** A lock has one holder at most, and each holding has a fencing token greater
//!   than every one before it: the index of the entry that granted it.
//! - **L2 In turn.** Who waits for a lock gets it in the order of asking; nobody is passed over but
//!   by going away.
//! - **L3 Bounded.** Everything that grows has a bound, and who is refused for it is told.
//!
//! Checked by `coordination/tests.rs`.
//!
//! # Not here
//!
//! Time: a lease ends by an entry that says so, proposed by the group's leader, who measures it.

mod act;
mod counter;
mod error;
mod lock;
mod machine;
#[cfg(test)]
mod tests;
mod variable;
mod view;

pub use act::{Act, Done, Outcome};
pub use counter::Counter;
pub use error::Refused;
pub use lock::{Hold, Holder, Lock, Waiter};
pub use machine::{Coordination, Lease};
pub use variable::{Variable, Written};
pub use view::{CounterView, LockView, VariableRow, VariableView};
