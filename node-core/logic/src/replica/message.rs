//! What members say to each other about replica state.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    event::EventRecord,
    hlc::Stamp,
    ids::{Incarnation, NodeId},
    replica::{Presence, PresenceKey, Shared, SharedKey},
};

/// Changes, pushed by gossip or sent because someone lacks them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delta {
    /// Changes of one shard, from one version to another without a gap.
    Shard(ShardDelta),
    /// Shared values, in any order.
    Shared(Vec<(SharedKey, Stamp, Shared)>),
    /// Shared values too large for gossip: who lacks them asks.
    SharedHints(Vec<(SharedKey, Stamp)>),
}

/// Changes of one shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardDelta {
    /// Whose shard.
    pub origin: NodeId,
    /// In which life of that node.
    pub incarnation: Incarnation,
    /// The version before the first change; 0 with `whole`.
    pub from: u64,
    /// The version after the last change.
    pub to: u64,
    /// Whether this is all the shard holds, not what changed: sent to one who is behind the oldest
    /// change still remembered.
    pub whole: bool,
    /// Versions and keys in the order they changed last; no value: removed.
    pub changes: Vec<(u64, PresenceKey, Option<Presence>)>,
}

/// The anti-entropy conversation, from cheap to exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repair {
    /// A hash of everything: an equal one ends the conversation with [`Self::Equal`].
    Offer {
        /// Over shards, shared values and event counts.
        hash: u64,
    },
    /// The offer's hash is ours too.
    Equal,
    /// The hashes differ: this is what I hold.
    Differ(Digest),
    /// Send me what I lack, going by this.
    Lack(Digest),
    /// That is all you lacked, going by what you said.
    Complete,
    /// Changes of a shard that the receiver lacks.
    Changes(Delta),
    /// Shared values that the receiver may lack, named by bucket: answer with what you hold there.
    Buckets(Vec<(u8, Vec<(SharedKey, Stamp)>)>),
    /// Send me these shared values.
    WantShared(Vec<SharedKey>),
    /// Send me the changes of this shard after `from`.
    WantShard {
        /// Whose shard.
        origin: NodeId,
        /// In which life of that node.
        incarnation: Incarnation,
        /// The version held.
        from: u64,
    },
    /// Send me all of this shard: my copy is wrong.
    WantWhole {
        /// Whose shard.
        origin: NodeId,
    },
    /// Send me the events of `origin` from this sequence number on.
    WantEvents {
        /// Whose.
        origin: NodeId,
        /// From which on.
        from: u64,
    },
    /// Events of one origin, in order, without gaps.
    Events(Vec<Arc<EventRecord>>),
}

/// What a node holds, in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Every shard.
    pub shards: Vec<ShardDigest>,
    /// For each of the 256 buckets of shared keys that holds any: a hash of keys and stamps.
    pub shared: Vec<(u8, u64)>,
    /// For each origin, how many of its events.
    pub events: Vec<(NodeId, u64)>,
}

/// What a node holds of one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardDigest {
    /// Whose.
    pub origin: NodeId,
    /// Which life.
    pub incarnation: Incarnation,
    /// How many changes.
    pub version: u64,
    /// Over keys and values: equal versions with different hashes are a fault that is repaired by
    /// fetching the shard anew.
    pub hash: u64,
}
