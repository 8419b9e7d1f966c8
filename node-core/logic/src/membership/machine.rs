//! The table of peers, and what is told of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    event::{DownCause, Fact},
    ids::{Incarnation, NodeId},
    limits::{DETECT_INTERVAL, HEARTBEAT_INTERVAL},
    membership::{
        Detect, Health, Lifesign, PeerState, Roster, peer::Peer, sleep::Wakefulness, views::Told,
    },
    node::Effect,
    outbox::{Happened, Outbox, Presentness},
    time::{Instant, Now},
    wire::Message,
};

/// Who is up, as this node judges it.
#[derive(Debug)]
pub struct Membership {
    pub(super) me: NodeId,
    pub(super) sign: Lifesign,
    pub(super) peers: BTreeMap<NodeId, Peer>,
    pub(super) seq: u64,
    pub(super) heartbeat_at: Instant,
    pub(super) check_at: Instant,
    pub(super) health: Health,
    pub(super) wakefulness: Wakefulness,
    /// When this node last did anything.
    pub(super) noticed: Now,
    pub(super) told: Told,
    pub(super) leaving: bool,
}

/// A change of judgement.
#[derive(Clone, Copy, Debug)]
pub(super) enum Verdict {
    Alive,
    Suspect,
    Sleeping,
    Gone(DownCause),
}

impl Membership {
    /// The head start of the smaller id, which dials first so that a pair has one connection.
    const DIAL_TURN: Duration = Duration::from_millis(1_000);

    /// Knows nobody yet.
    #[must_use]
    pub fn new(now: Now, me: NodeId, incarnation: Incarnation) -> Self {
        Self {
            me,
            sign: Lifesign { incarnation, refuted: 0 },
            peers: BTreeMap::new(),
            seq: 0,
            heartbeat_at: now.at + HEARTBEAT_INTERVAL,
            check_at: now.at + DETECT_INTERVAL,
            health: Health::new(now.at),
            wakefulness: Wakefulness::Awake,
            noticed: now,
            told: Told::default(),
            leaving: false,
        }
    }

    /// How a member is judged.
    #[must_use]
    pub fn state(&self, node: NodeId) -> PeerState {
        if node == self.me {
            return match (self.leaving, self.is_asleep()) {
                (true, _) => PeerState::Left,
                (false, true) => PeerState::Sleeping,
                (false, false) => PeerState::Alive,
            };
        }
        self.peers.get(&node).map_or(PeerState::Unseen, |peer| peer.state)
    }

    /// What is known of a peer.
    #[must_use]
    pub fn peer(&self, node: NodeId) -> Option<&Peer> {
        self.peers.get(&node)
    }

    /// Whether what `node` says of itself counts; this node's own word always does.
    #[must_use]
    pub fn is_present(&self, node: NodeId) -> bool {
        node == self.me || self.state(node).is_present()
    }

    /// Whether `node` may still be on its way: a member that has not been heard from, but has not
    /// had the time either.
    #[must_use]
    pub fn is_awaited(&self, now: Now, node: NodeId) -> bool {
        self.peers
            .get(&node)
            .is_some_and(|peer| peer.state == PeerState::Unseen && now.at < peer.awaited_until)
    }

    /// Whether every other member was heard from, or is known to be gone; `heard` says of whom.
    #[must_use]
    pub fn accounts_for_all(&self, heard: &BTreeSet<NodeId>) -> bool {
        self.peers.iter().all(|(node, peer)| heard.contains(node) || peer.state.is_gone())
    }

    /// Peers that a message may reach.
    #[must_use]
    pub fn connected(&self) -> Vec<NodeId> {
        self.peers.iter().filter(|(_, peer)| peer.connected).map(|(node, _)| *node).collect()
    }

    /// Follows the roster: new members are dialled, former ones forgotten.
    pub fn on_roster(&mut self, now: Now, roster: &Roster, out: &mut Outbox) {
        let members = roster.members();
        for node in &members {
            if *node != self.me && !self.peers.contains_key(node) {
                let peer = Peer::new(now.at, now.at + self.dial_turn(*node), now.wall);
                self.peers.insert(*node, peer);
            }
        }
        let gone: Vec<NodeId> =
            self.peers.keys().filter(|node| !members.contains(node)).copied().collect();
        for node in gone {
            self.peers.remove(&node);
            out.effect(Effect::Disconnect { peer: node });
            out.happened(Happened::PeerChanged(node, Presentness::Absent));
        }
    }

    pub(super) fn dial_turn(&self, node: NodeId) -> Duration {
        if self.me < node { Duration::ZERO } else { Self::DIAL_TURN }
    }

    /// A member said something about who is up.
    pub fn on_detect(&mut self, now: Now, from: NodeId, detect: Detect, out: &mut Outbox) {
        match detect {
            Detect::Heartbeat { sign, seq, waking } => {
                self.on_heartbeat(now, from, (sign, seq, waking), out);
            }
            Detect::Echo { seq } => {
                if let Some(peer) = self.peers.get_mut(&from) {
                    peer.echoed(now.at, seq);
                }
            }
            Detect::Probe { target, incarnation } => {
                self.on_probe(now, from, (target, incarnation), out);
            }
            Detect::ProbeAnswer { target, incarnation, reach } => {
                self.on_probe_answer(now, from, (target, incarnation, reach), out);
            }
            Detect::Accusation { target, sign } => self.on_accusation(from, (target, sign), out),
            Detect::Refutation { target, sign } => self.on_refutation(now, (target, sign), out),
            Detect::Sleep { incarnation, seq } => self.on_sleep(now, from, (incarnation, seq), out),
            Detect::Goodbye { incarnation } => self.on_goodbye(now, from, incarnation, out),
        }
    }

    /// Sends heartbeats, and looks at every peer.
    pub fn on_timeout(&mut self, now: Now, out: &mut Outbox) {
        if self.heartbeat_at <= now.at {
            self.heartbeat_at = now.at + HEARTBEAT_INTERVAL;
            self.seq += 1;
            // One who said goodbye is silent, or it would be taken for back.
            let mute = self.leaving || self.is_asleep();
            for node in if mute { Vec::new() } else { self.connected() } {
                self.beat(now, node, out);
            }
        }
        if self.check_at <= now.at {
            self.health.ticked(now.at, now.at.since(self.check_at));
            self.check_at = now.at + DETECT_INTERVAL;
            self.wake_in_time(now, out);
            let nodes: Vec<NodeId> = self.peers.keys().copied().collect();
            for node in nodes {
                self.check(now, node, out);
            }
            self.tell_views(now, out);
        }
    }

    /// When [`Self::on_timeout`] is due.
    #[must_use]
    pub fn next_timeout(&self) -> Instant {
        self.heartbeat_at.min(self.check_at)
    }

    /// The peers that a message may reach and whose word counts, without `except`.
    pub(super) fn audience(&self, except: NodeId) -> Vec<NodeId> {
        self.peers
            .iter()
            .filter(|(node, peer)| **node != except && peer.connected && peer.state.is_present())
            .map(|(node, _)| *node)
            .collect()
    }

    pub(super) fn tell_present(&self, except: NodeId, detect: Detect, out: &mut Outbox) {
        for node in self.audience(except) {
            send(node, detect, out);
        }
    }

    pub(super) fn set(&mut self, now: Now, node: NodeId, verdict: Verdict, out: &mut Outbox) {
        let Some(peer) = self.peers.get_mut(&node) else { return };
        let state = match verdict {
            Verdict::Alive => PeerState::Alive,
            Verdict::Suspect => PeerState::Suspect,
            Verdict::Sleeping => PeerState::Sleeping,
            Verdict::Gone(DownCause::Left) => PeerState::Left,
            Verdict::Gone(DownCause::Refused | DownCause::Silent) => PeerState::Down,
        };
        let old = std::mem::replace(&mut peer.state, state);
        if old == state {
            return;
        }
        peer.since = now.wall;
        if state.is_gone() {
            peer.heard = 0;
            peer.vouched = None;
            peer.waking = false;
            // That its machine refuses us stays worth telling: others may still ask.
            peer.witnesses.clear();
            peer.accusers.clear();
            peer.doubted = None;
            peer.dial_at = now.at + Peer::BACKOFF.0;
            peer.backoff = Peer::BACKOFF.0;
        }
        match verdict {
            Verdict::Alive if old == PeerState::Suspect => {}
            Verdict::Alive => out.fact(Fact::MemberUp { node }),
            Verdict::Suspect => out.fact(Fact::MemberSuspected { node }),
            Verdict::Sleeping => out.fact(Fact::MemberSleeps { node }),
            Verdict::Gone(DownCause::Left) => out.fact(Fact::MemberLeft { node }),
            Verdict::Gone(cause @ (DownCause::Refused | DownCause::Silent)) => {
                out.fact(Fact::MemberDown { node, cause });
            }
        }
        if old.is_present() != state.is_present() {
            let presentness =
                if state.is_present() { Presentness::Present } else { Presentness::Absent };
            out.happened(Happened::PeerChanged(node, presentness));
        }
    }
}

pub(super) fn send(to: NodeId, detect: Detect, out: &mut Outbox) {
    out.effect(Effect::Send { to, message: Message::Detect(detect) });
}
