//! What this node knows of one other member's state.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use crate::{
    ids::{Incarnation, NodeId},
    limits::SETTLE_TIMEOUT,
    membership::{PeerState, Phi},
    time::{Instant, Wall},
};

/// What this node knows of one other member.
#[derive(Clone, Debug)]
pub struct Peer {
    /// How it is judged.
    pub state: PeerState,
    /// Since when.
    pub since: Wall,
    /// The latest life heard of.
    pub incarnation: Incarnation,
    /// Until when it is awaited: it is a member, and has not had the time to connect yet.
    pub awaited_until: Instant,
    /// The life that said goodbye, if one did.
    pub left: Option<Incarnation>,
    /// Whether a connection stands.
    pub connected: bool,
    /// Heartbeats heard in this life.
    pub heard: u32,
    /// Its gaps.
    pub phi: Phi,
    /// When its machine last refused a connection, while none stands.
    pub refused: Option<Instant>,
    /// Who else found it refused, and when.
    pub witnesses: BTreeMap<NodeId, Instant>,
    /// When another member last said that it hears it.
    pub vouched: Option<Instant>,
    /// When it may be dialled again.
    pub dial_at: Instant,
    /// The wait after the next failed dial.
    pub backoff: Duration,
    /// When it is probed through others again.
    pub probe_at: Instant,
    /// The heartbeat whose echo is awaited.
    pub sent: Option<(u64, Instant)>,
    round_trips: VecDeque<Duration>,
}

impl Peer {
    /// The first wait between dials, and the longest: a LAN costs nothing, and a healed network
    /// should be noticed within seconds.
    pub const BACKOFF: (Duration, Duration) =
        (Duration::from_millis(250), Duration::from_millis(2_000));
    /// Round trips remembered: fifteen seconds at one a second.
    const ROUND_TRIPS: usize = 15;

    /// A member that was not heard from yet, met at `met`; it is dialled at `dial_at`.
    #[must_use]
    pub fn new(met: Instant, dial_at: Instant, since: Wall) -> Self {
        Self {
            state: PeerState::Unseen,
            since,
            incarnation: Incarnation(0),
            awaited_until: met + SETTLE_TIMEOUT,
            left: None,
            connected: false,
            heard: 0,
            phi: Phi::default(),
            refused: None,
            witnesses: BTreeMap::new(),
            vouched: None,
            dial_at,
            backoff: Self::BACKOFF.0,
            probe_at: dial_at,
            sent: None,
            round_trips: VecDeque::new(),
        }
    }

    /// Takes note of an echo.
    pub fn echoed(&mut self, now: Instant, seq: u64) {
        if let Some((sent, at)) = self.sent
            && sent == seq
        {
            self.sent = None;
            self.round_trips.push_back(now.since(at));
            if self.round_trips.len() > Self::ROUND_TRIPS {
                self.round_trips.pop_front();
            }
        }
    }

    /// The median round trip, once there is one.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        let mut sorted: Vec<Duration> = self.round_trips.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}
