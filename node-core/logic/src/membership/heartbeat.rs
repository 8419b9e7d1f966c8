//! Signs of life: heartbeats and their echoes, and the last words of a life.

use crate::{
    event::DownCause,
    ids::{Incarnation, NodeId},
    membership::{
        Detect, Lifesign, Membership, PeerState,
        machine::{Verdict, send},
    },
    outbox::{Happened, Outbox},
    time::Now,
};

impl Membership {
    /// How many heartbeats have their echo asked for, one in so many.
    const ECHO_EVERY: u64 = 2;

    pub(super) fn beat(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let (sign, seq, waking) = (self.sign, self.seq, self.is_waking(self.me));
        if let Some(peer) = self.peers.get_mut(&node)
            && seq.is_multiple_of(Self::ECHO_EVERY)
        {
            peer.sent = Some((seq, now.at));
        }
        send(node, Detect::Heartbeat { sign, seq, waking }, out);
    }

    pub(super) fn on_heartbeat(
        &mut self,
        now: Now,
        from: NodeId,
        (sign, seq, waking): (Lifesign, u64, bool),
        out: &mut Outbox,
    ) {
        let Some(peer) = self.peers.get_mut(&from) else { return };
        let life = sign.incarnation;
        // What comes after a goodbye are the last words of a life that is over.
        if sign < peer.sign || peer.left == Some(life) {
            return;
        }
        if peer.slept.is_some_and(|(slept, last)| slept == life && seq <= last) {
            return;
        }
        peer.slept = None;
        if life > peer.sign.incarnation {
            peer.begin_life(sign);
        }
        peer.sign = sign;
        peer.waking = waking;
        peer.phi.heard(now.at);
        peer.heard = peer.heard.saturating_add(1);
        peer.clear();
        if peer.heard == 1 && !peer.state.is_present() {
            out.happened(Happened::LifeHeard(from, life));
        }
        if seq.is_multiple_of(Self::ECHO_EVERY) {
            send(from, Detect::Echo { seq }, out);
        }
        if peer.heard >= 2 && peer.state != PeerState::Alive {
            self.set(now, from, Verdict::Alive, out);
        }
    }

    pub(super) fn on_goodbye(
        &mut self,
        now: Now,
        from: NodeId,
        life: Incarnation,
        out: &mut Outbox,
    ) {
        if let Some(peer) = self.peers.get_mut(&from)
            && peer.sign.incarnation <= life
        {
            peer.sign = peer.sign.max(Lifesign { incarnation: life, refuted: 0 });
            peer.left = Some(life);
            self.set(now, from, Verdict::Gone(DownCause::Left), out);
        }
    }

    /// Says goodbye to everyone.
    pub fn leave(&mut self, out: &mut Outbox) {
        self.leaving = true;
        for node in self.connected() {
            send(node, Detect::Goodbye { incarnation: self.sign.incarnation }, out);
        }
    }
}
