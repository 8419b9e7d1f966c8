//! One node that watches others, who say what the test has them say.

use std::time::Duration;

use crate::{
    hlc::Clock,
    ids::{Incarnation, NodeId},
    limits::{DETECT_INTERVAL, HEARTBEAT_INTERVAL},
    membership::{Detect, Lifesign, Membership, Peer, PeerState},
    node::Effect,
    outbox::{Happened, Outbox},
    time::{Instant, Now, Wall},
    wire::Message,
};

/// The node, its peers' words, and what it says.
pub(super) struct Watcher {
    pub(super) node: Membership,
    pub(super) out: Outbox,
    pub(super) now: Now,
    seq: u64,
}

pub(super) const ME: NodeId = NodeId([0; 32]);

pub(super) fn peer(number: u8) -> NodeId {
    NodeId([number; 32])
}

/// A sign of the first life of everyone here.
pub(super) fn sign(refuted: u32) -> Lifesign {
    Lifesign { incarnation: Incarnation(5), refuted }
}

impl Watcher {
    /// A node connected to `peers` others that are not alive yet.
    pub(super) fn connected(peers: u8) -> Self {
        let now = Now { at: Instant(1_000_000), wall: Wall(1_000_000) };
        let mut watcher = Self {
            node: Membership::new(now, ME, Incarnation(5)),
            out: Outbox::new(Clock::new(ME, now.wall), [0; 32]),
            now,
            seq: 0,
        };
        for number in 1..=peers {
            let fresh = Peer::new(now.at, now.at, now.wall);
            watcher.node.peers.insert(peer(number), fresh);
            watcher.node.on_connected(now, peer(number), &mut watcher.out);
        }
        watcher
    }

    /// A node that holds `peers` others alive.
    pub(super) fn of(peers: u8) -> Self {
        let mut watcher = Self::connected(peers);
        let all: Vec<u8> = (1..=peers).collect();
        watcher.hears_for(Duration::from_secs(5), &all);
        watcher.sent();
        watcher
    }

    pub(super) fn hears(&mut self, from: u8, detect: Detect) {
        self.node.on_detect(self.now, peer(from), detect, &mut self.out);
    }

    pub(super) fn heartbeat(&mut self, from: u8, sign: Lifesign) {
        self.seq += 1;
        self.hears(from, Detect::Heartbeat { sign, seq: self.seq, waking: false });
    }

    /// Lets time pass, with timers on time and heartbeats of some peers alone.
    pub(super) fn hears_for(&mut self, span: Duration, alive: &[u8]) {
        self.hears_late(span, alive, Duration::ZERO);
    }

    /// The same, with each of our timers `late`.
    pub(super) fn hears_late(&mut self, span: Duration, alive: &[u8], late: Duration) {
        let end = self.now.at + span;
        let mut beat = self.now.at;
        while self.now.at < end {
            self.pass(DETECT_INTERVAL + late);
            if self.now.at.since(beat) >= HEARTBEAT_INTERVAL {
                beat = self.now.at;
                for from in alive {
                    let sign = self.node.peers[&peer(*from)].sign.max(sign(0));
                    self.heartbeat(*from, sign);
                }
            }
            self.node.notice(self.now, &mut self.out);
            self.node.on_timeout(self.now, &mut self.out);
        }
    }

    pub(super) fn pass(&mut self, span: Duration) {
        self.now.at = self.now.at + span;
        self.now.wall = Wall(self.now.wall.0 + u64::try_from(span.as_millis()).unwrap());
    }

    pub(super) fn state(&self, number: u8) -> PeerState {
        self.node.state(peer(number))
    }

    /// What it said since it was last asked.
    pub(super) fn sent(&mut self) -> Vec<(NodeId, Detect)> {
        let effects = std::iter::from_fn(|| self.out.poll_effect());
        effects
            .filter_map(|effect| {
                if let Effect::Send { to, message: Message::Detect(detect) } = effect {
                    Some((to, detect))
                } else {
                    None
                }
            })
            .collect()
    }

    /// What happened since it was last asked.
    pub(super) fn happened(&mut self) -> Vec<Happened> {
        std::iter::from_fn(|| self.out.poll_happened()).collect()
    }
}
