//! Locks with leases, fencing tokens and a line of those who wait.
//!
//! Gray and Cheriton, *Leases* (1989), for the lease; Burrows, *The Chubby lock service* (2006),
//! section 2.4, for the token, there called a sequencer.

use std::{collections::VecDeque, fmt, time::Duration};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    coordination::{Done, Outcome, Refused},
    ids::{Name, NodeId},
};

/// Who holds a lock or waits for it: somebody on a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct Holder {
    /// Where.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Who, as that node tells them apart.
    #[ts(type = "string")]
    pub session: Name,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.session, self.node.short())
    }
}

/// A lock that somebody holds; one that nobody holds is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// The holding.
    pub hold: Hold,
    /// Who waits, first come first.
    pub line: VecDeque<Waiter>,
}

/// One holding of a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Whose.
    pub holder: Holder,
    /// The index of the entry that granted it.
    pub token: u64,
    /// How long it lasts after it was granted or renewed.
    pub lease: Duration,
    /// The entry that granted or renewed it last.
    pub renewed: u64,
}

/// One that stands in line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiter {
    /// Who.
    pub holder: Holder,
    /// How long it will hold the lock without a word.
    pub lease: Duration,
}

impl Lock {
    /// How long a lease may last: below it, a pause of the group would end it; above it, a machine
    /// that is gone would keep others waiting for most of a day.
    pub const LEASE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(12));
    /// Who may stand in line for one lock.
    pub const LINE_CAPACITY: usize = 1_024;

    pub(super) fn new(index: u64, holder: Holder, lease: Duration) -> Self {
        let hold = Hold { holder, token: index, lease, renewed: index };
        Self { hold, line: VecDeque::new() }
    }

    /// Who holds it already holds it on, with a lease that begins anew.
    pub(super) fn acquire(
        &mut self,
        (index, lock): (u64, &Name),
        (holder, lease): (Holder, Duration),
        wait: bool,
    ) -> Outcome {
        if self.hold.holder == holder {
            self.hold.lease = lease;
            self.hold.renewed = index;
            return Ok(Done::Held { token: self.hold.token });
        }
        let ahead = |place: usize| Done::Waits { ahead: u32::try_from(place).unwrap_or(u32::MAX) };
        if let Some(place) = self.line.iter().position(|waiter| waiter.holder == holder) {
            return Ok(ahead(place));
        }
        if !wait {
            return Err(Refused::Held { lock: lock.clone(), holder: self.hold.holder.clone() });
        }
        if self.line.len() == Self::LINE_CAPACITY {
            return Err(Refused::LineFull { lock: lock.clone(), capacity: Self::LINE_CAPACITY });
        }
        self.line.push_back(Waiter { holder, lease });
        Ok(ahead(self.line.len() - 1))
    }

    /// Gives the lock to who stands first; whether there is one.
    pub(super) fn pass(&mut self, index: u64) -> bool {
        let Some(Waiter { holder, lease }) = self.line.pop_front() else { return false };
        self.hold = Hold { holder, token: index, lease, renewed: index };
        true
    }
}
