//! On whose disks events are: what was told to their origins, what others told, and who waits for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::EventTalk;
use crate::{
    ids::{NodeId, Ticket},
    node::{CommandError, Effect, Outcome},
    outbox::Outbox,
    time::{Instant, Now},
    wire::Message,
};

/// Events that were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The node that took them.
    pub origin: NodeId,
    /// The number of the first.
    pub first: u64,
    /// How many, numbered on from there.
    pub count: u32,
    /// On how many disks they are, as far as this node was told.
    pub copies: u32,
}

/// How far a member is behind this node's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "EventLag")]
pub struct Lag {
    /// Which member.
    #[ts(type = "string")]
    pub node: NodeId,
    /// How many of this node's events it has not said to have on its disk.
    #[ts(type = "number")]
    pub events: u64,
}

/// On whose disks events are.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// For each origin, the newest event on this disk.
    durable: BTreeMap<NodeId, u64>,
    /// For each origin, what it was told last, and when.
    told: BTreeMap<NodeId, (u64, Instant)>,
    /// Origins that are to be told.
    untold: BTreeSet<NodeId>,
    /// For each other member, the newest of this node's events that it has on disk.
    acked: BTreeMap<NodeId, u64>,
    waits: Vec<Wait>,
}

/// Someone waits until events are on another disk as well.
#[derive(Debug)]
struct Wait {
    ticket: Ticket,
    receipt: Receipt,
    until: Instant,
}

impl Wait {
    fn last(&self) -> u64 {
        self.receipt.first + u64::from(self.receipt.count) - 1
    }
}

impl Copies {
    /// How far apart an origin is told: what comes meanwhile is told together.
    const TELL_INTERVAL: Duration = Duration::from_millis(10);
    /// How long a copy may take: a member that is up compares notes five times meanwhile.
    const TIMEOUT: Duration = Duration::from_secs(5);

    /// Events up to these numbers were on disk when the node started.
    pub(super) fn new(durable: BTreeMap<NodeId, u64>) -> Self {
        Self { durable, ..Self::default() }
    }

    /// The newest event of `origin` on this disk.
    pub(super) fn durable(&self, origin: NodeId) -> u64 {
        self.durable.get(&origin).copied().unwrap_or(0)
    }

    /// The newest of this node's events that some other member has on disk.
    pub(super) fn elsewhere(&self) -> u64 {
        self.acked.values().copied().max().unwrap_or(0)
    }

    /// Events of `origin` are on this disk.
    pub(super) fn written(&mut self, me: NodeId, origin: NodeId, last: u64) {
        self.durable.insert(origin, last);
        if origin != me {
            self.untold.insert(origin);
        }
    }

    /// Events of `origin` come from no node: nobody is to be told.
    pub(super) fn has_no_origin(&mut self, origin: NodeId) {
        self.untold.remove(&origin);
    }

    /// A connection to a member stands: what it was told before may be lost.
    pub(super) fn on_connected(&mut self, peer: NodeId) {
        self.told.remove(&peer);
        if self.durable(peer) > 0 {
            self.untold.insert(peer);
        }
    }

    /// A member has this node's events up to `last` on its disk.
    pub(super) fn on_kept(&mut self, member: NodeId, last: u64, own: u64) {
        // No member has more than there are.
        let kept = self.acked.entry(member).or_default();
        *kept = (*kept).max(last.min(own));
    }

    /// Only these are members.
    pub(super) fn retain(&mut self, is_member: impl Fn(NodeId) -> bool) {
        self.acked.retain(|node, _| is_member(*node));
    }

    pub(super) fn lag(&self, member: NodeId, own: u64) -> Lag {
        let kept = self.acked.get(&member).copied().unwrap_or(0);
        Lag { node: member, events: own.saturating_sub(kept) }
    }

    /// Has someone wait until these events are on another disk.
    pub(super) fn wait(&mut self, now: Now, ticket: Ticket, receipt: Receipt) {
        self.waits.push(Wait { ticket, receipt, until: now.at + Self::TIMEOUT });
    }

    /// The disk takes no more: who waits for what is not on it hears why.
    pub(super) fn fail(&mut self, me: NodeId, reason: &str, out: &mut Outbox) {
        let durable = self.durable(me);
        for wait in self.waits.extract_if(.., |wait| wait.last() > durable) {
            let result = Err(CommandError::ReadOnly { reason: reason.to_owned() });
            out.effect(Effect::Reply { ticket: wait.ticket, result });
        }
    }

    /// Tells origins what is due, and answers who has waited long enough; `others` says whether
    /// another member is up.
    pub(super) fn settle(
        &mut self,
        now: Now,
        me: NodeId,
        others: impl FnOnce() -> bool,
        out: &mut Outbox,
    ) {
        self.tell(now, out);
        if self.waits.is_empty() {
            return;
        }
        let (durable, others) = (self.durable(me), others());
        let acked = &self.acked;
        self.waits.retain(|wait| {
            if wait.last() > durable {
                return true;
            }
            let copies = acked.values().filter(|kept| **kept >= wait.last()).count();
            let Receipt { first, count, .. } = wait.receipt;
            let result = if copies > 0 || !others {
                let copies = u32::try_from(copies).unwrap_or(u32::MAX).saturating_add(1);
                Ok(Outcome::Reported(Receipt { copies, ..wait.receipt }))
            } else if wait.until <= now.at {
                Err(CommandError::Unconfirmed { first, count })
            } else {
                return true;
            };
            out.effect(Effect::Reply { ticket: wait.ticket, result });
            false
        });
    }

    fn tell(&mut self, now: Now, out: &mut Outbox) {
        for origin in std::mem::take(&mut self.untold) {
            let last = self.durable(origin);
            match self.told.get(&origin) {
                Some((told, _)) if *told == last => {}
                Some((_, at)) if now.at.since(*at) < Self::TELL_INTERVAL => {
                    self.untold.insert(origin);
                }
                Some(_) | None => {
                    self.told.insert(origin, (last, now.at));
                    let message = Message::Events(EventTalk::Kept(last));
                    out.effect(Effect::Send { to: origin, message });
                }
            }
        }
    }

    /// When [`Self::settle`] has something to do.
    pub(super) fn next_timeout(&self, me: NodeId) -> Option<Instant> {
        let durable = self.durable(me);
        let untold = self.untold.iter().filter_map(|origin| self.told.get(origin));
        let tell = untold.map(|(_, at)| *at + Self::TELL_INTERVAL);
        let waits = self.waits.iter().filter(|wait| wait.last() <= durable);
        tell.chain(waits.map(|wait| wait.until)).min()
    }
}
