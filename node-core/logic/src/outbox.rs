//! What a step leaves behind: effects for the shell, and what happened, for the other services.

use std::{collections::VecDeque, sync::Arc};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::{
    agent::{AgentSpec, Exit},
    event::Fact,
    hlc::{Clock, Stamp},
    ids::{Epoch, Incarnation, Name, NodeId, Ticket},
    node::{Effect, Record},
    replica::{Claim, Presence, PresenceKey, Shared, SharedKey},
    time::Now,
};

/// What happened within a step, offered to every service in turn.
#[derive(Clone, Debug)]
pub enum Happened {
    /// This node says something of itself, or, with no value, says it no longer.
    PresenceSaid(PresenceKey, Option<Presence>),
    /// This node writes a shared value.
    SharedSaid(SharedKey, Shared),
    /// What a node says of itself changed in our copy.
    PresenceChanged(NodeId, PresenceKey),
    /// A shared value changed in our copy.
    SharedChanged(SharedKey),
    /// Digests were compared with a member: our copy is as good as its.
    Synced(NodeId),
    /// A peer holds what our copy of its word does not show: it is worth comparing with.
    Outdated(NodeId),
    /// Members or their roles changed.
    MembersChanged,
    /// A member that was absent is about to become present in this life: what it said in an earlier
    /// one never counts again.
    LifeHeard(NodeId, Incarnation),
    /// A member became present (alive or merely suspected) or absent (down, left).
    PeerChanged(NodeId, Presentness),
    /// Our own timers stood still; nothing we hold is surely current.
    Stalled,
    /// Our machine slept: nothing is started or claimed until [`Self::Awake`].
    Woke,
    /// Notes were compared and the grace after a sleep has passed.
    Awake,
    /// The name belongs to someone else from here on, or to nobody.
    OwnerChanged(Name, Option<Owner>),
    /// This node's claim on a name lost.
    ClaimLost {
        /// Which name.
        name: Name,
        /// The life of the agent that claimed it.
        epoch: Epoch,
        /// Whose claim won.
        winner: NodeId,
    },
    /// This node claims a name for itself alone, or, with no claim, gives it up.
    LocalSaid(Name, Option<Arc<Claim>>),
    /// An agent of this node takes messages.
    AgentRuns(Arc<AgentSpec>, Epoch),
    /// An agent of this node takes no more messages.
    AgentGone(Name, Epoch),
    /// A life of an agent that hands its state over was begun, and waits for its state.
    AgentBegins(Name, Epoch),
    /// A step of the hand-off of an agent of this node, of the life named, to another.
    HandOff(Name, Epoch, HandOffStep),
    /// The life of an agent is to be kept ready here for the state of the one on another node; the
    /// number is the generation it belongs to.
    Arrives(Name, Epoch, u64),
    /// The state of an arriving life is here: it runs as soon as it has it.
    Arrived(Name, Epoch),
    /// An arriving life is not needed after all.
    Unneeded(Name, Epoch),
    /// An arriving life ended before it ran, for this reason.
    ArrivalFailed(Name, Epoch, String),
    /// This node gives an agent up, so that it starts elsewhere.
    GivenUp(Name),
    /// No agent of this node is left, after a leave was asked for.
    AllStopped,
    /// A fact for the event store, and who caused it.
    Fact(Option<NodeId>, Fact),
}

/// Whether what a node says of itself counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presentness {
    /// It is alive, or suspected at worst.
    Present,
    /// It is down or left.
    Absent,
}

/// Who owns a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The node.
    pub node: NodeId,
    /// The life of its agent; zero if the name is no agent's.
    pub epoch: Epoch,
    /// The fencing token, of a name that one node holds at a time.
    pub token: Option<u64>,
}

/// How far the hand-off of an agent is, on the node that gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOffStep {
    /// It is suspended.
    Begins,
    /// All of its state was sent: the other node may run it from here on.
    Sent,
    /// The other node does not run it, and will not: it goes on here.
    Fails,
    /// The other node runs it.
    Done,
}

/// What the host told of an agent.
#[derive(Clone, Debug)]
pub enum HostReport {
    /// It takes messages.
    Started,
    /// It ended.
    Exited(Exit),
}

/// Collects what a step leaves behind, and hands out stamps, tickets and randomness.
#[derive(Debug)]
pub struct Outbox {
    effects: VecDeque<Effect>,
    happened: VecDeque<Happened>,
    records: Vec<Record>,
    clock: Clock,
    rng: ChaCha8Rng,
    tickets: u64,
}

impl Outbox {
    /// An empty one, with the clock and the seed of the node.
    #[must_use]
    pub fn new(clock: Clock, seed: [u8; 32]) -> Self {
        Self {
            effects: VecDeque::new(),
            happened: VecDeque::new(),
            records: Vec::new(),
            clock,
            rng: ChaCha8Rng::from_seed(seed),
            tickets: 0,
        }
    }

    /// Asks the shell for something.
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push_back(effect);
    }

    /// Tells the other services.
    pub fn happened(&mut self, happened: Happened) {
        self.happened.push_back(happened);
    }

    /// Tells of a fact that no person caused.
    pub fn fact(&mut self, fact: Fact) {
        self.happened(Happened::Fact(None, fact));
    }

    /// Keeps a record; all records of a step are written together.
    pub fn record(&mut self, record: Record) {
        self.records.push(record);
    }

    /// The next effect for the shell.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_happened(&mut self) -> Option<Happened> {
        self.happened.pop_front()
    }

    /// Whether everything that happened was offered.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.happened.is_empty()
    }

    /// The records of the step, to be written together.
    pub fn take_records(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }

    /// A stamp greater than all before.
    pub fn stamp(&mut self, now: Now) -> Stamp {
        self.clock.stamp(now.wall)
    }

    /// An epoch higher than every one this node gave or heard of.
    pub fn epoch(&mut self, now: Now) -> Epoch {
        let stamp = self.clock.stamp(now.wall);
        // 44 bits of milliseconds last until the year 2527; 20 bits order a million lives in one.
        Epoch(stamp.wall.0 << 20 | u64::from(stamp.counter & 0xf_ffff))
    }

    /// Takes note of a stamp heard; false if it lies too far ahead to be believed.
    #[must_use]
    pub fn observe(&mut self, now: Now, stamp: Stamp) -> bool {
        self.clock.observe(now.wall, stamp)
    }

    /// Takes note of a stamp heard, unless it lies too far ahead.
    pub fn follow(&mut self, now: Now, stamp: Stamp) {
        // Who writes such stamps is told apart where its values are merged.
        let _believed = self.observe(now, stamp);
    }

    /// Takes note of an epoch heard; one too far ahead is left alone.
    pub fn observe_epoch(&mut self, now: Now, epoch: Epoch, node: NodeId) {
        let stamp = Stamp {
            wall: crate::time::Wall(epoch.0 >> 20),
            counter: u32::try_from(epoch.0 & 0xf_ffff).unwrap_or(u32::MAX),
            node,
        };
        self.follow(now, stamp);
    }

    /// A ticket never given before.
    pub fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// A random number below `bound`, or zero.
    pub fn random_below(&mut self, bound: u64) -> u64 {
        // The bias of the remainder is below 2^-40 for every bound used here (at most seconds in µs).
        self.rng.next_u64().checked_rem(bound).unwrap_or(0)
    }

    /// A fresh seed for a generator of its own.
    pub fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.rng.fill_bytes(&mut seed);
        seed
    }
}
