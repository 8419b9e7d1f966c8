//! Counters and variables that every side of a split may change: what was done apart is merged.
//!
//! Each node writes entries of its own, shared values of the [`replica`](crate::replica), and reads
//! those of all. A counter is the sum of its entries (a PN-counter), a variable is what its writes
//! come to (a multi-value register): one that knew of another supersedes it, by the vector clock
//! that it carries, and of those that knew nothing of each other a named
//! [`Strategy`](crate::coordination::Strategy) makes one (Shapiro, Preguiça, Baquero, Zawirski,
//! INRIA research report 7506, 2011, sections 3.1 and 3.2). Variables of this node alone are here too:
//! they need nobody either.
//!
//! # Invariants
//!
//! - **C1 One writer.** An entry is written by one [`Writer`]: a node that lost its disk, or left the
//!   cluster and came back, is another writer and goes on with nothing that it does not remember.
//! - **C2 Disk first.** No other node hears of an entry before it is on its writer's disk, so a
//!   writer never takes back what others saw.
//! - **C3 Counted once.** A counter is at the sum of what was added and acknowledged, and of nothing
//!   twice; what a node added that was put out stays counted.
//! - **C4 No write is lost.** A write goes only when one that knew of it stands.
//! - **C5 Alike.** Who holds the same entries reads the same.
//! - **C6 Bounded.** Names and bytes have bounds, and who is refused for them is told.
//!
//! Checked by `merged/tests` and the simulation's `merged`.
//!
//! # Not here
//!
//! How entries travel: `replica`. What takes a majority: `coordination`.

mod clock;
mod command;
mod index;
mod local;
mod machine;
mod read;
mod tally;
#[cfg(test)]
mod tests;
mod variable;
mod view;
mod writer;

pub use clock::{Causality, VectorClock};
pub use command::{MergedCommand, MergedOutcome, Reach, VariableAct};
pub use local::LocalVariable;
pub use machine::Merged;
pub use tally::{Count, Tally};
pub use variable::{Merge, Reading, Said, Write};
pub use writer::Writer;
