//! The copies a node holds, how changes are pushed, and how what was lost is repaired.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    hlc::Stamp,
    ids::{Incarnation, NodeId},
    limits::{PUSH_DELAY, PUSH_SIZE, REPAIR_INTERVAL, REPAIR_SIZE},
    node::{Effect, Record},
    outbox::{Happened, Outbox},
    replica::{
        Delta, Digest, Presence, PresenceKey, Repair, ShardDelta, Shared, SharedKey, shard::Shard,
        shared::SharedValues,
    },
    time::{Instant, Now},
    wire::{self, Message, Publication},
};

/// Everything a node holds of replica state.
#[derive(Debug)]
pub struct Replica {
    me: NodeId,
    shards: BTreeMap<NodeId, Shard>,
    shared: SharedValues,
    /// The version of our own shard that was pushed.
    pushed: u64,
    /// Shared values to push.
    unpushed: BTreeSet<SharedKey>,
    push_at: Option<Instant>,
    repair_at: Instant,
    /// Peers still to be asked in this round.
    round: Vec<NodeId>,
    /// Peers whose last digest equalled ours.
    equal: BTreeSet<NodeId>,
    /// For each shard with a gap, when it was last asked for.
    asked: BTreeMap<NodeId, Instant>,
}

impl Replica {
    /// Nothing but the shared values that the disk kept, and an own shard of a fresh incarnation.
    #[must_use]
    pub fn new(
        now: Now,
        (me, incarnation): (NodeId, Incarnation),
        shared: Vec<(SharedKey, Stamp, Shared)>,
    ) -> Self {
        let mut values = SharedValues::default();
        for (key, stamp, value) in shared {
            values.merge(key, stamp, value);
        }
        Self {
            me,
            shards: BTreeMap::from([(me, Shard::new(incarnation))]),
            shared: values,
            pushed: 0,
            unpushed: BTreeSet::new(),
            push_at: None,
            repair_at: now.at + REPAIR_INTERVAL,
            round: Vec::new(),
            equal: BTreeSet::new(),
            asked: BTreeMap::new(),
        }
    }

    /// What `origin` says of itself under `key`, whether it is up or not.
    #[must_use]
    pub fn presence(&self, origin: NodeId, key: &PresenceKey) -> Option<&Presence> {
        self.shards.get(&origin)?.get(key)
    }

    /// Everything that `origin` says of itself.
    pub fn presences(&self, origin: NodeId) -> impl Iterator<Item = (&PresenceKey, &Presence)> {
        self.shards.get(&origin).into_iter().flat_map(Shard::iter)
    }

    /// The shared values.
    #[must_use]
    pub fn shared(&self) -> &SharedValues {
        &self.shared
    }

    /// The life of `origin` that is held.
    #[must_use]
    pub fn incarnation(&self, origin: NodeId) -> Option<Incarnation> {
        self.shards.get(&origin).map(Shard::incarnation)
    }

    /// Whether the last digest of `peer` equalled ours.
    #[must_use]
    pub fn is_equal(&self, peer: NodeId) -> bool {
        self.equal.contains(&peer)
    }

    /// What is held, in short; `events` is what the event store holds.
    #[must_use]
    pub fn digest(&self, events: &BTreeMap<NodeId, u64>) -> Digest {
        Digest {
            shards: self.shards.iter().map(|(origin, shard)| shard.digest(*origin)).collect(),
            shared: self.shared.digest(),
            events: events.iter().map(|(origin, count)| (*origin, *count)).collect(),
        }
    }

    /// Writes what this node says of itself.
    pub fn say(&mut self, now: Now, key: PresenceKey, value: Option<Presence>, out: &mut Outbox) {
        let me = self.me;
        if let Some(shard) = self.shards.get_mut(&me)
            && shard.write(key.clone(), value)
        {
            self.push_at.get_or_insert(now.at + PUSH_DELAY);
            out.happened(Happened::PresenceChanged(me, key));
        }
    }

    /// Writes a shared value.
    pub fn share(&mut self, now: Now, key: SharedKey, value: Shared, out: &mut Outbox) {
        let stamp = out.stamp(now);
        self.adopt(now, (key, stamp, value), out);
    }

    /// Takes over a shared value with the stamp it has, as if written here.
    pub fn adopt(&mut self, now: Now, entry: (SharedKey, Stamp, Shared), out: &mut Outbox) {
        let (key, stamp, value) = entry;
        if self.shared.merge(key.clone(), stamp, value.clone()) {
            out.record(Record::Shared { key: key.clone(), stamp, value });
            self.unpushed.insert(key.clone());
            self.push_at.get_or_insert(now.at + PUSH_DELAY);
            out.happened(Happened::SharedChanged(key));
        }
    }

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
        let mut ahead = BTreeSet::new();
        match delta {
            Delta::Shard(delta) => {
                if delta.origin != self.me && members(delta.origin) && delta.to >= delta.from {
                    self.on_shard(now, from, delta, out);
                }
            }
            Delta::Shared(entries) => {
                for (key, stamp, value) in entries {
                    if !out.observe(now, stamp) {
                        ahead.insert(stamp.node);
                    } else if self.shared.merge(key.clone(), stamp, value.clone()) {
                        out.record(Record::Shared { key: key.clone(), stamp, value });
                        out.happened(Happened::SharedChanged(key));
                    }
                }
            }
            Delta::SharedHints(hints) => {
                let wanted: Vec<SharedKey> = hints
                    .into_iter()
                    .filter(|(key, stamp)| self.shared.stamp(key).is_none_or(|held| held < *stamp))
                    .map(|(key, _)| key)
                    .collect();
                if !wanted.is_empty() {
                    send(from, Repair::WantShared(wanted), out);
                }
            }
        }
        ahead
    }

    fn on_shard(&mut self, now: Now, from: NodeId, delta: ShardDelta, out: &mut Outbox) {
        let ShardDelta { origin, incarnation, from: start, to, whole, changes } = delta;
        for (_, _, value) in &changes {
            match value {
                Some(Presence::Claim(claim)) => out.observe_epoch(now, claim.epoch, origin),
                Some(Presence::Agent(status)) => out.observe_epoch(now, status.epoch, origin),
                Some(Presence::Kept(kept)) => out.observe_epoch(now, kept.epoch, origin),
                Some(Presence::Summary(_) | Presence::Moves(_)) | None => {}
            }
        }
        let held = self.shards.get(&origin).map(|shard| (shard.incarnation(), shard.version()));
        let changed: BTreeSet<PresenceKey> = match held {
            Some((life, _)) if life > incarnation => return,
            Some((life, version)) if life == incarnation && !whole => {
                if start > version {
                    self.want(now, from, (origin, incarnation, version), out);
                    return;
                }
                if to <= version {
                    return;
                }
                self.asked.remove(&origin);
                let Some(shard) = self.shards.get_mut(&origin) else { return };
                shard.extend(to, changes).into_iter().collect()
            }
            Some((life, version)) if life == incarnation && to < version => return,
            _ if start > 0 => {
                self.want(now, from, (origin, incarnation, 0), out);
                return;
            }
            _ => {
                self.asked.remove(&origin);
                let fresh = Shard::from_start(incarnation, to, whole, changes);
                self.replace(origin, fresh)
            }
        };
        for key in changed {
            out.happened(Happened::PresenceChanged(origin, key));
        }
    }

    /// Puts `fresh` in the place of the copy held, and gives the keys that differ.
    fn replace(&mut self, origin: NodeId, fresh: Shard) -> BTreeSet<PresenceKey> {
        let new_life =
            self.shards.get(&origin).is_none_or(|old| old.incarnation() != fresh.incarnation());
        let old = self.shards.insert(origin, fresh);
        let Some(fresh) = self.shards.get(&origin) else { return BTreeSet::new() };
        let keys = old.iter().flat_map(Shard::iter).chain(fresh.iter()).map(|(key, _)| key.clone());
        keys.filter(|key| new_life || old.as_ref().and_then(|old| old.get(key)) != fresh.get(key))
            .collect()
    }

    fn want(
        &mut self,
        now: Now,
        from: NodeId,
        (origin, incarnation, version): (NodeId, Incarnation, u64),
        out: &mut Outbox,
    ) {
        // A burst of pushes behind one lost message asks once, not once a push.
        let recently = |at: &Instant| now.at.since(*at) < REPAIR_INTERVAL / 4;
        if self.asked.get(&origin).is_some_and(recently) {
            return;
        }
        self.asked.insert(origin, now.at);
        send(from, Repair::WantShard { origin, incarnation, from: version }, out);
    }

    /// Compares digests with `peer` at once.
    pub fn offer(&mut self, peer: NodeId, events: &BTreeMap<NodeId, u64>, out: &mut Outbox) {
        let hash = self.hash(events);
        send(peer, Repair::Offer { hash }, out);
    }

    /// Goes on with the anti-entropy conversation; events are the event store's matter.
    pub fn on_repair(
        &mut self,
        from: NodeId,
        repair: Repair,
        events: &BTreeMap<NodeId, u64>,
        out: &mut Outbox,
    ) {
        match repair {
            Repair::Offer { hash } => {
                let equal = self.hash(events) == hash;
                self.note(from, equal, out);
                let answer =
                    if equal { Repair::Equal } else { Repair::Differ(self.digest(events)) };
                send(from, answer, out);
            }
            Repair::Equal => self.note(from, true, out),
            Repair::Differ(theirs) => {
                self.equal.remove(&from);
                self.send_lacking(from, &theirs, out);
                let differing = self.shared.differing(&theirs.shared);
                if !differing.is_empty() {
                    send(from, Repair::Buckets(self.shared.buckets(&differing)), out);
                }
                let mine = Digest { shared: Vec::new(), ..self.digest(events) };
                send(from, Repair::Lack(mine), out);
            }
            Repair::Complete => out.happened(Happened::Synced(from)),
            Repair::Lack(theirs) => {
                self.send_lacking(from, &theirs, out);
                send(from, Repair::Complete, out);
                // What they sent before they asked is all that we lacked of their copies.
                out.happened(Happened::Synced(from));
            }
            Repair::Buckets(theirs) => self.on_buckets(from, &theirs, out),
            Repair::WantShared(keys) => self.send_shared(from, &keys, out),
            Repair::WantShard { origin, incarnation, from: version } => {
                if let Some(shard) = self.shards.get(&origin)
                    && shard.incarnation() >= incarnation
                {
                    let start = if shard.incarnation() == incarnation { version } else { 0 };
                    for delta in shard.changes_after(origin, start, REPAIR_SIZE) {
                        send(from, Repair::Changes(Delta::Shard(delta)), out);
                    }
                }
            }
            Repair::WantWhole { origin } => {
                if let Some(shard) = self.shards.get(&origin) {
                    send(from, Repair::Changes(Delta::Shard(shard.whole(origin))), out);
                }
            }
            Repair::Changes(_) | Repair::WantEvents { .. } | Repair::Events(_) => {}
        }
    }

    fn note(&mut self, peer: NodeId, equal: bool, out: &mut Outbox) {
        if equal {
            self.equal.insert(peer);
            out.happened(Happened::Synced(peer));
        } else {
            self.equal.remove(&peer);
        }
    }

    /// Sends the shards in which `theirs` is behind, and asks for those that cannot be right.
    fn send_lacking(&self, to: NodeId, theirs: &Digest, out: &mut Outbox) {
        let known: BTreeMap<NodeId, _> =
            theirs.shards.iter().map(|digest| (digest.origin, *digest)).collect();
        let mut wrong = Vec::new();
        for (origin, shard) in &self.shards {
            let mine = shard.digest(*origin);
            let pieces = match known.get(origin) {
                Some(held) if held.incarnation > mine.incarnation => continue,
                Some(held) if held.incarnation == mine.incarnation => {
                    // Only the writer itself, or one of two who cannot ask it, is held against us.
                    let differs = held.version == mine.version && held.hash != mine.hash;
                    let writer_is = |node: NodeId| *origin == node;
                    if differs && !writer_is(self.me) && (writer_is(to) || held.hash > mine.hash) {
                        wrong.push(*origin);
                        continue;
                    }
                    if differs {
                        vec![shard.whole(*origin)]
                    } else {
                        shard.changes_after(*origin, held.version, REPAIR_SIZE)
                    }
                }
                Some(_) | None => shard.changes_after(*origin, 0, REPAIR_SIZE),
            };
            for delta in pieces {
                send(to, Repair::Changes(Delta::Shard(delta)), out);
            }
        }
        for origin in wrong {
            send(to, Repair::WantWhole { origin }, out);
        }
    }

    fn on_buckets(
        &mut self,
        from: NodeId,
        theirs: &[(u8, Vec<(SharedKey, Stamp)>)],
        out: &mut Outbox,
    ) {
        let wanted: Vec<u8> = theirs.iter().map(|(bucket, _)| *bucket).collect();
        let held: BTreeMap<&SharedKey, Stamp> =
            theirs.iter().flat_map(|(_, keys)| keys).map(|(key, stamp)| (key, *stamp)).collect();
        let newer: Vec<SharedKey> = self
            .shared
            .buckets(&wanted)
            .into_iter()
            .flat_map(|(_, keys)| keys)
            .filter(|(key, stamp)| held.get(key).is_none_or(|theirs| theirs < stamp))
            .map(|(key, _)| key)
            .collect();
        self.send_shared(from, &newer, out);
        let older: Vec<SharedKey> = held
            .into_iter()
            .filter(|(key, stamp)| self.shared.stamp(key).is_none_or(|mine| mine < *stamp))
            .map(|(key, _)| key.clone())
            .collect();
        if !older.is_empty() {
            send(from, Repair::WantShared(older), out);
        }
    }

    fn send_shared(&self, to: NodeId, keys: &[SharedKey], out: &mut Outbox) {
        let entries = keys.iter().filter_map(|key| {
            let (stamp, value) = self.shared.entry(key)?;
            Some((key.clone(), *stamp, value.clone()))
        });
        for piece in pieces(entries, REPAIR_SIZE) {
            send(to, Repair::Changes(Delta::Shared(piece)), out);
        }
    }

    /// Pushes what is due and asks the next peer of the round.
    pub fn on_timeout(
        &mut self,
        now: Now,
        peers: &[NodeId],
        events: &BTreeMap<NodeId, u64>,
        out: &mut Outbox,
    ) {
        if self.push_at.is_some_and(|at| at <= now.at) {
            self.push_at = None;
            self.push(out);
        }
        if self.repair_at <= now.at {
            self.repair_at = now.at + REPAIR_INTERVAL;
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
                self.offer(peer, events, out);
            }
        }
    }

    /// When [`Self::on_timeout`] is due.
    #[must_use]
    pub fn next_timeout(&self) -> Instant {
        self.push_at.map_or(self.repair_at, |at| at.min(self.repair_at))
    }

    fn push(&mut self, out: &mut Outbox) {
        if let Some(shard) = self.shards.get(&self.me) {
            for delta in shard.changes_after(self.me, self.pushed, PUSH_SIZE) {
                out.effect(Effect::Publish(Publication::Delta(Delta::Shard(delta))));
            }
            self.pushed = shard.version();
        }
        let mut hints = Vec::new();
        let mut entries = Vec::new();
        for key in std::mem::take(&mut self.unpushed) {
            let Some((stamp, value)) = self.shared.entry(&key) else { continue };
            if wire::encode(value).len() > PUSH_SIZE {
                hints.push((key, *stamp));
            } else {
                entries.push((key, *stamp, value.clone()));
            }
        }
        for piece in pieces(entries.into_iter(), PUSH_SIZE) {
            out.effect(Effect::Publish(Publication::Delta(Delta::Shared(piece))));
        }
        for piece in pieces(hints.into_iter(), PUSH_SIZE) {
            out.effect(Effect::Publish(Publication::Delta(Delta::SharedHints(piece))));
        }
    }

    /// Forgets what a node said of itself: it is no member any more.
    pub fn forget(&mut self, node: NodeId, out: &mut Outbox) {
        self.equal.remove(&node);
        if node == self.me {
            return;
        }
        for (key, _) in self.shards.remove(&node).iter().flat_map(Shard::iter) {
            out.happened(Happened::PresenceChanged(node, key.clone()));
        }
    }

    /// Leaves every copy and shared value behind but our own shard: this node enters another
    /// cluster.
    pub fn start_over(&mut self, out: &mut Outbox) {
        let others: Vec<NodeId> = self.shards.keys().copied().collect();
        for node in others {
            self.forget(node, out);
        }
        self.shared = SharedValues::default();
        self.unpushed.clear();
        out.record(Record::ClearShared);
        // Those who never heard of us get the shard from its beginning by repair.
        self.pushed = 0;
    }

    fn hash(&self, events: &BTreeMap<NodeId, u64>) -> u64 {
        crate::replica::shard::hash(&wire::encode(&self.digest(events)))
    }
}

fn send(to: NodeId, repair: Repair, out: &mut Outbox) {
    out.effect(Effect::Send { to, message: Message::Repair(repair) });
}

/// Cuts a row of items into pieces of about `size` bytes each.
fn pieces<T: serde::Serialize>(items: impl Iterator<Item = T>, size: usize) -> Vec<Vec<T>> {
    let (mut done, mut piece, mut used) = (Vec::new(), Vec::new(), 0);
    for item in items {
        let length = wire::encode(&item).len();
        if used + length > size && !piece.is_empty() {
            done.push(std::mem::take(&mut piece));
            used = 0;
        }
        used += length;
        piece.push(item);
    }
    if !piece.is_empty() {
        done.push(piece);
    }
    done
}
