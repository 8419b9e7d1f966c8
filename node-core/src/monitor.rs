//! Measures this node and its agents, keeps what it measured, and answers who asks for it.
//!
//! A task measures once a second, keeps the last fifteen minutes in memory
//! (`covey_logic::monitor::Recorder`) and each minute of the last day in files of an hour each.
//! Whoever shows another node's series asks that node, over the fabric.
//!
//! # Invariants
//!
//! - **A3 Absent is absent.** What this system does not tell is left out, and so is what was not
//!   measured in time.
//! - **B1 Bounded.** The files of a day take [`MAX_LEN`] at most, an answer as much as a frame
//!   holds.
//!
//! # Not here
//!
//! What is worth an alert: `covey_logic::monitor`. What the machine tells: `host`.

mod clocks;
mod gather;
mod history;
mod machine;
mod prometheus;
mod question;
#[cfg(test)]
mod tests;

pub use history::MAX_LEN;
pub(crate) use machine::{Monitor, run};
pub use question::{Answer, Question, Which};
pub(crate) use question::{decode, encode};
