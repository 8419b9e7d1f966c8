//! Names that one node holds at a time, under the lease of that node, as they follow from a log.
//!
//! Whoever took in the same acts holds the same [`Holdings`]. A node has one lease for all its names
//! (a place of the kind [`Kind::Names`](crate::coordination::Kind::Names)), as in `ZooKeeper` (Hunt,
//! Konar, Junqueira, Reed, 2010, section 2.2) its session: it is renewed once, however many names
//! there are, and when it ends they are free.
//!
//! # Invariants
//!
//! - **X1 One holder.** A name is held under one lease, and by one node.
//! - **X2 While it lasts.** Names are held only while the lease that they were claimed under runs in
//!   the same log; the lease of an earlier life of a node holds nothing in a later one.
//! - **X3 Fenced.** Each holding has a token greater than every one before: the index of the entry
//!   that granted it. Nothing is changed or given up under a token that is over.
//! - **X4 Bounded.** Names and bytes have bounds, and who is refused for it is told.
//!
//! Checked by `holding/tests.rs`.
//!
//! # Not here
//!
//! Until when a node believes that it holds a name: [`agreed::Tidings`](crate::agreed::Tidings) and
//! `registry/granted.rs`. How long leases last in the log: the group's leader measures them.

mod act;
mod table;
#[cfg(test)]
mod tests;
mod view;

pub use act::{Act, Done, Outcome, Refused, Wanted};
pub use table::{Held, Holdings};
pub use view::HoldingView;
