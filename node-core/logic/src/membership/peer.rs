//! What this node knows of one other member's state.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use crate::{
    ids::{Incarnation, NodeId},
    limits::SETTLE_TIMEOUT,
    membership::{Lifesign, PeerState, Phi},
    time::{Instant, Wall},
};

/// What this node knows of one other member.
#[derive(Clone, Debug)]
pub struct Peer {
    /// How it is judged.
    pub state: PeerState,
    /// Since when.
    pub since: Wall,
    /// The latest sign of life heard of.
    pub sign: Lifesign,
    /// Until when it is awaited: it is a member, and has not had the time to connect yet.
    pub awaited_until: Instant,
    /// The life that said goodbye, if one did.
    pub left: Option<Incarnation>,
    /// Its last heartbeat before it said that it goes to sleep, if it did.
    pub slept: Option<(Incarnation, u64)>,
    /// Whether it says that it woke and still compares notes.
    pub waking: bool,
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
    /// When another member last heard it, as far as is known here.
    pub vouched: Option<Instant>,
    /// Since when its silence is doubtful.
    pub doubted: Option<Instant>,
    /// Who else suspects it since its last sign of life.
    pub accusers: BTreeSet<NodeId>,
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
            sign: Lifesign::default(),
            awaited_until: met + SETTLE_TIMEOUT,
            left: None,
            slept: None,
            waking: false,
            connected: false,
            heard: 0,
            phi: Phi::default(),
            refused: None,
            witnesses: BTreeMap::new(),
            vouched: None,
            doubted: None,
            accusers: BTreeSet::new(),
            dial_at,
            backoff: Self::BACKOFF.0,
            probe_at: dial_at,
            sent: None,
            round_trips: VecDeque::new(),
        }
    }

    /// How long nobody has heard it, as far as is known here.
    #[must_use]
    pub fn silence(&self, now: Instant) -> Duration {
        let direct = self.phi.silence(now);
        self.vouched.map_or(direct, |at| direct.min(now.since(at)))
    }

    /// Leaves the time from `span` ago until `now` out of account.
    pub fn excuse(&mut self, now: Instant, span: Duration) {
        self.phi.excuse(now, span);
        self.vouched = self.vouched.map(|at| (at + span).min(now));
    }

    /// It was heard: whatever was held against it is void.
    pub fn clear(&mut self) {
        self.refused = None;
        self.witnesses.clear();
        self.accusers.clear();
        self.doubted = None;
    }

    /// It is another life than the one known: nothing of that one counts.
    pub fn begin_life(&mut self, sign: Lifesign) {
        self.sign = sign;
        self.heard = 0;
        self.phi.reset();
        self.vouched = None;
        self.clear();
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
