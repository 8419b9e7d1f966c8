//! The transitions of membership: heartbeats in, judgements out.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    event::{DownCause, Fact},
    ids::{Incarnation, NodeId},
    limits::{DETECT_INTERVAL, HEARTBEAT_INTERVAL, SILENCE_TIMEOUT, STALL, SUSPECT_AFTER},
    membership::{Detect, PeerState, Phi, Reach, Roster, peer::Peer},
    node::{DialFailure, Effect},
    outbox::{Happened, Outbox, Presentness},
    time::{Instant, Now},
    wire::Message,
};

/// Who is up, as this node judges it.
#[derive(Debug)]
pub struct Membership {
    me: NodeId,
    incarnation: Incarnation,
    peers: BTreeMap<NodeId, Peer>,
    seq: u64,
    heartbeat_at: Instant,
    check_at: Instant,
    leaving: bool,
}

impl Membership {
    /// How recently a peer must have been heard to vouch for it.
    const VOUCH_WITHIN: Duration = Duration::from_millis(1_500);
    /// How long a refusal found by another counts.
    const WITNESS_WITHIN: Duration = Duration::from_millis(5_000);
    /// How often a suspect is probed through others, and through how many.
    const PROBE_INTERVAL: Duration = Duration::from_millis(1_000);
    const PROBES: usize = 3;
    /// How often a suspect is dialled afresh: a connection that was cut may wait seconds before TCP
    /// sends again, a new one gets through as soon as the cable is back.
    const REDIAL_INTERVAL: Duration = Duration::from_millis(300);
    /// The head start of the smaller id, which dials first so that a pair has one connection.
    const DIAL_TURN: Duration = Duration::from_millis(1_000);
    /// How many heartbeats have their echo asked for, one in so many.
    const ECHO_EVERY: u64 = 2;

    /// Knows nobody yet.
    #[must_use]
    pub fn new(now: Now, me: NodeId, incarnation: Incarnation) -> Self {
        Self {
            me,
            incarnation,
            peers: BTreeMap::new(),
            seq: 0,
            heartbeat_at: now.at + HEARTBEAT_INTERVAL,
            check_at: now.at + DETECT_INTERVAL,
            leaving: false,
        }
    }

    /// How a member is judged.
    #[must_use]
    pub fn state(&self, node: NodeId) -> PeerState {
        if node == self.me {
            return if self.leaving { PeerState::Left } else { PeerState::Alive };
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

    /// Whether every other member is present and was heard from, or is known to be gone; `heard` says of whom.
    #[must_use]
    pub fn accounts_for_all(&self, heard: &BTreeSet<NodeId>) -> bool {
        self.peers.iter().all(|(node, peer)| {
            // What one says that is not present yet would not count.
            (heard.contains(node) && peer.state.is_present())
                || matches!(peer.state, PeerState::Down | PeerState::Left)
        })
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
                let turn = if self.me < *node { Duration::ZERO } else { Self::DIAL_TURN };
                self.peers.insert(*node, Peer::new(now.at, now.at + turn, now.wall));
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

    /// A member was met elsewhere: it is worth a dial at once, unless it is connected.
    pub fn on_met(&mut self, now: Now, node: NodeId) {
        if let Some(peer) = self.peers.get_mut(&node)
            && !peer.connected
        {
            let turn = if self.me < node { Duration::ZERO } else { Self::DIAL_TURN };
            peer.dial_at = peer.dial_at.min(now.at + turn);
            peer.backoff = Peer::BACKOFF.0;
        }
    }

    /// A connection stands.
    pub fn on_connected(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let Some(peer) = self.peers.get_mut(&node) else { return };
        peer.connected = true;
        peer.refused = None;
        peer.witnesses.clear();
        peer.backoff = Peer::BACKOFF.0;
        // The detector counts from here: a member that connects and says nothing is suspected too.
        if peer.heard == 0 {
            peer.phi.reset();
            peer.phi.heard(now.at);
        }
        self.seq += 1;
        self.beat(now, node, out);
        // Two heartbeats make a peer alive; the second need not wait its full turn.
        self.heartbeat_at = self.heartbeat_at.min(now.at + DETECT_INTERVAL);
    }

    /// The last connection closed: a hint, looked into at once.
    pub fn on_disconnected(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let Some(peer) = self.peers.get_mut(&node) else { return };
        peer.connected = false;
        peer.sent = None;
        if !peer.state.is_present() {
            peer.dial_at = now.at + peer.backoff;
            return;
        }
        peer.dial_at = now.at + Self::REDIAL_INTERVAL;
        out.effect(Effect::Dial { peer: node, addresses: Vec::new() });
        let incarnation = peer.incarnation;
        self.tell_present(node, Detect::Probe { target: node, incarnation }, out);
    }

    /// A dial failed.
    pub fn on_dial_failed(
        &mut self,
        now: Now,
        node: NodeId,
        failure: DialFailure,
        out: &mut Outbox,
    ) {
        let Some(peer) = self.peers.get_mut(&node) else { return };
        if peer.connected {
            return;
        }
        peer.dial_at = peer.dial_at.max(now.at + peer.backoff);
        peer.backoff = (peer.backoff * 2).min(Peer::BACKOFF.1);
        if failure == DialFailure::Refused && peer.state.is_present() {
            peer.refused = Some(now.at);
            let answer = Detect::ProbeAnswer {
                target: node,
                incarnation: peer.incarnation,
                reach: Reach::Refused,
            };
            self.tell_present(node, answer, out);
            self.judge_refused(now, node, out);
        }
    }

    /// A member said something about who is up.
    pub fn on_detect(&mut self, now: Now, from: NodeId, detect: Detect, out: &mut Outbox) {
        match detect {
            Detect::Heartbeat { incarnation, seq } => {
                self.on_heartbeat(now, from, (incarnation, seq), out);
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
            Detect::Goodbye { incarnation } => {
                if let Some(peer) = self.peers.get_mut(&from)
                    && peer.incarnation <= incarnation
                {
                    peer.incarnation = incarnation;
                    peer.left = Some(incarnation);
                    self.set(now, from, Verdict::Gone(DownCause::Left), out);
                }
            }
        }
    }

    fn on_heartbeat(
        &mut self,
        now: Now,
        from: NodeId,
        (incarnation, seq): (Incarnation, u64),
        out: &mut Outbox,
    ) {
        let Some(peer) = self.peers.get_mut(&from) else { return };
        // What comes after a goodbye are the last words of a life that is over.
        if incarnation < peer.incarnation || peer.left == Some(incarnation) {
            return;
        }
        if incarnation > peer.incarnation {
            peer.incarnation = incarnation;
            peer.heard = 0;
            peer.phi.reset();
        }
        peer.phi.heard(now.at);
        peer.heard = peer.heard.saturating_add(1);
        peer.refused = None;
        peer.witnesses.clear();
        if seq.is_multiple_of(Self::ECHO_EVERY) {
            send(from, Detect::Echo { seq }, out);
        }
        if peer.heard >= 2 && peer.state != PeerState::Alive {
            self.set(now, from, Verdict::Alive, out);
        }
    }

    fn on_probe(
        &mut self,
        now: Now,
        from: NodeId,
        (target, incarnation): (NodeId, Incarnation),
        out: &mut Outbox,
    ) {
        let Some(peer) = self.peers.get_mut(&target) else { return };
        let reach = if peer.connected && peer.phi.silence(now.at) < Self::VOUCH_WITHIN {
            Reach::Heard
        } else if peer.refused.is_some() {
            Reach::Refused
        } else {
            Reach::Silent
        };
        if !peer.connected && peer.dial_at <= now.at {
            peer.dial_at = now.at + Self::REDIAL_INTERVAL;
            out.effect(Effect::Dial { peer: target, addresses: Vec::new() });
        }
        send(from, Detect::ProbeAnswer { target, incarnation, reach }, out);
    }

    fn on_probe_answer(
        &mut self,
        now: Now,
        from: NodeId,
        (target, incarnation, reach): (NodeId, Incarnation, Reach),
        out: &mut Outbox,
    ) {
        let Some(peer) = self.peers.get_mut(&target) else { return };
        if incarnation != peer.incarnation || !peer.state.is_present() {
            return;
        }
        match reach {
            Reach::Heard => peer.vouched = Some(now.at),
            Reach::Refused => {
                peer.witnesses.insert(from, now.at);
                self.judge_refused(now, target, out);
            }
            Reach::Silent => {}
        }
    }

    /// M2: down at once if its machine refuses us and, where there is one to ask, another.
    fn judge_refused(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let others =
            self.peers.iter().any(|(other, peer)| *other != node && peer.state == PeerState::Alive);
        let Some(peer) = self.peers.get(&node) else { return };
        let recent = |at: &Instant| now.at.since(*at) < Self::WITNESS_WITHIN;
        let witnessed = peer.witnesses.values().any(recent);
        if !peer.connected && peer.refused.as_ref().is_some_and(recent) && (witnessed || !others) {
            self.set(now, node, Verdict::Gone(DownCause::Refused), out);
        }
    }

    /// Sends heartbeats, and looks at every peer.
    ///
    /// Returns whether our own timers stood still (M3).
    pub fn on_timeout(&mut self, now: Now, out: &mut Outbox) -> bool {
        let late = now.at.since(self.check_at);
        let stalled = self.check_at <= now.at && late > STALL;
        if stalled {
            for peer in self.peers.values_mut() {
                peer.phi.excuse(late);
            }
            out.happened(Happened::Stalled);
        }
        if self.heartbeat_at <= now.at {
            self.heartbeat_at = now.at + HEARTBEAT_INTERVAL;
            self.seq += 1;
            // One who said goodbye is silent, or it would be taken for back.
            let listeners = if self.leaving { Vec::new() } else { self.connected() };
            for node in listeners {
                self.beat(now, node, out);
            }
        }
        if self.check_at <= now.at {
            self.check_at = now.at + DETECT_INTERVAL;
            let nodes: Vec<NodeId> = self.peers.keys().copied().collect();
            for node in nodes {
                self.check(now, node, out);
            }
        }
        stalled
    }

    /// When [`Self::on_timeout`] is due.
    #[must_use]
    pub fn next_timeout(&self) -> Instant {
        self.heartbeat_at.min(self.check_at)
    }

    fn check(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let Some(peer) = self.peers.get_mut(&node) else { return };
        if !peer.state.is_present() {
            self.redial(now, node, out);
            return;
        }
        let silence = peer.phi.silence(now.at);
        let suspicious = silence > SUSPECT_AFTER || peer.phi.value(now.at) > Phi::THRESHOLD;
        let vouched = peer.vouched.is_some_and(|at| now.at.since(at) < SUSPECT_AFTER * 2);
        if silence >= SILENCE_TIMEOUT && !vouched {
            self.set(now, node, Verdict::Gone(DownCause::Silent), out);
            return;
        }
        if suspicious && peer.state == PeerState::Alive {
            self.set(now, node, Verdict::Suspect, out);
        }
        let Some(peer) = self.peers.get_mut(&node) else { return };
        if peer.state == PeerState::Suspect && peer.probe_at <= now.at {
            peer.probe_at = now.at + Self::PROBE_INTERVAL;
            let incarnation = peer.incarnation;
            self.probe(node, incarnation, out);
        }
        self.redial(now, node, out);
    }

    fn redial(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let leaving = self.leaving;
        let Some(peer) = self.peers.get_mut(&node) else { return };
        // A suspect is dialled beside the connection that says nothing.
        let idle = peer.connected && peer.state != PeerState::Suspect;
        if idle || peer.dial_at > now.at || leaving {
            return;
        }
        let wait = if peer.state.is_present() { Self::REDIAL_INTERVAL } else { peer.backoff };
        peer.dial_at = now.at + wait;
        peer.backoff = (peer.backoff * 2).min(Peer::BACKOFF.1);
        out.effect(Effect::Dial { peer: node, addresses: Vec::new() });
    }

    fn probe(&self, target: NodeId, incarnation: Incarnation, out: &mut Outbox) {
        let mut others: Vec<NodeId> = self
            .peers
            .iter()
            .filter(|(node, peer)| {
                **node != target && peer.state == PeerState::Alive && peer.connected
            })
            .map(|(node, _)| *node)
            .collect();
        for _ in 0..Self::PROBES.min(others.len()) {
            let pick = usize::try_from(out.random_below(others.len() as u64)).unwrap_or(0);
            send(others.swap_remove(pick), Detect::Probe { target, incarnation }, out);
        }
    }

    fn beat(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let seq = self.seq;
        if let Some(peer) = self.peers.get_mut(&node)
            && seq.is_multiple_of(Self::ECHO_EVERY)
        {
            peer.sent = Some((seq, now.at));
        }
        send(node, Detect::Heartbeat { incarnation: self.incarnation, seq }, out);
    }

    fn tell_present(&self, except: NodeId, detect: Detect, out: &mut Outbox) {
        for (node, peer) in &self.peers {
            if *node != except && peer.connected && peer.state.is_present() {
                send(*node, detect, out);
            }
        }
    }

    fn set(&mut self, now: Now, node: NodeId, verdict: Verdict, out: &mut Outbox) {
        let Some(peer) = self.peers.get_mut(&node) else { return };
        let state = match verdict {
            Verdict::Alive => PeerState::Alive,
            Verdict::Suspect => PeerState::Suspect,
            Verdict::Gone(DownCause::Left) => PeerState::Left,
            Verdict::Gone(DownCause::Refused | DownCause::Silent) => PeerState::Down,
        };
        let old = std::mem::replace(&mut peer.state, state);
        if old == state {
            return;
        }
        peer.since = now.wall;
        match verdict {
            Verdict::Alive if old == PeerState::Suspect => {}
            Verdict::Alive => out.fact(Fact::MemberUp { node }),
            Verdict::Suspect => out.fact(Fact::MemberSuspected { node }),
            Verdict::Gone(cause) => {
                peer.heard = 0;
                peer.vouched = None;
                peer.witnesses.clear();
                peer.dial_at = now.at + Peer::BACKOFF.0;
                peer.backoff = Peer::BACKOFF.0;
                out.fact(match cause {
                    DownCause::Left => Fact::MemberLeft { node },
                    DownCause::Refused | DownCause::Silent => Fact::MemberDown { node, cause },
                });
            }
        }
        if old.is_present() != state.is_present() {
            let presentness =
                if state.is_present() { Presentness::Present } else { Presentness::Absent };
            out.happened(Happened::PeerChanged(node, presentness));
        }
    }

    /// Says goodbye to everyone.
    pub fn leave(&mut self, out: &mut Outbox) {
        self.leaving = true;
        for node in self.connected() {
            send(node, Detect::Goodbye { incarnation: self.incarnation }, out);
        }
    }
}

/// A change of judgement.
#[derive(Clone, Copy, Debug)]
enum Verdict {
    Alive,
    Suspect,
    Gone(DownCause),
}

fn send(to: NodeId, detect: Detect, out: &mut Outbox) {
    out.effect(Effect::Send { to, message: Message::Detect(detect) });
}
