//! Locks, elections and semaphores: seats held under leases, and a line of those who wait.
//!
//! Gray and Cheriton, *Leases* (1989), for the lease; Burrows, *The Chubby lock service* (2006),
//! section 2.4, for the token, there called a sequencer; an election is Chubby's, section 2.1: who
//! holds the lock leads, and the token is the term.

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    coordination::{Done, Holder, Outcome, Place, Refused},
    ids::NodeId,
};

/// The seats of a place in which somebody sits; one in which nobody does is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// How many there are.
    pub permits: u32,
    /// Who sits, in the order of sitting down.
    pub holds: Vec<Hold>,
    /// Who waits, first come first.
    pub line: VecDeque<Waiter>,
}

/// One holding.
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
    /// How long it will hold without a word.
    pub lease: Duration,
    /// The entry that put it there.
    pub since: u64,
}

impl Seats {
    /// How long a lease may last: below it, a pause of the group would end it; above it, a machine
    /// that is gone would keep others waiting for most of a day.
    pub const LEASE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(12));
    /// Who may stand in line for one place.
    pub const LINE_CAPACITY: usize = 1_024;
    /// The most permits of a semaphore.
    pub const MAX_PERMITS: u32 = 1_024;

    pub(super) fn new(permits: u32) -> Self {
        Self { permits, holds: Vec::new(), line: VecDeque::new() }
    }

    /// Who sits already sits on, with a lease that begins anew.
    pub(super) fn acquire(
        &mut self,
        (index, place): (u64, &Place),
        (holder, lease): (Holder, Duration),
        wait: bool,
    ) -> Outcome {
        if let Some(hold) = self.holds.iter_mut().find(|hold| hold.holder == holder) {
            hold.lease = lease;
            hold.renewed = index;
            return Ok(Done::Held { token: hold.token });
        }
        let ahead = |place: usize| Done::Waits { ahead: u32::try_from(place).unwrap_or(u32::MAX) };
        if let Some(place) = self.line.iter().position(|waiter| waiter.holder == holder) {
            return Ok(ahead(place));
        }
        if self.has_room() {
            self.holds.push(Hold { holder, token: index, lease, renewed: index });
            return Ok(Done::Held { token: index });
        }
        if !wait {
            let holder = self.holds.first().map_or(holder, |hold| hold.holder.clone());
            return Err(Refused::Held { place: place.clone(), holder });
        }
        if self.line.len() == Self::LINE_CAPACITY {
            return Err(Refused::LineFull { place: place.clone(), capacity: Self::LINE_CAPACITY });
        }
        self.line.push_back(Waiter { holder, lease, since: index });
        Ok(ahead(self.line.len() - 1))
    }

    /// The holding under a token.
    #[must_use]
    pub fn held(&self, token: u64) -> Option<&Hold> {
        self.holds.iter().find(|hold| hold.token == token)
    }

    pub(super) fn held_mut(&mut self, token: u64) -> Option<&mut Hold> {
        self.holds.iter_mut().find(|hold| hold.token == token)
    }

    /// Ends the holding under a token; who stands first sits down.
    pub(super) fn free(&mut self, index: u64, token: u64) {
        self.holds.retain(|hold| hold.token != token);
        if self.has_room()
            && let Some(Waiter { holder, lease, .. }) = self.line.pop_front()
        {
            self.holds.push(Hold { holder, token: index, lease, renewed: index });
        }
    }

    /// Takes those of a node out of the line who came no later than the entry `before`.
    pub(super) fn depart(&mut self, node: NodeId, before: u64) {
        self.line.retain(|waiter| waiter.holder.node != node || waiter.since > before);
    }

    fn has_room(&self) -> bool {
        u32::try_from(self.holds.len()).is_ok_and(|held| held < self.permits)
    }
}
