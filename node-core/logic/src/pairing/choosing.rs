//! Whom a lone node asks by itself, and whom it leaves alone.

use std::time::Duration;

use rand_chacha::rand_core::Rng as _;

use crate::{
    ids::NodeId,
    time::{Instant, Now},
};

use super::{
    AskPhase, Hello, Pairing, Refusal, SecretId,
    asking::{Asking, Cause},
    nearby::Neighbour,
    secret::Secret,
};

/// A node that this one is about to ask by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    node: NodeId,
    cause: Cause,
    pub(super) due: Instant,
}

impl Pairing {
    /// Hosts remembered as asked; who meets more asks by hand.
    const ASKED_CAPACITY: usize = 256;

    pub(super) fn join_key_id(&self) -> Option<SecretId> {
        self.join_key.as_ref().map(Secret::id)
    }

    /// Whether this node has looked around long enough to let others with its join key in: were it
    /// to do so at once, nodes started together would end in as many clusters as first met.
    pub(super) fn has_settled(&self, at: Instant) -> bool {
        let seen = self.first_sighting.is_none_or(|first| first + Self::SETTLE_TIMEOUT <= at);
        seen && self.started + Self::HOST_SETTLE_TIMEOUT <= at
    }

    /// Whether another node with the same join key should let this one in rather than the reverse.
    pub(super) fn defers(&self) -> bool {
        self.seniors().any(|(_, known)| self.shares_key(&known.hello) && known.promising())
    }

    fn shares_key(&self, hello: &Hello) -> bool {
        hello.join_key.is_some() && hello.join_key == self.join_key_id()
    }

    /// The neighbours in a cluster that this node's would rather join than be joined by.
    fn seniors(&self) -> impl Iterator<Item = (NodeId, &Neighbour)> {
        self.nearby.iter().filter(|(_, known)| {
            self.hello.as_ref().is_some_and(|mine| {
                known.hello.cluster != mine.cluster && known.hello.seniority() < mine.seniority()
            })
        })
    }

    /// The node that this one asks next by itself, if it is one to do so. Nodes with the join key
    /// come first; of several that are due at `at`, the one in the cluster with most members, then
    /// the oldest, then the smallest id.
    pub(super) fn candidate(&self, at: Instant) -> Option<Candidate> {
        let asking = self.asking.as_ref().is_some_and(Asking::is_live);
        if asking || self.entering.is_some() || !self.is_alone() {
            return None;
        }
        let settled = self.first_sighting? + Self::SETTLE_TIMEOUT;
        let due = |known: &Neighbour| known.held_until.max(settled).max(at);
        let by_key = self
            .seniors()
            .filter(|(_, known)| self.shares_key(&known.hello))
            .min_by_key(|(node, known)| (due(known), known.hello.appeal(), *node))
            .map(|(node, known)| Candidate { node, cause: Cause::JoinKey, due: due(known) });
        let unasked = self.ask_by_itself && !self.courted && self.door.is_empty();
        by_key.or_else(|| {
            self.seniors()
                .filter(|(node, known)| unasked && known.promising() && !self.asked.contains(node))
                .min_by_key(|(node, known)| (due(known), known.hello.appeal(), *node))
                .map(|(node, known)| Candidate { node, cause: Cause::Itself, due: due(known) })
        })
    }

    pub(super) fn start_by_itself(&mut self, now: Now) {
        let Some(candidate) = self.candidate(now.at).filter(|next| next.due <= now.at) else {
            return;
        };
        let by_key = candidate.cause == Cause::JoinKey;
        let secret = self.join_key.clone().filter(|_| by_key);
        // Only a node without a standing, or between two clusters, cannot ask; neither chooses.
        let started = self.start_ask(now, candidate.node, (candidate.cause, secret));
        assert!(started.is_ok(), "P3: a node that cannot ask chose whom to ask");
    }

    /// Notes how an ask ended, so that this node neither pesters a host nor gives up on one that
    /// was only busy.
    pub(super) fn remember_ending(
        &mut self,
        at: Instant,
        (host, cause): (NodeId, Cause),
        phase: AskPhase,
    ) {
        let reason = match phase {
            AskPhase::Refused { reason } => Some(reason),
            AskPhase::Unreachable | AskPhase::Asking | AskPhase::Waiting => None,
        };
        let passing = matches!(
            reason,
            None | Some(Refusal::Busy | Refusal::NoRequest | Refusal::CannotAdmit)
        );
        let jitter = Duration::from_millis(self.rng.next_u64() % 1000);
        if let Some(known) = self.nearby.get_mut(host) {
            if passing { known.hold(at, jitter) } else { known.bar(at) }
        }
        if cause == Cause::Itself {
            self.courted |= matches!(reason, Some(Refusal::Refused | Refusal::Expired));
            if !matches!(reason, None | Some(Refusal::Busy)) {
                self.asked.insert(host);
                self.courted |= self.asked.len() >= Self::ASKED_CAPACITY;
            }
        }
    }
}
