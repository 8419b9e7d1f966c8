//! The value, and how acts change it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::{
    coordination::{Coordination, Place},
    holding::{Act, Done, Outcome, Refused, Wanted},
    ids::{Epoch, Name, NodeId},
    registry::{Metadata, size_of},
    replica::Claim,
};

/// Who holds which name, as it follows from the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holdings {
    names: BTreeMap<Name, Held>,
    /// Bytes of all metadata.
    bytes: usize,
    /// The greatest revision that any metadata had.
    revision: u64,
    /// The names that changed last, and by which entry each.
    recent: VecDeque<(u64, Name)>,
    /// The last entry of whose changes some are not in `recent`.
    forgotten: u64,
}

/// A name that is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// By which node.
    pub node: NodeId,
    /// Under which lease of that node.
    pub lease: u64,
    /// Its fencing token: the index of the entry that granted it.
    pub token: u64,
    /// What the node claims and tells.
    pub claim: Arc<Claim>,
}

impl Holdings {
    /// Names of all nodes together: a snapshot carries them whole.
    pub const CAPACITY: usize = 100_000;
    /// Bytes of what is told of them all.
    pub const MAX_BYTES: usize = 64 * 1024 * 1024;
    /// Changes that are remembered for those who follow: some thirty of the largest acts.
    pub const RECENT: usize = 4_096;

    /// Carries out an act of the entry at `index`, which is greater than that of every entry before;
    /// `seats` says which leases run.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn apply(
        &mut self,
        index: u64,
        (actor, act): (NodeId, Act),
        seats: &Coordination,
    ) -> Outcome {
        if act.count() > Act::MOST {
            return Err(Refused::TooMany { count: act.count(), most: Act::MOST });
        }
        match act {
            Act::Claim { lease, names } => {
                if !runs(seats, actor, lease) {
                    return Err(Refused::Lapsed);
                }
                let mut refused = Vec::new();
                for (place, wanted) in (0..).zip(names) {
                    if let Err(why) = self.claim(index, (actor, lease), wanted) {
                        refused.push((place, why));
                    }
                }
                Ok(Done::Claimed { index: self.changed(), refused })
            }
            Act::Release { names } => {
                for (name, token) in names {
                    if self.holds(actor, &name, token).is_ok() {
                        self.remove(index, &name);
                    }
                }
                Ok(Done::Released { index: self.changed() })
            }
            Act::Tell { name, token, expected, revision, metadata } => {
                let revision = self.tell(
                    index,
                    (actor, &name, token),
                    (expected, revision.max(self.revision + 1)),
                    metadata,
                )?;
                Ok(Done::Told { index: self.changed(), revision })
            }
        }
    }

    /// What was claimed under leases of a node that run no more is free.
    pub fn end_leases(&mut self, index: u64, node: NodeId, seats: &Coordination) {
        let over =
            |(_, held): &(&Name, &Held)| held.node == node && !runs(seats, held.node, held.lease);
        let over: Vec<Name> =
            self.names.iter().filter(over).map(|(name, _)| name.clone()).collect();
        for name in over {
            self.remove(index, &name);
        }
    }

    /// Who holds `name`.
    #[must_use]
    pub fn get(&self, name: &Name) -> Option<&Held> {
        self.names.get(name)
    }

    /// Every name that is held, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Held)> {
        self.names.iter()
    }

    /// The last entry by which a name changed hands or what is told of it.
    #[must_use]
    pub fn changed(&self) -> u64 {
        self.recent.back().map_or(self.forgotten, |(index, _)| *index)
    }

    /// The names that changed after the entry `known`, some of them more than once; nothing if more
    /// did than is remembered.
    pub fn changed_after(&self, known: u64) -> Option<impl Iterator<Item = &Name>> {
        let later = move |(index, _): &&(u64, Name)| *index > known;
        let names = self.recent.iter().rev().take_while(later).map(|(_, name)| name);
        (known >= self.forgotten).then_some(names)
    }

    fn claim(
        &mut self,
        index: u64,
        (node, lease): (NodeId, u64),
        wanted: Wanted,
    ) -> Result<(), Refused> {
        let Wanted { name, holder, over, since, revision, metadata } = wanted;
        if let Some(token) = over
            && self.holds(node, &name, token).is_ok()
        {
            self.remove(index, &name);
        }
        let revision = revision.max(self.revision + 1);
        if let Some(held) = self.names.get(&name) {
            if held.node != node {
                return Err(Refused::Taken { by: held.node });
            }
            if held.claim.holder != holder {
                return Err(Refused::HeldFor { holder: held.claim.holder.clone() });
            }
            let token = held.token;
            self.tell(index, (node, &name, token), (None, revision), metadata)?;
            return Ok(());
        }
        if self.names.len() >= Self::CAPACITY {
            return Err(Refused::Full { capacity: Self::CAPACITY });
        }
        self.make_room(0, &metadata)?;
        self.revision = revision;
        let claim = Claim { epoch: Epoch(0), since, revision, metadata, holder, offer: None };
        let held = Held { node, lease, token: index, claim: Arc::new(claim) };
        self.names.insert(name.clone(), held);
        self.note(index, name);
        Ok(())
    }

    /// Gives the revision that the metadata is at.
    fn tell(
        &mut self,
        index: u64,
        (node, name, token): (NodeId, &Name, u64),
        (expected, revision): (Option<u64>, u64),
        metadata: Metadata,
    ) -> Result<u64, Refused> {
        let held = self.holds(node, name, token)?.clone();
        let before = &held.claim;
        if expected.is_some_and(|expected| expected != before.revision) {
            return Err(Refused::Conflict { revision: before.revision });
        }
        if before.metadata == metadata {
            return Ok(before.revision);
        }
        self.make_room(size_of(&before.metadata), &metadata)?;
        self.revision = revision;
        let claim = Arc::new(Claim { revision, metadata, ..Claim::clone(before) });
        self.names.insert(name.clone(), Held { claim, ..held });
        self.note(index, name.clone());
        Ok(revision)
    }

    fn holds(&self, node: NodeId, name: &Name, token: u64) -> Result<&Held, Refused> {
        let held = self.names.get(name).filter(|held| held.node == node && held.token == token);
        held.ok_or_else(|| Refused::Fenced { name: name.clone(), token })
    }

    fn remove(&mut self, index: u64, name: &Name) {
        if let Some(held) = self.names.remove(name) {
            self.bytes = self.bytes.saturating_sub(size_of(&held.claim.metadata));
            self.note(index, name.clone());
        }
    }

    /// Counts metadata in, in place of what took `before` bytes.
    fn make_room(&mut self, before: usize, metadata: &Metadata) -> Result<(), Refused> {
        let bytes = self.bytes.saturating_sub(before) + size_of(metadata);
        if bytes > Self::MAX_BYTES {
            return Err(Refused::OutOfSpace { capacity: Self::MAX_BYTES });
        }
        self.bytes = bytes;
        Ok(())
    }

    fn note(&mut self, index: u64, name: Name) {
        self.recent.push_back((index, name));
        if self.recent.len() > Self::RECENT
            && let Some((oldest, _)) = self.recent.pop_front()
        {
            self.forgotten = oldest;
        }
    }
}

/// Whether a lease of a node runs.
fn runs(seats: &Coordination, node: NodeId, lease: u64) -> bool {
    seats.place(&Place::names(node)).is_some_and(|seats| seats.held(lease).is_some())
}
