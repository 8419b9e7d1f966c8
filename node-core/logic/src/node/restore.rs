//! What a node is when it starts: its identity and what the disk kept.

use std::{collections::BTreeMap, sync::Arc};

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::{
    agent::Programs,
    certificate::Certificate,
    event::EventRecord,
    event_store::{Extent, Retention},
    hlc::{Clock, Stamp},
    ids::{Incarnation, Name, NodeId},
    merged::LocalVariable,
    moving::Snapshot,
    pairing::PairingSettings,
    replica::{Shared, SharedKey, Summary},
    settings::Values,
    time::Wall,
};

/// What a node is when it starts.
#[derive(Clone)]
pub struct Restore {
    /// The identity.
    pub key: SigningKey,
    /// Seeds the node's own generator: nonces, serials, jitter. From the operating system.
    pub seed: [u8; 32],
    /// Written to disk before the node starts, greater than every one before.
    pub incarnation: Incarnation,
    /// What the disk kept of this node itself; none at the first start.
    pub profile: Option<Profile>,
    /// What to be called at the first start.
    pub default_name: String,
    /// Every shared value on disk.
    pub shared: Vec<(SharedKey, Stamp, Shared)>,
    /// Every copy of an agent's state on disk.
    pub snapshots: Vec<(Name, Snapshot)>,
    /// Since when this node writes counters and variables that merge; none if it never did in its
    /// cluster.
    pub writes_since: Option<(Wall, u32)>,
    /// Every variable of this node alone.
    pub locals: Vec<(Name, LocalVariable)>,
    /// For each origin, which events are on disk.
    pub event_extents: BTreeMap<NodeId, Extent>,
    /// Own events have numbers from here on: greater than every one that was given in a life whose
    /// disk is lost; 1 if none is.
    pub events_from: u64,
    /// The newest events on disk, oldest first; at most
    /// [`crate::event_store::EventStore::RECENT_CAPACITY`].
    pub events: Vec<Arc<EventRecord>>,
    /// How long events are kept.
    pub retention: Retention,
    /// This machine.
    pub machine: Machine,
    /// How it pairs.
    pub pairing: PairingSettings,
}

/// What a node keeps of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name people gave it.
    pub name: String,
    /// Labels its owner gave it.
    pub labels: BTreeMap<String, String>,
    /// Which programs of others it runs.
    pub programs: Programs,
    /// Its proof of membership.
    pub certificate: Certificate,
    /// The name of its cluster.
    pub cluster_name: String,
    /// When its cluster was founded.
    pub founded: Wall,
}

/// The machine a node runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Covey's version.
    pub version: String,
    /// `linux`, `macos`, `windows`.
    pub os: String,
    /// `x86_64`, `aarch64`.
    pub arch: String,
    /// Logical processors.
    pub cpus: u16,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Its share of the agents beside the other nodes' weights, from 1 to 255; as its owner set it.
    pub weight: u8,
    /// How many agents it holds at most; as its owner set it.
    pub max_agents: u32,
    /// What it asks for a second of an agent's work while it is idle, in thousandths of a credit;
    /// nought: it takes none by auction.
    pub ask: u32,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            version: String::new(),
            os: String::new(),
            arch: String::new(),
            cpus: 0,
            memory_mib: 0,
            weight: Summary::DEFAULT_WEIGHT,
            max_agents: Summary::MAX_AGENTS,
            ask: Values::default().market_ask,
        }
    }
}

impl Restore {
    /// The greatest wall time that a node with these memories may stamp with at `now`: what others
    /// wrote was believed when it came, what this node wrote itself may stem from a wrong clock.
    pub(super) fn believable(&self, me: NodeId, now: Wall) -> Wall {
        let shared = self.shared.iter().map(|(_, stamp, _)| stamp);
        let events = self.told().map(|event| &event.stamp);
        let others = shared.chain(events).filter(|stamp| stamp.node != me);
        let latest = others.map(|stamp| stamp.wall).fold(now, Wall::max);
        let ahead = u64::try_from(Clock::MAX_AHEAD.as_millis()).unwrap_or(u64::MAX);
        Wall(latest.0.saturating_add(ahead))
    }

    /// The latest wall time in these memories, up to `believable`.
    pub(super) fn heard(&self, believable: Wall) -> Wall {
        let shared = self.shared.iter().map(|(_, stamp, _)| stamp.wall);
        let events = self.told().map(|event| event.stamp.wall);
        shared.chain(events).filter(|wall| *wall <= believable).max().unwrap_or_default()
    }

    /// Events that a node stamped: what the cluster agreed on bears the time of whoever wished it.
    fn told(&self) -> impl Iterator<Item = &EventRecord> {
        self.events.iter().map(|event| &**event).filter(|event| !event.fact.is_agreed())
    }

    /// Takes the values out that this node wrote while its clock was far ahead, which no other node
    /// believed. They come back with a stamp before all others: they count where nobody wrote
    /// anything else.
    pub(super) fn take_disbelieved(
        &mut self,
        me: NodeId,
        believable: Wall,
    ) -> Vec<(SharedKey, Stamp, Shared)> {
        let first = Stamp { wall: Wall(0), counter: 0, node: me };
        let disbelieved = self.shared.extract_if(.., |(_, stamp, _)| stamp.wall > believable);
        disbelieved.map(|(key, _, value)| (key, first, value)).collect()
    }
}

impl std::fmt::Debug for Restore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Restore")
            .field("incarnation", &self.incarnation)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
