//! Who writes an entry.

use serde::{Deserialize, Serialize};

use crate::{hlc::Stamp, ids::NodeId, time::Wall};

/// A node, from the moment on at which it began to write in this cluster with this disk.
///
/// The moment makes it unique: with an empty disk, or in a cluster that it had left, a node begins
/// as another writer, beside what the others still hold of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Writer {
    /// Which node.
    pub node: NodeId,
    /// When it began, by its hybrid clock.
    pub since: (Wall, u32),
}

impl Writer {
    /// Before every other.
    pub(super) const FIRST: Self = Self { node: NodeId([0; 32]), since: (Wall(0), 0) };
    /// After every other.
    pub(super) const LAST: Self =
        Self { node: NodeId([u8::MAX; 32]), since: (Wall(u64::MAX), u32::MAX) };

    /// A writer that begins at a stamp of its own.
    #[must_use]
    pub fn beginning(stamp: Stamp) -> Self {
        Self { node: stamp.node, since: (stamp.wall, stamp.counter) }
    }
}
