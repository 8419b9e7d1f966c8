//! Everything one node says of itself in one life: a shard for each kind of thing.

use crate::{
    ids::{Incarnation, NodeId},
    replica::{
        HoldingDigest, Kind, Presence, PresenceKey,
        hash::{mix, words},
        shard::{Shard, ShardId},
    },
};

/// A copy of everything one node says of itself in one incarnation.
#[derive(Clone, Debug)]
pub(super) struct Holding {
    origin: NodeId,
    incarnation: Incarnation,
    node: Shard,
    agents: Shard,
    names: Shard,
}

impl Holding {
    /// Nothing said yet.
    pub(super) fn new(origin: NodeId, incarnation: Incarnation) -> Self {
        let shard = |kind| Shard::new(ShardId { origin, incarnation, kind });
        Self {
            origin,
            incarnation,
            node: shard(Kind::Node),
            agents: shard(Kind::Agents),
            names: shard(Kind::Names),
        }
    }

    pub(super) fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    pub(super) fn shard(&self, kind: Kind) -> &Shard {
        match kind {
            Kind::Node => &self.node,
            Kind::Agents => &self.agents,
            Kind::Names => &self.names,
        }
    }

    pub(super) fn shard_mut(&mut self, kind: Kind) -> &mut Shard {
        match kind {
            Kind::Node => &mut self.node,
            Kind::Agents => &mut self.agents,
            Kind::Names => &mut self.names,
        }
    }

    pub(super) fn get(&self, key: &PresenceKey) -> Option<&Presence> {
        self.shard(key.kind()).get(key)
    }

    /// Every key and value, in order of the keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&PresenceKey, &Presence)> {
        self.node.iter().chain(self.agents.iter()).chain(self.names.iter())
    }

    /// In short; nothing if nothing was said, for then there is nothing to send to one who lacks it.
    pub(super) fn digest(&self) -> Option<HoldingDigest> {
        let shards = Kind::ALL.map(|kind| self.shard(kind).digest());
        let said = shards.iter().any(|shard| shard.version > 0);
        said.then_some(HoldingDigest { origin: self.origin, incarnation: self.incarnation, shards })
    }

    /// One word that tells this apart from every other; zero if nothing was said.
    pub(super) fn mark(&self) -> u64 {
        self.digest().map_or(0, |digest| digest.mark())
    }
}

impl HoldingDigest {
    /// One word that tells this apart from every other.
    fn mark(&self) -> u64 {
        let shards = self.shards.iter().flat_map(|shard| [shard.version, shard.hash]);
        mix(words(&self.origin.0).chain([self.incarnation.0]).chain(shards))
    }
}
