//! Whether what callers saw could have come from one thing that does one call after the other.
//!
//! A history is linearizable if each call can be given a moment between its beginning and its end
//! such that, called in this order, the object alone would have answered the same (Herlihy and
//! Wing, *Linearizability*, 1990). Histories of one object each are checked apart: a history is
//! linearizable if that of each object is (section 3.2 there).
//!
//! A call whose outcome nobody learned may have been done at any later moment, or never.
//!
//! # Not here
//!
//! Who calls, and what time is: `consensus/tests` in simulated groups, `tests/cluster` on real
//! processes.

mod call;
mod check;
mod counter;
mod history;
mod lock;
#[cfg(test)]
mod tests;
mod variable;

pub use call::Call;
pub use check::{Model, Unexplained, check};
pub use counter::{Counter, CounterOp};
pub use history::{Asked, History, Place, Said};
pub use lock::{Lock, LockOp, LockRet, LockState, with_ends};
pub use variable::{Variable, VariableOp, VariableRet, VariableState};
