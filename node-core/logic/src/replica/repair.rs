//! Finding what gossip lost: the conversation of two nodes about what each lacks.

use std::collections::BTreeMap;

use crate::{
    event_store::Extent,
    hlc::Stamp,
    ids::NodeId,
    limits::REPAIR_SIZE,
    node::Effect,
    outbox::{Happened, Outbox},
    replica::{
        Delta, Digest, HoldingDigest, Kind, Outline, Repair, Replica, ShardDelta, SharedKey,
        hash::{mix, words},
        push::pieces,
        shard::Shard,
        talk::Standing,
    },
    time::Now,
    wire::Message,
};

type Extents = BTreeMap<NodeId, Extent>;

impl Replica {
    /// A connection to `peer` stands: what is held is compared with it soon.
    pub fn on_connected(&mut self, now: Now, peer: NodeId, events: &Extents, out: &mut Outbox) {
        self.compare_with(now, peer, events, out);
    }

    /// What is held is compared with `peer` soon.
    pub fn compare_with(&mut self, now: Now, peer: NodeId, events: &Extents, out: &mut Outbox) {
        self.talks.call(peer);
        self.call_next(now, events, out);
    }

    /// No connection to `peer` stands any more.
    pub fn on_disconnected(&mut self, now: Now, peer: NodeId, events: &Extents, out: &mut Outbox) {
        self.talks.forget(peer);
        self.call_next(now, events, out);
    }

    /// Compares with the next peer that wants it, if none is being compared with.
    pub(super) fn call_next(&mut self, now: Now, events: &Extents, out: &mut Outbox) {
        if let Some((peer, turn)) = self.talks.next(now, out) {
            send(peer, Repair::Offer { turn, hash: self.hash(events) }, out);
        }
    }

    /// Goes on with the anti-entropy conversation; events are the event store's matter.
    pub fn on_repair(
        &mut self,
        now: Now,
        (from, repair): (NodeId, Repair),
        events: &Extents,
        out: &mut Outbox,
    ) {
        // Only what belongs to a comparison keeps it going: what else a peer says it says for ever.
        if !matches!(repair, Repair::Offer { .. } | Repair::Busy { .. }) {
            self.talks.heard(now, from);
        }
        match repair {
            Repair::Offer { turn, hash } => self.on_offer(now, (from, turn, hash), events, out),
            Repair::Equal => {
                self.talks.matched(from);
                self.talks.note(from, true);
                out.happened(Happened::Synced(from));
            }
            Repair::Busy { turn } => {
                if self.talks.standing(now, from, turn) == Standing::Current {
                    self.talks.busy(now, from, out);
                }
            }
            Repair::Differ { turn, outline } => {
                self.talks.note(from, false);
                if self.is_current(now, (from, turn), out) {
                    self.on_differ((from, turn), &outline, events, out);
                }
            }
            Repair::Compare { turn, digest } => {
                if self.is_current(now, (from, turn), out) {
                    self.send_lacking(from, &digest, out);
                    let mine = self.digest_of(digest.groups, events);
                    send(from, Repair::Lack(mine), out);
                }
            }
            Repair::Lack(theirs) => {
                self.send_lacking(from, &theirs, out);
                send(from, Repair::Complete, out);
                // What they sent before they asked is all that we lacked of their copies.
                self.talks.conclude(now, from);
                out.happened(Happened::Synced(from));
            }
            Repair::Complete => {
                self.talks.conclude(now, from);
                out.happened(Happened::Synced(from));
            }
            Repair::Buckets(theirs) => self.on_buckets(from, &theirs, out),
            Repair::WantShared(keys) => self.send_shared(from, &keys, out),
            Repair::WantShard { origin, incarnation, kind, from: version } => {
                if let Some(held) = self.holdings.get(&origin)
                    && held.incarnation() >= incarnation
                {
                    let start = if held.incarnation() == incarnation { version } else { 0 };
                    send_shard(from, held.shard(kind), start, out);
                }
            }
            Repair::WantWhole { origin, kind } => {
                if let Some(held) = self.holdings.get(&origin) {
                    send_delta(from, held.shard(kind).whole(), out);
                }
            }
            Repair::Changes(_) | Repair::WantEvents { .. } | Repair::Events(_) => {}
        }
        self.call_next(now, events, out);
    }

    fn on_offer(
        &mut self,
        now: Now,
        (from, turn, hash): (NodeId, u64, u64),
        events: &Extents,
        out: &mut Outbox,
    ) {
        let equal = self.hash(events) == hash;
        self.talks.note(from, equal);
        if equal {
            out.happened(Happened::Synced(from));
            send(from, Repair::Equal, out);
        } else if self.talks.prevails(now, from) {
            // Our own offer, which crossed theirs on the way, is answered instead.
        } else if self.talks.accept(now, from, turn) {
            send(from, Repair::Differ { turn, outline: self.outline(events) }, out);
        } else {
            self.put_off((from, turn), out);
        }
    }

    fn on_differ(
        &self,
        (from, turn): (NodeId, u64),
        theirs: &Outline,
        events: &Extents,
        out: &mut Outbox,
    ) {
        // Certificates first, and what is wanted: they are small, and give the rest its meaning.
        let buckets = self.shared.differing(&theirs.shared);
        if !buckets.is_empty() {
            send(from, Repair::Buckets(self.shared.buckets(&buckets)), out);
        }
        let groups = self.outline(events).differing(theirs);
        let digest = self.digest_of(groups, events);
        send(from, Repair::Compare { turn, digest }, out);
    }

    /// Whether a comparison is under way here too; a peer that this node kept waiting is told that
    /// it shall be called.
    fn is_current(&mut self, now: Now, of: (NodeId, u64), out: &mut Outbox) -> bool {
        match self.talks.standing(now, of.0, of.1) {
            Standing::Current => true,
            Standing::Busy => {
                self.put_off(of, out);
                false
            }
            Standing::Over => false,
        }
    }

    /// Tells a peer that this node compares with another, and shall call.
    fn put_off(&mut self, (peer, turn): (NodeId, u64), out: &mut Outbox) {
        self.talks.call(peer);
        send(peer, Repair::Busy { turn }, out);
    }

    /// Sends the shards in which `theirs` is behind, small and vital kinds first, and asks for those
    /// that cannot be right.
    fn send_lacking(&self, to: NodeId, theirs: &Digest, out: &mut Outbox) {
        let known: BTreeMap<NodeId, &HoldingDigest> =
            theirs.holdings.iter().map(|digest| (digest.origin, digest)).collect();
        let mut wrong = Vec::new();
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            for group in &theirs.groups {
                for (origin, holding) in self.holdings.range(first(*group)..=last(*group)) {
                    let shard = holding.shard(kind);
                    let held = match known.get(origin) {
                        Some(held) if held.incarnation > holding.incarnation() => continue,
                        Some(held) if held.incarnation == holding.incarnation() => {
                            held.shards.get(place).copied()
                        }
                        Some(_) | None => None,
                    };
                    let Some(held) = held else {
                        send_shard(to, shard, 0, out);
                        continue;
                    };
                    let mine = shard.digest();
                    if held.version != mine.version || held.hash == mine.hash {
                        send_shard(to, shard, held.version, out);
                        continue;
                    }
                    // Only the writer itself, or one of two who cannot ask it, is held against us.
                    if *origin != self.me && (*origin == to || held.hash > mine.hash) {
                        wrong.push((*origin, kind));
                    } else {
                        send_delta(to, shard.whole(), out);
                    }
                }
            }
        }
        for (origin, kind) in wrong {
            send(to, Repair::WantWhole { origin, kind }, out);
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
            Some((key.clone(), stamp, value.clone()))
        });
        for piece in pieces(entries, REPAIR_SIZE) {
            send(to, Repair::Changes(Delta::Shared(piece)), out);
        }
    }

    /// A hash of everything that is held; `events` is what the event store holds.
    #[must_use]
    pub fn hash(&self, events: &Extents) -> u64 {
        let shared =
            self.shared.digest().into_iter().map(|(bucket, hash)| mix([bucket.into(), hash]));
        let events = events.iter().map(|(origin, extent)| event_mark(*origin, *extent));
        mix([
            self.sum,
            shared.fold(0, std::ops::BitXor::bitxor),
            events.fold(0, std::ops::BitXor::bitxor),
        ])
    }

    fn outline(&self, events: &Extents) -> Outline {
        let mut groups: BTreeMap<u8, u64> = BTreeMap::new();
        let holdings = self.holdings.iter().map(|(origin, held)| (*origin, held.mark()));
        let counts = events.iter().map(|(origin, extent)| (*origin, event_mark(*origin, *extent)));
        for (origin, mark) in holdings.chain(counts).filter(|(_, mark)| *mark > 0) {
            *groups.entry(group_of(origin)).or_default() ^= mark;
        }
        Outline { groups: groups.into_iter().collect(), shared: self.shared.digest() }
    }

    /// What is held of the nodes of some groups.
    pub(super) fn digest_of(&self, groups: Vec<u8>, events: &Extents) -> Digest {
        let mut digest = Digest { groups, ..Digest::default() };
        for group in &digest.groups {
            let (first, last) = (first(*group), last(*group));
            let holdings = self.holdings.range(first..=last);
            digest.holdings.extend(holdings.filter_map(|(_, held)| held.digest()));
            let counts = events.range(first..=last);
            digest.events.extend(counts.map(|(origin, extent)| (*origin, *extent)));
        }
        digest
    }
}

fn group_of(origin: NodeId) -> u8 {
    let [group, ..] = origin.0;
    group
}

/// The least id of a group.
fn first(group: u8) -> NodeId {
    let mut id = [0; 32];
    id[0] = group;
    NodeId(id)
}

/// The greatest id of a group.
fn last(group: u8) -> NodeId {
    let mut id = [u8::MAX; 32];
    id[0] = group;
    NodeId(id)
}

/// What is held at the end alone: how far back is each node's own affair.
fn event_mark(origin: NodeId, extent: Extent) -> u64 {
    // Apart from the mark of a holding, which has more words.
    mix(words(&origin.0).chain([extent.last]))
}

fn send_shard(to: NodeId, shard: &Shard, from: u64, out: &mut Outbox) {
    for delta in shard.changes_after(from, REPAIR_SIZE) {
        send_delta(to, delta, out);
    }
}

fn send_delta(to: NodeId, delta: ShardDelta, out: &mut Outbox) {
    send(to, Repair::Changes(Delta::Shard(delta)), out);
}

pub(super) fn send(to: NodeId, repair: Repair, out: &mut Outbox) {
    out.effect(Effect::Send { to, message: Message::Repair(repair) });
}
