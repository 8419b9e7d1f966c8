//! The copies a node holds, what is written to them, and when pushing and repair are due.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    event_store::Extent,
    hlc::Stamp,
    ids::{Incarnation, NodeId},
    limits::REPAIR_INTERVAL,
    node::Record,
    outbox::{Happened, Outbox},
    replica::{
        Digest, Heard, Kind, Presence, PresenceKey, Shared, SharedKey, holding::Holding,
        pace::Pace, shared::SharedValues, talk::Talks,
    },
    time::{Instant, Now},
};

/// Everything a node holds of replica state.
#[derive(Debug)]
pub struct Replica {
    pub(super) me: NodeId,
    pub(super) holdings: BTreeMap<NodeId, Holding>,
    /// The marks of all holdings, exclusive-or.
    pub(super) sum: u64,
    pub(super) shared: SharedValues,
    /// The versions of our own shards that were pushed.
    pub(super) pushed: BTreeMap<Kind, u64>,
    /// Shared values to push.
    pub(super) unpushed: BTreeSet<SharedKey>,
    pub(super) talks: Talks,
    /// For each shard with a gap, when it was last asked for.
    pub(super) asked: BTreeMap<(NodeId, Kind), Instant>,
    pace: Pace,
    repair_at: Instant,
}

impl Replica {
    /// Nothing but the shared values that the disk kept, and own shards of a fresh incarnation.
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
        let own = Holding::new(me, incarnation);
        Self {
            me,
            sum: own.mark(),
            holdings: BTreeMap::from([(me, own)]),
            shared: values,
            pushed: BTreeMap::new(),
            unpushed: BTreeSet::new(),
            talks: Talks::new(me),
            asked: BTreeMap::new(),
            pace: Pace::default(),
            repair_at: now.at + REPAIR_INTERVAL,
        }
    }

    /// What `origin` says of itself under `key`, whether it is up or not.
    #[must_use]
    pub fn presence(&self, origin: NodeId, key: &PresenceKey) -> Option<&Presence> {
        self.holdings.get(&origin)?.get(key)
    }

    /// Everything that `origin` says of itself.
    pub fn presences(&self, origin: NodeId) -> impl Iterator<Item = (&PresenceKey, &Presence)> {
        self.holdings.get(&origin).into_iter().flat_map(Holding::iter)
    }

    /// The shared values.
    #[must_use]
    pub fn shared(&self) -> &SharedValues {
        &self.shared
    }

    /// The life of `origin` that is held.
    #[must_use]
    pub fn incarnation(&self, origin: NodeId) -> Option<Incarnation> {
        self.holdings.get(&origin).map(Holding::incarnation)
    }

    /// How much is held of what `origin` says of its agents.
    #[must_use]
    pub fn heard(&self, origin: NodeId) -> Option<Heard> {
        let held = self.holdings.get(&origin)?;
        let version = held.shard(Kind::Agents).version();
        Some(Heard { incarnation: held.incarnation(), version })
    }

    /// Whether the last comparison with `peer` found nothing that differs.
    #[must_use]
    pub fn is_equal(&self, peer: NodeId) -> bool {
        self.talks.is_equal(peer)
    }

    /// All that is held, in short; `events` is what the event store holds.
    #[must_use]
    pub fn digest(&self, events: &BTreeMap<NodeId, Extent>) -> Digest {
        self.digest_of((0..=u8::MAX).collect(), events)
    }

    /// Writes what this node says of itself.
    pub fn say(&mut self, now: Now, key: PresenceKey, value: Option<Presence>, out: &mut Outbox) {
        let me = self.me;
        let kind = key.kind();
        if self.change(me, |own| own.shard_mut(kind).write(key.clone(), value)) == Some(true) {
            self.pace.note(now.at);
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
        let (key, stamp, value) = entry.clone();
        if self.reveal(now, entry, out) {
            out.record(Record::Shared { key, stamp, value });
        }
    }

    /// Takes over a shared value that is on disk already, as if written here; says whether it is
    /// later than the one held.
    pub fn reveal(
        &mut self,
        now: Now,
        (key, stamp, value): (SharedKey, Stamp, Shared),
        out: &mut Outbox,
    ) -> bool {
        let later = self.shared.merge(key.clone(), stamp, value);
        if later {
            self.unpushed.insert(key.clone());
            self.pace.note(now.at);
            out.happened(Happened::SharedChanged(key));
        }
        later
    }

    /// Changes what is held of `origin`, if anything is.
    pub(super) fn change<T>(
        &mut self,
        origin: NodeId,
        change: impl FnOnce(&mut Holding) -> T,
    ) -> Option<T> {
        let holding = self.holdings.get_mut(&origin)?;
        let before = holding.mark();
        let result = change(holding);
        self.sum ^= before ^ holding.mark();
        Some(result)
    }

    /// Pushes what is due, and has the next peer of the round compared with.
    pub fn on_timeout(
        &mut self,
        now: Now,
        peers: &[NodeId],
        events: &BTreeMap<NodeId, Extent>,
        out: &mut Outbox,
    ) {
        if self.pace.take(now.at) {
            self.push(out);
        }
        if self.repair_at <= now.at {
            self.repair_at = now.at + REPAIR_INTERVAL;
            self.asked.retain(|_, at| now.at.since(*at) < REPAIR_INTERVAL);
            self.talks.go_round(peers, out);
        }
        self.call_next(now, events, out);
    }

    /// When [`Self::on_timeout`] is due.
    #[must_use]
    pub fn next_timeout(&self) -> Instant {
        self.pace
            .due()
            .into_iter()
            .chain(self.talks.next_timeout())
            .fold(self.repair_at, Instant::min)
    }

    /// Forgets what a node said of itself: it is no member any more.
    pub fn forget(&mut self, node: NodeId, out: &mut Outbox) {
        self.talks.forget(node);
        if node == self.me {
            return;
        }
        self.drop_holding(node, out);
    }

    /// `node` was heard in this life: what it said of itself in an earlier one counts no more, also
    /// before anything of the later one is known.
    pub fn begin_life(&mut self, node: NodeId, life: Incarnation, out: &mut Outbox) {
        if self.incarnation(node).is_some_and(|held| held < life) && node != self.me {
            self.drop_holding(node, out);
            // It says nothing yet, so it changes no comparison; an earlier life cannot replace it.
            self.holdings.insert(node, Holding::new(node, life));
        }
    }

    /// Drops what is held of `node`.
    pub(super) fn drop_holding(&mut self, node: NodeId, out: &mut Outbox) {
        self.asked.retain(|(origin, _), _| *origin != node);
        if let Some(held) = self.holdings.remove(&node) {
            self.sum ^= held.mark();
            for (key, _) in held.iter() {
                out.happened(Happened::PresenceChanged(node, key.clone()));
            }
        }
    }

    /// `node` is in a later life: what it said in an earlier one is dropped, and not taken from those
    /// who still hold it.
    pub fn outlive(&mut self, node: NodeId, life: Incarnation, out: &mut Outbox) {
        if node != self.me && self.incarnation(node).is_some_and(|held| held < life) {
            self.drop_holding(node, out);
            self.holdings.insert(node, Holding::new(node, life));
        }
    }

    /// Leaves every copy and shared value behind but our own shards: this node enters another
    /// cluster.
    pub fn start_over(&mut self, out: &mut Outbox) {
        let others: Vec<NodeId> = self.holdings.keys().copied().collect();
        for node in others {
            self.forget(node, out);
        }
        self.shared = SharedValues::default();
        self.unpushed.clear();
        out.record(Record::ClearShared);
        // Those who never heard of us get the shards from their beginning by repair.
        self.pushed.clear();
    }
}
