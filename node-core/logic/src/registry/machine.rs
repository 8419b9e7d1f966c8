//! The transitions of the registry.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    event::Fact,
    ids::{Epoch, Name, NodeId},
    node::CommandError,
    outbox::{HandOffStep, Happened, Outbox, Owner, Presentness},
    registry::Metadata,
    replica::{Claim, Presence, PresenceKey, Replica},
    time::{Now, Wall},
};

/// Claims by name, and who owns each.
#[derive(Debug)]
pub struct Registry {
    me: NodeId,
    /// Who claims each name, present or not; few hold more than one.
    claims: BTreeMap<Name, Vec<(NodeId, Arc<Claim>)>>,
    owners: BTreeMap<Name, Owner>,
    /// Nodes whose claims count.
    present: BTreeSet<NodeId>,
    mine: usize,
    /// Names of agents that were handed to another node, whose claim is to win.
    given: BTreeSet<Name>,
}

impl Registry {
    /// Names one node may claim: a tenth of a mebibyte of memory for every thousand.
    pub const CAPACITY: usize = 200_000;

    /// No names.
    #[must_use]
    pub fn new(me: NodeId) -> Self {
        let present = BTreeSet::from([me]);
        Self {
            me,
            claims: BTreeMap::new(),
            owners: BTreeMap::new(),
            present,
            mine: 0,
            given: BTreeSet::new(),
        }
    }

    /// Who owns `name`.
    #[must_use]
    pub fn owner(&self, name: &Name) -> Option<Owner> {
        self.owners.get(name).copied()
    }

    /// Every name that is owned, in order.
    pub fn owners(&self) -> impl Iterator<Item = (&Name, Owner)> {
        self.owners.iter().map(|(name, owner)| (name, *owner))
    }

    /// The claim of `node` on `name`.
    #[must_use]
    pub fn claim(&self, name: &Name, node: NodeId) -> Option<&Claim> {
        let (_, claim) = self.claims.get(name)?.iter().find(|(holder, _)| *holder == node)?;
        Some(claim)
    }

    /// Claims a name for this node.
    ///
    /// # Errors
    ///
    /// [`CommandError::NameTaken`], [`CommandError::AgentExists`] or [`CommandError::Full`].
    pub fn register(
        &self,
        now: Now,
        name: &Name,
        metadata: Metadata,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        match self.owner(name) {
            Some(Owner { node, .. }) if node != self.me => {
                return Err(CommandError::NameTaken { name: name.clone(), owner: node });
            }
            Some(Owner { epoch, .. }) if epoch != Epoch(0) => {
                return Err(CommandError::AgentExists { name: name.clone() });
            }
            Some(_) | None => {}
        }
        let before = self.claim(name, self.me);
        let changed = before.is_some_and(|claim| claim.metadata != metadata);
        let revision = before.map_or(1, |claim| claim.revision + u64::from(changed));
        let since = before.map(|claim| claim.since);
        if since.is_none() && self.mine >= Self::CAPACITY {
            return Err(CommandError::Full { capacity: Self::CAPACITY });
        }
        let since = since.unwrap_or_else(|| moment(now, out));
        say(name, Some(Claim { epoch: Epoch(0), since, revision, metadata }), out);
        Ok(())
    }

    /// Gives a name of this node up.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotRegistered`], or [`CommandError::AgentExists`] if an agent holds it.
    pub fn deregister(&self, name: &Name, out: &mut Outbox) -> Result<(), CommandError> {
        match self.claim(name, self.me) {
            Some(claim) if claim.epoch == Epoch(0) => {
                say(name, None, out);
                Ok(())
            }
            Some(_) => Err(CommandError::AgentExists { name: name.clone() }),
            None => Err(CommandError::NotRegistered { name: name.clone() }),
        }
    }

    /// Follows what happened elsewhere.
    pub fn on_happened(
        &mut self,
        now: Now,
        happened: &Happened,
        replica: &Replica,
        out: &mut Outbox,
    ) {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "a service follows only what concerns it"
        )]
        match happened {
            Happened::PresenceChanged(origin, PresenceKey::Claim(name)) => {
                self.on_claim(*origin, name, replica, out);
            }
            Happened::PeerChanged(node, presentness) => {
                match presentness {
                    Presentness::Present => self.present.insert(*node),
                    Presentness::Absent => self.present.remove(node),
                };
                for (key, _) in replica.presences(*node) {
                    if let PresenceKey::Claim(name) = key {
                        self.settle(name, out);
                    }
                }
            }
            Happened::AgentRuns(name, epoch) => {
                self.given.remove(name);
                let since = moment(now, out);
                say(
                    name,
                    Some(Claim { epoch: *epoch, since, revision: 1, metadata: Metadata::new() }),
                    out,
                );
            }
            Happened::HandOff(name, _, HandOffStep::Sent) => drop(self.given.insert(name.clone())),
            Happened::HandOff(name, ..) => drop(self.given.remove(name)),
            Happened::AgentGone(name, epoch)
                if self.claim(name, self.me).is_some_and(|claim| claim.epoch == *epoch) =>
            {
                say(name, None, out);
            }
            _ => {}
        }
    }

    fn on_claim(&mut self, origin: NodeId, name: &Name, replica: &Replica, out: &mut Outbox) {
        let claim = match replica.presence(origin, &PresenceKey::Claim(name.clone())) {
            Some(Presence::Claim(claim)) => Some(Arc::clone(claim)),
            Some(_) | None => None,
        };
        let claims = self.claims.entry(name.clone()).or_default();
        let before = claims.len();
        claims.retain(|(holder, _)| *holder != origin);
        let had = claims.len() < before;
        let has = claim.is_some();
        claims.extend(claim.map(|claim| (origin, claim)));
        if claims.is_empty() {
            self.claims.remove(name);
        }
        if origin == self.me {
            self.mine = self.mine + usize::from(has) - usize::from(had);
        }
        self.settle(name, out);
    }

    /// Works the owner of `name` out anew, and tells who wants to know.
    fn settle(&mut self, name: &Name, out: &mut Outbox) {
        let claims = self.claims.get(name).map_or(&[][..], Vec::as_slice);
        let owner = claims
            .iter()
            .filter(|(node, _)| self.present.contains(node))
            .max_by_key(|(node, claim)| (claim.epoch, Reverse((claim.since, *node))))
            .map(|(node, claim)| Owner { node: *node, epoch: claim.epoch });
        let mine = claims.iter().find(|(node, _)| *node == self.me).map(|(_, claim)| claim.epoch);
        if let (Some(epoch), Some(owner)) = (mine, owner)
            && owner.node != self.me
        {
            let winner = owner.node;
            if !self.given.contains(name) {
                out.fact(Fact::ClaimLost { name: name.clone(), winner });
            }
            out.happened(Happened::ClaimLost { name: name.clone(), epoch, winner });
            say(name, None, out);
        }
        let before = match owner {
            Some(owner) => self.owners.insert(name.clone(), owner),
            None => self.owners.remove(name),
        };
        if before != owner {
            out.happened(Happened::OwnerChanged(name.clone(), owner));
        }
    }
}

fn say(name: &Name, claim: Option<Claim>, out: &mut Outbox) {
    let value = claim.map(|claim| Presence::Claim(Arc::new(claim)));
    out.happened(Happened::PresenceSaid(PresenceKey::Claim(name.clone()), value));
}

fn moment(now: Now, out: &mut Outbox) -> (Wall, u32) {
    let stamp = out.stamp(now);
    (stamp.wall, stamp.counter)
}
