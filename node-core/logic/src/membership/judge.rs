//! From silence to doubt, to suspicion, to death.

use std::time::Duration;

use crate::{
    event::DownCause,
    ids::NodeId,
    limits::SUSPECT_AFTER,
    membership::{Membership, PeerState, machine::Verdict, suspicion},
    outbox::Outbox,
    time::Now,
};

impl Membership {
    /// How long those who were asked about a silent peer have to answer before it is suspected.
    const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

    /// Looks at one peer.
    pub(super) fn check(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let present = self.state(node).is_present();
        if present && self.may_accuse() {
            self.judge(now, node, out);
        }
        self.redial(now, node, out);
    }

    fn judge(&mut self, now: Now, node: NodeId, out: &mut Outbox) {
        let health = self.health;
        let Some(peer) = self.peers.get_mut(&node) else { return };
        let direct = peer.phi.silence(now.at);
        let doubtful =
            direct > health.stretch(SUSPECT_AFTER) || peer.phi.is_suspicious(health.shrink(direct));
        if !doubtful {
            peer.doubted = None;
            return;
        }
        let doubted = *peer.doubted.get_or_insert(now.at);
        let silence = peer.silence(now.at);
        let (state, confirmed, life) = (peer.state, peer.accusers.len(), peer.sign.incarnation);
        let asks = peer.probe_at <= now.at;
        if asks {
            peer.probe_at = now.at + Self::PROBE_INTERVAL;
        }
        let possible = self.witnesses_for(node).count();
        if silence >= health.stretch(suspicion::timeout(confirmed, possible)) {
            self.set(now, node, Verdict::Gone(DownCause::Silent), out);
            return;
        }
        if asks {
            self.probe(node, life, out);
        }
        let answered = possible == 0 || now.at.since(doubted) >= Self::PROBE_TIMEOUT;
        if state == PeerState::Alive && answered && silence > health.stretch(SUSPECT_AFTER) {
            self.set(now, node, Verdict::Suspect, out);
            self.accuse(node, true, out);
        } else if state == PeerState::Suspect && asks {
            self.accuse(node, false, out);
        }
    }
}
