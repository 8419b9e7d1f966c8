//! How long events are kept, and when the oldest go.

use std::time::Duration;

use crate::{
    ids::NodeId,
    time::{Instant, Now, Wall},
};

/// How long a node keeps events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The age at which an event goes.
    pub age: Duration,
    /// Bytes on disk that events take, of all nodes together; beyond, the oldest go.
    pub bytes: u64,
}

impl Default for Retention {
    /// A month, for who was on holiday; and some three million events, which a phone has room for.
    fn default() -> Self {
        Self { age: Duration::from_hours(30 * 24), bytes: 1 << 30 }
    }
}

/// Which stored events may go, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Those from before this moment go.
    pub before: Wall,
    /// Bytes that those left may take.
    pub bytes: u64,
    /// Of this node's own events none after this number goes: no other member has it on disk.
    pub own: (NodeId, u64),
}

/// When the oldest go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub(super) retention: Retention,
    due: Instant,
    /// Whether the disk is at it.
    busy: bool,
}

impl Schedule {
    /// How often the oldest are looked at, beside the moments at which the disk says that they grew.
    const INTERVAL: Duration = Duration::from_secs(60);

    pub(super) fn new(now: Now, retention: Retention) -> Self {
        Self { retention, due: now.at + Self::INTERVAL, busy: false }
    }

    /// They are looked at as soon as possible.
    pub(super) fn hurry(&mut self, now: Now) {
        self.due = now.at;
    }

    /// The disk has done what it was told; there may be more to do.
    pub(super) fn done(&mut self, now: Now, more: bool) {
        self.busy = false;
        self.due = if more { now.at } else { now.at + Self::INTERVAL };
    }

    /// What the disk is to do now, if that is due; nothing of this node goes after `own`.
    pub(super) fn take(&mut self, now: Now, own: (NodeId, u64)) -> Option<Expiry> {
        if self.busy || now.at < self.due {
            return None;
        }
        self.busy = true;
        let age = u64::try_from(self.retention.age.as_millis()).unwrap_or(u64::MAX);
        let before = Wall(now.wall.0.saturating_sub(age));
        Some(Expiry { before, bytes: self.retention.bytes, own })
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        (!self.busy).then_some(self.due)
    }
}
