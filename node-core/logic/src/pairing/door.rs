//! Who stands at the door of a host: open requests, refusals that are remembered, and certificates
//! whose delivery is not yet sure.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    certificate::Certificate,
    ids::NodeId,
    time::{Instant, Now, Wall},
};

use super::{Code, Commitment, Hello, Nonce, Pairing, Proof, Refusal, RequestView};

/// What a host keeps of strangers.
#[derive(Debug, Default)]
pub(super) struct Door {
    requests: BTreeMap<NodeId, Request>,
    /// When the places of requests that ended early are free again.
    cooling: Vec<Instant>,
    refusals: BTreeMap<NodeId, Refused>,
    issued: BTreeMap<NodeId, Issued>,
}

/// A stranger's request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) hello: Hello,
    pub(super) host_nonce: Nonce,
    pub(super) stage: Stage,
    asked: Instant,
    expires: Instant,
    expires_wall: Wall,
}

/// How far a request got.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// The joiner committed to a nonce.
    Sealed(Commitment),
    /// The joiner revealed its nonce, and a person sees the code.
    Shown(Nonce, Code),
}

/// A certificate that this node issued, kept until its holder surely has it.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub(super) certificate: Certificate,
    pub(super) proof: Option<Proof>,
    until: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Refused {
    why: Refusal,
    count: u32,
    until: Instant,
    forgotten: Instant,
}

impl Door {
    /// Requests at once: more than a person sorts out, and few enough that a stranger who throws
    /// requests away in search of a code that matches gets nowhere; see [`Self::COOLING`].
    pub(super) const CAPACITY: usize = 16;
    /// How long a request that ended early still takes its place. With 16 places that leaves 192
    /// attempts in the two minutes a code is shown, against 2^52 codes.
    const COOLING: Duration = Duration::from_secs(10);
    /// How long a joiner may take to reveal its nonce; it does so at once.
    const REVEAL_TIMEOUT: Duration = Duration::from_secs(10);
    const MIN_BACK_OFF: Duration = Duration::from_mins(1);
    const MAX_BACK_OFF: Duration = Duration::from_hours(1);
    /// Refused nodes remembered; beyond, the one that may ask again the soonest is forgotten.
    const REFUSALS_CAPACITY: usize = 256;

    /// Takes a request in, in place of an earlier one of the same stranger.
    pub(super) fn open(
        &mut self,
        now: Now,
        node: NodeId,
        hello: Hello,
        (seal, host_nonce): (Commitment, Nonce),
    ) -> Result<(), Refusal> {
        self.check_room(now.at, node)?;
        self.close(node);
        self.issued.remove(&node);
        let expires = now.at + Self::REVEAL_TIMEOUT;
        let (asked, expires_wall) = (now.at, now.wall);
        let stage = Stage::Sealed(seal);
        let request = Request { hello, host_nonce, stage, asked, expires, expires_wall };
        self.requests.insert(node, request);
        Ok(())
    }

    fn check_room(&self, at: Instant, node: NodeId) -> Result<(), Refusal> {
        let early = self.refusals.get(&node).is_some_and(|refused| refused.until > at);
        let full = self.requests.len() + self.cooling.len() >= Self::CAPACITY;
        if early || full { Err(Refusal::Busy) } else { Ok(()) }
    }

    pub(super) fn request(&self, node: NodeId) -> Option<&Request> {
        self.requests.get(&node)
    }

    /// Shows the code of a request to people, from here on for two minutes.
    pub(super) fn show(&mut self, now: Now, node: NodeId, nonce: Nonce, code: Code) {
        if let Some(request) = self.requests.get_mut(&node) {
            request.stage = Stage::Shown(nonce, code);
            request.expires = now.at + Pairing::REQUEST_TIMEOUT;
            request.expires_wall = later(now.wall, Pairing::REQUEST_TIMEOUT);
        }
    }

    /// Ends a request that came to nothing.
    pub(super) fn close(&mut self, node: NodeId) -> bool {
        let request = self.requests.remove(&node);
        self.cooling.extend(request.iter().map(|request| request.asked + Self::COOLING));
        request.is_some()
    }

    /// Ends a request with a no; the stranger waits before it asks again, each time twice as long.
    pub(super) fn refuse(&mut self, at: Instant, node: NodeId, why: Refusal) {
        self.close(node);
        let count = self.refusals.get(&node).map_or(0, |refused| refused.count);
        let wait = Self::MIN_BACK_OFF.saturating_mul(1 << count.min(6)).min(Self::MAX_BACK_OFF);
        let until = at + wait;
        let count = count.saturating_add(1);
        let forgotten = until + Self::MAX_BACK_OFF;
        self.remember(node, Refused { why, count, until, forgotten });
    }

    fn remember(&mut self, node: NodeId, refused: Refused) {
        self.refusals.insert(node, refused);
        if self.refusals.len() > Self::REFUSALS_CAPACITY {
            let soonest = self.refusals.iter().min_by_key(|(_, refused)| refused.until);
            if let Some(node) = soonest.map(|(node, _)| *node) {
                self.refusals.remove(&node);
            }
        }
    }

    /// Ends a request with a yes; its place is free at once.
    pub(super) fn issue(
        &mut self,
        at: Instant,
        node: NodeId,
        (certificate, proof): (Certificate, Option<Proof>),
    ) {
        self.requests.remove(&node);
        self.refusals.remove(&node);
        let until = at + Pairing::REQUEST_TIMEOUT;
        self.issued.insert(node, Issued { certificate, proof, until });
    }

    pub(super) fn issued(&self, node: NodeId) -> Option<&Issued> {
        self.issued.get(&node)
    }

    /// Whether someone was let in within the last two minutes.
    pub(super) fn admitted_lately(&self) -> bool {
        !self.issued.is_empty()
    }

    /// How the last request of a stranger ended.
    pub(super) fn ending(&self, node: NodeId) -> Refusal {
        self.refusals.get(&node).map_or(Refusal::NoRequest, |refused| refused.why)
    }

    /// Whether anyone stands at the door.
    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Sends everyone away: the node enters another cluster.
    pub(super) fn clear(&mut self) {
        let nodes: Vec<NodeId> = self.requests.keys().copied().collect();
        for node in nodes {
            self.close(node);
        }
        self.issued.clear();
    }

    /// Ends what has lasted its time.
    pub(super) fn sweep(&mut self, at: Instant) {
        let expired: Vec<NodeId> = self
            .requests
            .iter()
            .filter(|(_, request)| request.expires <= at)
            .map(|(node, _)| *node)
            .collect();
        for node in expired {
            self.close(node);
            let count = self.refusals.get(&node).map_or(0, |refused| refused.count);
            let (why, forgotten) = (Refusal::Expired, at + Self::MAX_BACK_OFF);
            self.remember(node, Refused { why, count, until: at, forgotten });
        }
        self.cooling.retain(|free| *free > at);
        self.refusals.retain(|_, refused| refused.forgotten > at);
        self.issued.retain(|_, issued| issued.until > at);
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let requests = self.requests.values().map(|request| request.expires);
        let refusals = self.refusals.values().map(|refused| refused.forgotten);
        let issued = self.issued.values().map(|issued| issued.until);
        requests.chain(refusals).chain(issued).chain(self.cooling.iter().copied()).min()
    }

    pub(super) fn view(&self) -> Vec<RequestView> {
        self.requests
            .iter()
            .filter_map(|(node, request)| match &request.stage {
                Stage::Shown(_, code) => Some(RequestView {
                    node: *node,
                    name: request.hello.name.clone(),
                    os: request.hello.os.clone(),
                    digits: code.digits.clone(),
                    words: code.words.clone(),
                    expires: request.expires_wall,
                }),
                Stage::Sealed(_) => None,
            })
            .collect()
    }
}

/// The wall-clock moment `span` after `wall`.
pub(super) fn later(wall: Wall, span: Duration) -> Wall {
    Wall(wall.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
}
