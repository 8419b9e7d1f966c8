//! What a node left behind when it entered another cluster, kept in its data folder for people.
//!
//! Two logs cannot be merged. So the joiner's part of its old group stays as it was, and what it held
//! is written to a file of plain JSON beside it, with the counters and variables that merge, before
//! the node is in the new cluster. What fits there can be replayed: what the new cluster has under
//! the same name stands, and is listed as a conflict.

mod file;
mod plan;
mod replay;

pub(crate) use file::Archives;
pub use file::{Archive, ArchiveError, ArchiveRow, ArchivedGroup};
pub use plan::{JoinPlan, Listed};
pub use replay::{ArchivedKind, Conflict, ReplayError, Replayed, ReplayedItem};
