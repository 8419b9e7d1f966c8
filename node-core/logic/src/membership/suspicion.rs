//! What is said about a suspect: accusations, and how it refutes them.
//!
//! Das et al. (2002), section 4.2: a suspicion is told to everyone, and the suspect that hears of it
//! raises its own count and says so; of two things said of one node, the greater sign of life is the
//! later. In Covey an accusation kills nobody: each node judges from what it and those it asks have
//! heard. It tells the suspect, which may answer, and it tells the others, whose independent
//! suspicion makes this node's own more certain (Dadgar et al. (2018), section IV.B).

use std::time::Duration;

use crate::{
    ids::NodeId,
    limits::{SILENCE_TIMEOUT, SILENCE_UNCONFIRMED},
    membership::{
        Detect, Lifesign, Membership, PeerState,
        machine::{Verdict, send},
    },
    outbox::Outbox,
    time::Now,
};

/// Confirmations that bring a suspicion's timeout down to its least.
pub const CONFIRMATIONS: usize = 3;

/// How long a silence must last to be a death, if `confirmed` others suspect the peer as well, of
/// `possible` that could.
///
/// Dadgar et al. (2018), section IV.B: from the longest to the least with the logarithm of the
/// confirmations, as the first tell most. Where nobody else can, this node's word is enough.
#[must_use]
pub fn timeout(confirmed: usize, possible: usize) -> Duration {
    let needed = possible.min(CONFIRMATIONS);
    if confirmed >= needed {
        return SILENCE_TIMEOUT;
    }
    let count = |number: usize| u32::try_from(number).map_or(f64::MAX, f64::from);
    let certainty = count(confirmed + 1).ln() / count(needed + 1).ln();
    SILENCE_UNCONFIRMED - (SILENCE_UNCONFIRMED - SILENCE_TIMEOUT).mul_f64(certainty)
}

impl Membership {
    /// Tells the suspect and everyone else, the first time; later the suspect and a few.
    pub(super) fn accuse(&self, target: NodeId, first: bool, out: &mut Outbox) {
        let Some(peer) = self.peers.get(&target) else { return };
        let accusation = Detect::Accusation { target, sign: peer.sign };
        if peer.connected {
            send(target, accusation, out);
        }
        let others = if first { self.audience(target) } else { self.some_others(target, out) };
        for node in others {
            send(node, accusation, out);
        }
    }

    pub(super) fn on_accusation(
        &mut self,
        from: NodeId,
        (target, sign): (NodeId, Lifesign),
        out: &mut Outbox,
    ) {
        if target == self.me {
            self.refute(from, sign, out);
            return;
        }
        let Some(peer) = self.peers.get_mut(&target) else { return };
        if !peer.state.is_present() || sign.incarnation != peer.sign.incarnation {
            return;
        }
        if sign < peer.sign {
            let sign = peer.sign;
            send(from, Detect::Refutation { target, sign }, out);
        } else {
            peer.accusers.insert(from);
        }
    }

    /// This node is accused: it raises its count, unless it did so already.
    fn refute(&mut self, from: NodeId, sign: Lifesign, out: &mut Outbox) {
        if sign.incarnation != self.sign.incarnation || self.leaving || self.is_asleep() {
            return;
        }
        let target = self.me;
        if sign < self.sign {
            send(from, Detect::Refutation { target, sign: self.sign }, out);
            return;
        }
        self.sign.refuted = sign.refuted.saturating_add(1);
        let refutation = Detect::Refutation { target, sign: self.sign };
        for node in self.connected() {
            send(node, refutation, out);
        }
    }

    pub(super) fn on_refutation(
        &mut self,
        now: Now,
        (target, sign): (NodeId, Lifesign),
        out: &mut Outbox,
    ) {
        let Some(peer) = self.peers.get_mut(&target) else { return };
        // A life that only others have heard of says so itself before it counts.
        let same_life = sign.incarnation == peer.sign.incarnation;
        if !same_life || sign <= peer.sign || !peer.state.is_present() {
            return;
        }
        peer.sign = sign;
        peer.vouched = Some(now.at);
        let accusers = std::mem::take(&mut peer.accusers);
        peer.clear();
        if peer.state == PeerState::Suspect {
            self.set(now, target, Verdict::Alive, out);
        }
        for node in accusers {
            send(node, Detect::Refutation { target, sign }, out);
        }
    }
}
