//! Locks, elections, semaphores, barriers, counters, variables and settled questions that every
//! node agrees on, as they follow from a log.
//!
//! Whoever took in the same acts holds the same [`Coordination`]: [`Coordination::apply`] takes
//! them one after the other, knows no clock and no chance, and refuses by rule.
//!
//! # Invariants
//!
//! - **L1 As many as there are seats.** A lock or an election has one holder at most, a semaphore
//!   as many as it has permits; each holding has a fencing token greater than every one before it:
//!   the index of the entry that granted it.
//! - **L2 In turn.** Who waits gets a seat in the order of asking; nobody is passed over but by
//!   going away.
//! - **L3 All or none.** A generation of a barrier opens when all are there, or is broken for all;
//!   never both.
//! - **L4 Settled once.** A question that was settled keeps its answer until it is reopened.
//! - **L5 Bounded.** Everything that grows has a bound, and who is refused for it is told.
//!
//! Checked by `coordination/tests.rs`.
//!
//! # Not here
//!
//! Time: a lease ends by an entry that says so, proposed by the group's leader, who measures it.

mod act;
mod barrier;
mod changes;
mod counter;
mod error;
mod machine;
mod place;
mod places;
mod rule;
mod scope;
mod seats;
mod strategy;
#[cfg(test)]
mod tests;
mod variable;
mod variables;
mod view;

pub use act::{Act, Done, Outcome};
pub use barrier::{Absence, Barrier, Fate};
pub(crate) use changes::Before;
pub use counter::Counter;
pub use error::Refused;
pub use machine::Coordination;
pub use place::{Holder, Kind, Place};
pub use places::Lease;
pub use rule::{Rule, Terms};
pub use scope::Scope;
pub use seats::{Hold, Seats, Waiter};
pub use strategy::Strategy;
pub use variable::{Variable, Written};
pub use view::{
    BarrierView, ConflictView, CounterView, DecisionView, HoldView, PlaceView, VariableRow,
    VariableView, WrittenView,
};
