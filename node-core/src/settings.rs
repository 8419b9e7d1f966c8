//! The settings of a running node: what is set on it, and that it follows what the cluster agrees on.
//!
//! [`NodeSettings`] is asked and told; a task follows the group, resolves the layers and has the
//! parts of the node go on with what came of it, so that no change takes a new start. What was
//! agreed last, and the changes that wait for a majority, lie in a file of the data folder: a node
//! that starts without the others goes on with what it knew, and forgets no wish.
//!
//! # Invariants
//!
//! - **T6 In order.** Changes that wait are made in the order in which they were asked for, each
//!   once, or told to have been dropped.
//! - **T7 Told once.** A change that was agreed is an event of the node where it was made, before
//!   that node forgets that it is to be told; after a crash it may be told twice.
//!
//! Checked by `settings/tests.rs` and `tests/cluster/settings.rs`.

mod file;
mod follow;
mod machine;
mod pending;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use file::File;
pub(crate) use follow::{Follower, Reach};
pub use machine::{HereError, NodeSettings};
pub use pending::Pending;
pub use view::{PendingView, SettingsView};
