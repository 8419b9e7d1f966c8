//! With whom a node compares its copies, and when.
//!
//! One at a time: a node that joins a cluster of a thousand gets everything from one of them, not
//! from all who greet it.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    ids::NodeId,
    outbox::Outbox,
    time::{Instant, Now},
};

/// Comparisons under way, wanted and done.
#[derive(Debug)]
pub(super) struct Talks {
    me: NodeId,
    current: Option<Talk>,
    /// Comparisons offered so far.
    turns: u64,
    /// Peers to compare with soon.
    queue: Vec<NodeId>,
    /// No offer before then: someone was busy.
    pause_until: Instant,
    /// Peers still to be asked in this round.
    round: Vec<NodeId>,
    /// Peers with whom nothing differed at the last comparison.
    equal: BTreeSet<NodeId>,
}

/// A comparison under way.
#[derive(Clone, Copy, Debug)]
struct Talk {
    with: NodeId,
    /// Its number at the one who offered it.
    turn: u64,
    /// Whether this node offered it.
    ours: bool,
    /// When the other was last heard.
    heard: Instant,
}

/// How a comparison that a peer speaks of stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is under way.
    Current,
    /// Another peer's is.
    Busy,
    /// A later one with this peer is, or it was given up.
    Over,
}

impl Talks {
    /// A peer that is silent for so long in the midst of a comparison is given up: a lost message
    /// delays repair by no more than this.
    const TIMEOUT: Duration = Duration::from_millis(1_000);
    /// The longest pause after someone was busy: a few round trips on a LAN. The pause is random,
    /// so that three who offer to each other in a circle do not do so again.
    const PAUSE: Duration = Duration::from_millis(20);

    /// A queue so long is not hurried through: with the first of many everything is compared, and
    /// while they are all starting nobody is equal to anybody.
    const CROWD: usize = 16;
    /// The pause after a comparison in a crowd.
    const PACE: Duration = Duration::from_millis(10);

    pub(super) fn new(me: NodeId) -> Self {
        Self {
            me,
            current: None,
            turns: 0,
            queue: Vec::new(),
            pause_until: Instant(0),
            round: Vec::new(),
            equal: BTreeSet::new(),
        }
    }

    pub(super) fn is_equal(&self, peer: NodeId) -> bool {
        self.equal.contains(&peer)
    }

    pub(super) fn note(&mut self, peer: NodeId, equal: bool) {
        if equal {
            self.equal.insert(peer);
        } else {
            self.equal.remove(&peer);
        }
    }

    /// Has `peer` compared with soon.
    pub(super) fn call(&mut self, peer: NodeId) {
        if !self.queue.contains(&peer) {
            self.queue.push(peer);
        }
    }

    /// Puts the next peer of a shuffled round in the queue.
    pub(super) fn go_round(&mut self, peers: &[NodeId], out: &mut Outbox) {
        self.equal.retain(|peer| peers.contains(peer));
        self.round.retain(|peer| peers.contains(peer));
        if self.round.is_empty() {
            self.round = peers.to_vec();
            // Fisher and Yates: every order is as likely as any other.
            for last in (1..self.round.len()).rev() {
                let swap = usize::try_from(out.random_below(last as u64 + 1)).unwrap_or(0);
                self.round.swap(last, swap);
            }
        }
        if let Some(peer) = self.round.pop() {
            self.call(peer);
        }
    }

    /// Whom to make an offer now, and its number; it counts as made.
    pub(super) fn next(&mut self, now: Now, out: &mut Outbox) -> Option<(NodeId, u64)> {
        if self.is_busy(now) || now.at < self.pause_until || self.queue.is_empty() {
            return None;
        }
        let pick = out.random_below(u64::try_from(self.queue.len()).unwrap_or(u64::MAX));
        let peer = self.queue.swap_remove(usize::try_from(pick).unwrap_or(0));
        self.turns += 1;
        self.current = Some(Talk { with: peer, turn: self.turns, ours: true, heard: now.at });
        Some((peer, self.turns))
    }

    /// When [`Self::next`] has somebody, or the comparison under way is given up.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let free = self.current.map_or(Instant(0), |talk| talk.heard + Self::TIMEOUT);
        (!self.queue.is_empty()).then(|| free.max(self.pause_until))
    }

    /// Whether a comparison is under way.
    pub(super) fn is_busy(&self, now: Now) -> bool {
        self.current.is_some_and(|talk| now.at < talk.heard + Self::TIMEOUT)
    }

    /// Whether our own offer to `peer` stands, and its offer that crossed ours does not.
    pub(super) fn prevails(&self, now: Now, peer: NodeId) -> bool {
        self.me < peer && self.is_busy(now) && self.is_with(peer)
    }

    /// Takes `peer`'s offer, unless a comparison with another is under way.
    pub(super) fn accept(&mut self, now: Now, peer: NodeId, turn: u64) -> bool {
        let free = !self.is_busy(now) || self.is_with(peer);
        if free {
            self.current = Some(Talk { with: peer, turn, ours: false, heard: now.at });
        }
        free
    }

    /// How comparison `turn` with `peer` stands.
    pub(super) fn standing(&self, now: Now, peer: NodeId, turn: u64) -> Standing {
        match self.current {
            Some(talk) if talk.with == peer && talk.turn == turn => Standing::Current,
            Some(talk) if talk.with != peer && self.is_busy(now) => Standing::Busy,
            Some(_) | None => Standing::Over,
        }
    }

    fn is_with(&self, peer: NodeId) -> bool {
        self.current.is_some_and(|talk| talk.with == peer)
    }

    /// `peer` said something.
    pub(super) fn heard(&mut self, now: Now, peer: NodeId) {
        if let Some(talk) = &mut self.current
            && talk.with == peer
        {
            talk.heard = now.at;
        }
    }

    /// The comparison with `peer` is over.
    pub(super) fn end(&mut self, peer: NodeId) {
        self.current.take_if(|talk| talk.with == peer);
    }

    /// `peer` found nothing that differs in what was offered; an offer of its own, which crossed ours
    /// and was taken since, goes on.
    pub(super) fn matched(&mut self, peer: NodeId) {
        self.current.take_if(|talk| talk.with == peer && talk.ours);
    }

    /// The comparison with `peer` is over, and found something.
    pub(super) fn conclude(&mut self, now: Now, peer: NodeId) {
        self.end(peer);
        if self.queue.len() > Self::CROWD {
            self.pause_until = now.at + Self::PACE;
        }
    }

    /// `peer` compares with another now, and will call.
    pub(super) fn busy(&mut self, now: Now, peer: NodeId, out: &mut Outbox) {
        self.end(peer);
        let longest = u64::try_from(Self::PAUSE.as_micros()).unwrap_or(u64::MAX);
        self.pause_until = now.at + Duration::from_micros(out.random_below(longest));
    }

    /// `peer` is gone.
    pub(super) fn forget(&mut self, peer: NodeId) {
        self.end(peer);
        self.queue.retain(|other| *other != peer);
        self.equal.remove(&peer);
    }
}
