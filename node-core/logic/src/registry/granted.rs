//! What the group granted, as far as this node took it in, and what of it this node believes.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    agreed::{PATIENCE, Tidings},
    holding::Held,
    ids::{Epoch, Name, NodeId},
    time::Instant,
};

/// Who holds the names of namespaces in the backend `consensus`.
#[derive(Debug)]
pub(super) struct Grants {
    me: NodeId,
    names: BTreeMap<Name, Held>,
    /// The entry of the log as of which.
    index: u64,
    lease: Lease,
    /// Names that this node gave up, and under which tokens, until the group has heard so.
    parting: BTreeMap<Name, u64>,
}

/// The lease on the names of this node (Gray and Cheriton, *Leases*, 1989).
#[derive(Debug, Default)]
struct Lease {
    /// Tells what was asked for apart from every other.
    claim: Option<Epoch>,
    /// The token of the lease, and until when this node believes it.
    granted: Option<(u64, Instant)>,
    /// Whether nothing was held under it when it was last renewed.
    idle: bool,
}

impl Grants {
    /// How long before the end of its lease a node lets go of what it holds: whoever was told a moment
    /// ago that it holds a name has that long to act on it, and two clocks differ by far less.
    pub(super) const MARGIN: Duration = Duration::from_secs(1);
    /// How long the lease lasts.
    pub(super) const LEASE: Duration = PATIENCE.saturating_add(Self::MARGIN);

    pub(super) fn new(me: NodeId) -> Self {
        let (names, index, lease, parting) = Default::default();
        Self { me, names, index, lease, parting }
    }

    /// The holding of a name, if this node believes it: another's as the log has it, its own while it
    /// has the lease that it was claimed under.
    pub(super) fn get(&self, name: &Name) -> Option<&Held> {
        self.names.get(name).filter(|held| held.node != self.me || self.keeps(name, held))
    }

    fn keeps(&self, name: &Name, held: &Held) -> bool {
        self.token() == Some(held.lease) && self.parting.get(name) != Some(&held.token)
    }

    /// This node's holding of a name, as the log has it.
    pub(super) fn own(&self, name: &Name) -> Option<&Held> {
        self.names.get(name).filter(|held| held.node == self.me)
    }

    /// Every name, as the log has it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Name, &Held)> {
        self.names.iter()
    }

    /// The entry of the log that was taken in last.
    pub(super) fn index(&self) -> u64 {
        self.index
    }

    /// Takes in who holds a name.
    pub(super) fn put(&mut self, name: &Name, held: Option<Held>) {
        if held.as_ref().map(|held| held.token) != self.parting.get(name).copied() {
            self.parting.remove(name);
        }
        match held {
            Some(held) => self.names.insert(name.clone(), held),
            None => self.names.remove(name),
        };
    }

    /// Everything up to this entry was taken in.
    pub(super) fn reach(&mut self, index: u64) {
        self.index = index;
    }

    /// The token of the lease, while this node believes it.
    pub(super) fn token(&self) -> Option<u64> {
        self.lease.granted.map(|(token, _)| token)
    }

    /// Whether the lease is asked for, or was granted and is not over.
    pub(super) fn is_asked(&self) -> bool {
        self.lease.claim.is_some()
    }

    pub(super) fn ask(&mut self, claim: Epoch) {
        self.lease = Lease { claim: Some(claim), ..Lease::default() };
    }

    /// Lets go of everything; the claim under which the lease is to be given back.
    pub(super) fn let_go(&mut self) -> Option<Epoch> {
        std::mem::take(&mut self.lease).claim
    }

    /// The group answered, or the lease is over; whether that concerns the claim that stands.
    pub(super) fn on_tidings(&mut self, now: Instant, claim: Epoch, tidings: Tidings) -> bool {
        if self.lease.claim != Some(claim) {
            return false;
        }
        match tidings {
            Tidings::Granted { token, until } => {
                let until = until.ago(Self::MARGIN);
                self.lease.granted = (now < until).then_some((token, until));
            }
            Tidings::Over { .. } => self.lease = Lease::default(),
        }
        true
    }

    /// Believes the lease no more: its time is over, or the clock stood still for who knows how long.
    /// A renewal may bring it back. Whether it did until now.
    pub(super) fn distrust(&mut self) -> bool {
        self.lease.granted.take().is_some()
    }

    /// When this node believes it no more, unless it is renewed.
    pub(super) fn until(&self) -> Option<Instant> {
        self.lease.granted.map(|(_, until)| until)
    }

    /// With a renewal: whether nothing was held for so long that the lease need not be kept.
    pub(super) fn is_idle(&mut self, holds: bool) -> bool {
        let was = std::mem::replace(&mut self.lease.idle, !holds);
        was && !holds
    }

    /// This node gives a name up: it holds it no more, whatever the group has heard; whether it did.
    pub(super) fn part(&mut self, name: &Name) -> bool {
        let Some(held) = self.own(name).filter(|held| self.keeps(name, held)) else {
            return false;
        };
        let token = held.token;
        self.parting.insert(name.clone(), token);
        true
    }

    /// Nothing came of giving a name up: this node holds it as before.
    pub(super) fn keep(&mut self, name: &Name, token: u64) {
        if self.parting.get(name) == Some(&token) {
            self.parting.remove(name);
        }
    }

    /// The names that were given up, of which the group has not heard so.
    pub(super) fn parting(&self) -> &BTreeMap<Name, u64> {
        &self.parting
    }
}
