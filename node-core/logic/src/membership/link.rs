//! Connections as hints: one that closes is looked into, one that is refused twice is a death.

use std::time::Duration;

use crate::{
    event::DownCause,
    ids::NodeId,
    limits::DETECT_INTERVAL,
    membership::{Detect, Membership, Peer, PeerState, Reach, machine::Verdict},
    node::{DialFailure, Effect},
    outbox::Outbox,
    time::{Instant, Now},
};

impl Membership {
    /// How long a refusal found by another counts.
    pub(super) const WITNESS_WITHIN: Duration = Duration::from_millis(5_000);
    /// How often a suspect is dialled afresh: a connection that was cut may wait seconds before TCP
    /// sends again, a new one gets through as soon as the cable is back.
    pub(super) const REDIAL_INTERVAL: Duration = Duration::from_millis(300);

    /// A member was met elsewhere: it is worth a dial at once, unless it is connected.
    pub fn on_met(&mut self, now: Now, node: NodeId) {
        let turn = self.dial_turn(node);
        if let Some(peer) = self.peers.get_mut(&node)
            && !peer.connected
        {
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
        if self.is_asleep() {
            return;
        }
        self.seq += 1;
        self.beat(now, node, out);
        // Two heartbeats make a peer alive; the second need not wait its full turn.
        self.heartbeat_at = self.heartbeat_at.min(now.at + DETECT_INTERVAL);
    }

    /// A newer connection stands beside one that may say nothing: a heartbeat at once, so that a
    /// moment in which the path is whole is one in which both are heard.
    pub fn on_renewed(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let mute = self.leaving || self.is_asleep();
        if !mute && self.peers.get(&node).is_some_and(|peer| peer.connected) {
            self.seq += 1;
            self.beat(now, node, out);
        }
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
        let incarnation = peer.sign.incarnation;
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
        let accuses = self.may_accuse();
        let Some(peer) = self.peers.get_mut(&node) else { return };
        if peer.connected {
            return;
        }
        let wait = if peer.state.is_present() { Self::REDIAL_INTERVAL } else { peer.backoff };
        peer.dial_at = peer.dial_at.max(now.at + wait);
        peer.backoff = (peer.backoff * 2).min(Peer::BACKOFF.1);
        if failure == DialFailure::Refused {
            peer.refused = Some(now.at);
        }
        if failure == DialFailure::Refused && peer.state.is_present() && accuses {
            let answer = Detect::ProbeAnswer {
                target: node,
                incarnation: peer.sign.incarnation,
                reach: Reach::Refused,
            };
            self.tell_present(node, answer, out);
            self.judge_refused(now, node, out);
        }
    }

    /// M2: down at once if its machine refuses us and, where there is one to ask, another.
    pub(super) fn judge_refused(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let others =
            self.peers.iter().any(|(other, peer)| *other != node && peer.state == PeerState::Alive);
        let Some(peer) = self.peers.get(&node) else { return };
        let recent = |at: &Instant| now.at.since(*at) < Self::WITNESS_WITHIN;
        let witnessed = peer.witnesses.values().any(recent);
        if !peer.connected && peer.refused.as_ref().is_some_and(recent) && (witnessed || !others) {
            self.set(now, node, Verdict::Gone(DownCause::Refused), out);
        }
    }

    pub(super) fn redial(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let mute = self.leaving || self.is_asleep();
        let woke = self.woke_at();
        let Some(peer) = self.peers.get_mut(&node) else { return };
        // A silent one is dialled beside the connection that says nothing, also when it is down: after
        // half a minute TCP tries that connection again half a minute later. And so is one that was
        // not heard since this machine woke: its connection may have ended meanwhile.
        let unheard = woke.is_some_and(|woke| now.at.since(woke) <= peer.phi.silence(now.at));
        let silent = peer.doubted.is_some() || peer.state == PeerState::Down;
        let idle = peer.connected && !silent && !unheard;
        if idle || peer.dial_at > now.at || mute {
            return;
        }
        let wait = if peer.state.is_present() { Self::REDIAL_INTERVAL } else { peer.backoff };
        peer.dial_at = now.at + wait;
        peer.backoff = (peer.backoff * 2).min(Peer::BACKOFF.1);
        out.effect(Effect::Dial { peer: node, addresses: Vec::new() });
    }
}
