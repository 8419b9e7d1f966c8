//! What members say to each other about replica state.

use serde::{Deserialize, Serialize};

use crate::{
    event_store::{Extent, Piece},
    hlc::Stamp,
    ids::{Incarnation, NodeId},
    replica::{Kind, Presence, PresenceKey, Shared, SharedKey},
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
    /// Which of its shards; every key is of this kind.
    pub kind: Kind,
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
///
/// One offers, the other says that nothing differs or where, and from there both send what the other
/// lacks:
///
/// ```text
/// Offer →  ← Differ  Buckets, Compare →  ← Changes, Lack  Changes, Complete →
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repair {
    /// A hash of everything: an equal one ends the conversation with [`Self::Equal`].
    Offer {
        /// The number that this comparison has at the one who offers it: what is said of an earlier
        /// one, and was long on its way, does not count for this one.
        turn: u64,
        /// Over shards, shared values and event counts.
        hash: u64,
    },
    /// The offer's hash is ours too.
    Equal,
    /// I compare with another now, and shall call you.
    Busy {
        /// The comparison that was offered.
        turn: u64,
    },
    /// The hashes differ: this is what I hold, in groups.
    Differ {
        /// The comparison that was offered.
        turn: u64,
        /// What is held.
        outline: Outline,
    },
    /// This is what I hold where the groups differ; send me what I lack, and then the same of you.
    Compare {
        /// The comparison that was offered.
        turn: u64,
        /// What is held.
        digest: Digest,
    },
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
        /// Which of its shards.
        kind: Kind,
        /// The version held.
        from: u64,
    },
    /// Send me all of this shard: my copy is wrong.
    WantWhole {
        /// Whose shard.
        origin: NodeId,
        /// Which of its shards.
        kind: Kind,
    },
    /// Send me the events of `origin` from this sequence number on.
    WantEvents {
        /// Whose.
        origin: NodeId,
        /// From which on.
        from: u64,
    },
    /// Events of one origin, or the word that they are gone.
    Events(Piece),
}

/// What a node holds, in a few kilobytes however much that is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// For each first byte of the ids of the nodes of which anything is held: a hash of their shards
    /// and event counts.
    pub groups: Vec<(u8, u64)>,
    /// For each of the 256 buckets of shared keys that holds any: a hash of keys and stamps.
    pub shared: Vec<(u8, u64)>,
}

/// What a node holds, in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The groups it speaks of, by the first byte of the ids.
    pub groups: Vec<u8>,
    /// What is held of the nodes of these groups.
    pub holdings: Vec<HoldingDigest>,
    /// For each origin in these groups, which of its events.
    pub events: Vec<(NodeId, Extent)>,
}

/// What a node holds of what one node says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldingDigest {
    /// Whose.
    pub origin: NodeId,
    /// Which life.
    pub incarnation: Incarnation,
    /// Its shards, in the order of [`Kind::ALL`].
    pub shards: [ShardDigest; 3],
}

/// What a node holds of one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardDigest {
    /// How many changes.
    pub version: u64,
    /// Over keys and values: equal versions with different hashes are a fault that is repaired by
    /// fetching the shard anew.
    pub hash: u64,
}

impl Outline {
    /// The groups in which `other` differs.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<u8> {
        let lacks = |one: &Self, group: &(u8, u64)| !one.groups.contains(group);
        let mut groups: Vec<u8> = self
            .groups
            .iter()
            .filter(|group| lacks(other, group))
            .chain(other.groups.iter().filter(|group| lacks(self, group)))
            .map(|(group, _)| *group)
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}
