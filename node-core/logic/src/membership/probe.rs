//! Asking others about a peer that says nothing here.

use std::time::Duration;

use crate::{
    ids::{Incarnation, NodeId},
    limits::SUSPECT_AFTER,
    membership::{
        Detect, Membership, PeerState, Reach,
        machine::{Verdict, send},
    },
    node::Effect,
    outbox::Outbox,
    time::Now,
};

impl Membership {
    /// How recently a peer must have been heard to vouch for it.
    const VOUCH_WITHIN: Duration = Duration::from_millis(1_500);
    /// How often a silent peer is probed through others, and through how many (Das et al. (2002),
    /// section 3.1: with three of them, and a message in ten lost, one silence in a thousand is
    /// taken for the peer's).
    pub(super) const PROBE_INTERVAL: Duration = Duration::from_millis(1_000);
    const PROBES: usize = 3;

    /// Asks some others about `target`; tells whether there was anyone to ask.
    pub(super) fn probe(&self, target: NodeId, incarnation: Incarnation, out: &mut Outbox) -> bool {
        let others = self.some_others(target, out);
        for node in &others {
            send(*node, Detect::Probe { target, incarnation }, out);
        }
        !others.is_empty()
    }

    /// A few members that are up, picked by chance, without `target`.
    pub(super) fn some_others(&self, target: NodeId, out: &mut Outbox) -> Vec<NodeId> {
        let mut others: Vec<NodeId> = self.witnesses_for(target).collect();
        let mut picked = Vec::new();
        for _ in 0..Self::PROBES.min(others.len()) {
            let pick = usize::try_from(out.random_below(others.len() as u64)).unwrap_or(0);
            picked.push(others.swap_remove(pick));
        }
        picked
    }

    /// The members that can be asked about `target`.
    pub(super) fn witnesses_for(&self, target: NodeId) -> impl Iterator<Item = NodeId> {
        self.peers
            .iter()
            .filter(move |(node, peer)| {
                **node != target && peer.state == PeerState::Alive && peer.connected
            })
            .map(|(node, _)| *node)
    }

    pub(super) fn on_probe(
        &mut self,
        now: Now,
        from: NodeId,
        (target, asked): (NodeId, Incarnation),
        out: &mut Outbox,
    ) {
        let accuses = self.may_accuse();
        let Some(peer) = self.peers.get_mut(&target) else { return };
        let silence = peer.phi.silence(now.at);
        let heard = peer.connected && peer.heard > 0 && silence < Self::VOUCH_WITHIN;
        let refused = peer.refused.is_some_and(|at| now.at.since(at) < Self::WITNESS_WITHIN);
        let (incarnation, reach) = if heard {
            let silence_ms = u32::try_from(silence.as_millis()).unwrap_or(u32::MAX);
            (peer.sign.incarnation, Reach::Heard { silence_ms })
        } else if refused && accuses {
            (asked, Reach::Refused)
        } else {
            (asked, Reach::Silent)
        };
        if !peer.connected && peer.dial_at <= now.at {
            peer.dial_at = now.at + Self::REDIAL_INTERVAL;
            out.effect(Effect::Dial { peer: target, addresses: Vec::new() });
        }
        send(from, Detect::ProbeAnswer { target, incarnation, reach }, out);
    }

    pub(super) fn on_probe_answer(
        &mut self,
        now: Now,
        from: NodeId,
        (target, incarnation, reach): (NodeId, Incarnation, Reach),
        out: &mut Outbox,
    ) {
        let Some(peer) = self.peers.get_mut(&target) else { return };
        if incarnation != peer.sign.incarnation || !peer.state.is_present() {
            return;
        }
        match reach {
            Reach::Heard { silence_ms } => {
                let heard = now.at.ago(Duration::from_millis(u64::from(silence_ms)));
                peer.vouched = peer.vouched.max(Some(heard));
                if peer.state == PeerState::Suspect && peer.silence(now.at) < SUSPECT_AFTER {
                    self.set(now, target, Verdict::Alive, out);
                }
            }
            Reach::Refused => {
                peer.witnesses.insert(from, now.at);
                if self.may_accuse() {
                    self.judge_refused(now, target, out);
                }
            }
            Reach::Silent => {}
        }
    }
}
