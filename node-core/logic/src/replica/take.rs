//! Taking over what others say, and asking for what was lost before it.

use std::collections::BTreeSet;

use crate::{
    hlc::Stamp,
    ids::NodeId,
    limits::REPAIR_INTERVAL,
    node::Record,
    outbox::{Happened, Outbox},
    replica::{
        Delta, Presence, Repair, Replica, ShardDelta, Shared, SharedKey, holding::Holding,
        repair::send, shard::ShardId,
    },
    time::{Instant, Now},
};

impl Replica {
    /// Takes changes over from `from`; what it lacks before them, it asks for.
    ///
    /// `members` are the nodes whose word counts. Returns the writers whose stamps lie too far
    /// ahead.
    pub fn on_delta(
        &mut self,
        now: Now,
        (from, delta): (NodeId, Delta),
        members: &impl Fn(NodeId) -> bool,
        out: &mut Outbox,
    ) -> BTreeSet<NodeId> {
        match delta {
            Delta::Shard(delta) => {
                let whose = delta.changes.iter().all(|(_, key, _)| key.kind() == delta.kind);
                if delta.origin != self.me
                    && members(delta.origin)
                    && delta.to >= delta.from
                    && whose
                {
                    self.on_shard(now, from, delta, out);
                }
                BTreeSet::new()
            }
            Delta::Shared(entries) => self.on_shared(now, entries, out),
            Delta::SharedHints(hints) => {
                let wanted: Vec<SharedKey> = hints
                    .into_iter()
                    .filter(|(key, stamp)| self.shared.stamp(key).is_none_or(|held| held < *stamp))
                    .map(|(key, _)| key)
                    .collect();
                if !wanted.is_empty() {
                    send(from, Repair::WantShared(wanted), out);
                }
                BTreeSet::new()
            }
        }
    }

    fn on_shared(
        &mut self,
        now: Now,
        entries: Vec<(SharedKey, Stamp, Shared)>,
        out: &mut Outbox,
    ) -> BTreeSet<NodeId> {
        let mut ahead = BTreeSet::new();
        for (key, stamp, value) in entries {
            if !out.observe(now, stamp) {
                ahead.insert(stamp.node);
            } else if self.shared.merge(key.clone(), stamp, value.clone()) {
                out.record(Record::Shared { key: key.clone(), stamp, value });
                out.happened(Happened::SharedChanged(key));
            }
        }
        ahead
    }

    fn on_shard(&mut self, now: Now, from: NodeId, delta: ShardDelta, out: &mut Outbox) {
        let ShardDelta { origin, incarnation, kind, from: start, to, whole, changes } = delta;
        for (_, _, value) in &changes {
            match value {
                Some(Presence::Claim(claim)) => out.observe_epoch(now, claim.epoch, origin),
                Some(Presence::Agent(status)) => {
                    out.observe_epoch(now, status.epoch.max(status.fell), origin);
                }
                Some(Presence::Kept(kept)) => out.observe_epoch(now, kept.epoch, origin),
                Some(
                    Presence::Summary(_)
                    | Presence::Views(_)
                    | Presence::Moves(_)
                    | Presence::Breaches(_)
                    | Presence::Moved(_),
                )
                | None => {}
            }
        }
        let id = ShardId { origin, incarnation, kind };
        let held = self.holdings.get(&origin).filter(|held| held.incarnation() >= incarnation);
        match held {
            Some(held) if held.incarnation() > incarnation => return,
            Some(held) => {
                let version = held.shard(kind).digest().version;
                if start > version {
                    self.want(now, from, (id, version), out);
                    return;
                }
                if to < version || (to == version && !whole) {
                    return;
                }
            }
            None if start > 0 => {
                self.want(now, from, (id, 0), out);
                return;
            }
            None => {
                self.drop_holding(origin, out);
                let fresh = Holding::new(origin, incarnation);
                self.sum ^= fresh.mark();
                self.holdings.insert(origin, fresh);
            }
        }
        self.asked.remove(&(origin, kind));
        let changed = self.change(origin, |holding| {
            let shard = holding.shard_mut(kind);
            if whole { shard.replace(to, changes) } else { shard.extend(to, changes) }
        });
        for key in changed.unwrap_or_default() {
            out.happened(Happened::PresenceChanged(origin, key));
        }
    }

    /// Asks for what a shard lacks; who compares with someone at this moment gets it from there, or
    /// asks the sender when that is done.
    fn want(&mut self, now: Now, from: NodeId, (id, version): (ShardId, u64), out: &mut Outbox) {
        if self.talks.is_busy(now) {
            self.talks.call(from);
            return;
        }
        // A burst of pushes behind one lost message asks once, not once a push.
        let recently = |at: &Instant| now.at.since(*at) < REPAIR_INTERVAL / 4;
        let ShardId { origin, incarnation, kind } = id;
        if self.asked.get(&(origin, kind)).is_some_and(recently) {
            return;
        }
        self.asked.insert((origin, kind), now.at);
        send(from, Repair::WantShard { origin, incarnation, kind, from: version }, out);
    }
}
