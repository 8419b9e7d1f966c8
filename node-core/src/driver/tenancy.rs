//! Until when this node may believe that it holds the names that the group granted it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use covey_logic::{Epoch, registry::Registry};
use tokio::time::Instant;

use crate::clock;

/// The end of the lease on the names of this node, by clocks of which one goes on while the machine
/// sleeps, for whoever asks past the loop; a clone is the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tenancy(Arc<Mutex<Option<Until>>>);

#[derive(Clone, Copy, Debug)]
struct Until {
    claim: Epoch,
    at: Instant,
    /// The same as time since the machine booted.
    up: Duration,
}

impl Tenancy {
    /// The lease was granted or renewed; it counts from the moment at which that was asked for.
    pub(super) fn prolong(&self, claim: Epoch, (asked, up): (Instant, Duration), lease: Duration) {
        let believed = lease.saturating_sub(Registry::LEASE_MARGIN);
        *self.lock() = Some(Until { claim, at: asked + believed, up: up + believed });
    }

    /// The lease was given back.
    pub(super) fn end(&self, claim: Epoch) {
        self.lock().take_if(|until| until.claim == claim);
    }

    /// Whether the node may still believe it.
    pub(crate) fn lasts(&self) -> bool {
        self.lock().is_some_and(|until| until.lasts())
    }

    /// The claim whose lease is over; told once.
    pub(super) fn take_lapsed(&self) -> Option<Epoch> {
        self.lock().take_if(|until| !until.lasts()).map(|until| until.claim)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Until>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Until {
    fn lasts(self) -> bool {
        Instant::now() < self.at && clock::uptime() < self.up.max(Duration::from_nanos(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn lease_lasts_from_the_asking_and_ends_before_the_group_ends_it() {
        let (tenancy, claim, lease) = (Tenancy::default(), Epoch(7), Duration::from_secs(6));
        tenancy.prolong(claim, (Instant::now(), clock::uptime()), lease);

        let believed = lease - Registry::LEASE_MARGIN;
        tokio::time::advance(believed - Duration::from_millis(1)).await;
        let before = tenancy.lasts();
        tokio::time::advance(Duration::from_millis(1)).await;

        assert_eq!((before, tenancy.lasts()), (true, false));
        assert_eq!((tenancy.take_lapsed(), tenancy.take_lapsed()), (Some(claim), None));
    }

    /// The monotonic clock stood still while the machine slept.
    #[tokio::test(start_paused = true)]
    async fn lease_ends_while_the_machine_sleeps() {
        let (tenancy, lease) = (Tenancy::default(), Duration::from_secs(6));
        let booted = clock::uptime().saturating_sub(Duration::from_secs(10));

        tenancy.prolong(Epoch(7), (Instant::now(), booted), lease);

        assert!(!tenancy.lasts());
    }
}
