//! One node's copies, with what it sends in a test's hands.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    hlc::Clock,
    ids::{Incarnation, Name, NodeId},
    node::Effect,
    outbox::{Happened, Outbox},
    replica::{
        Claim, Delta, Digest, Kind, Presence, PresenceKey, Repair, Replica, Shared, SharedKey,
        shard::ShardId,
    },
    time::{Instant, Now, Wall},
    wire::{Message, Publication},
};

pub(super) const A: NodeId = NodeId([1; 32]);
pub(super) const B: NodeId = NodeId([2; 32]);
pub(super) const C: NodeId = NodeId([3; 32]);
pub(super) const NOW: Now = Now { at: Instant(1_000_000), wall: Wall(1_000) };
pub(super) const ID: ShardId =
    ShardId { origin: A, incarnation: Incarnation(1), kind: Kind::Names };

pub(super) struct Copy {
    pub(super) replica: Replica,
    pub(super) out: Outbox,
    pub(super) me: NodeId,
    pub(super) now: Now,
}

impl Copy {
    pub(super) fn new(me: NodeId) -> Self {
        Self::with_life(me, 1)
    }

    pub(super) fn with_life(me: NodeId, life: u64) -> Self {
        let out = Outbox::new(Clock::new(me, Wall(0)), [1; 32]);
        let replica = Replica::new(NOW, (me, Incarnation(life)), Vec::new());
        Self { replica, out, me, now: NOW }
    }

    pub(super) fn say(&mut self, key: PresenceKey, value: Option<Presence>) {
        self.replica.say(self.now, key, value, &mut self.out);
    }

    pub(super) fn claim(&mut self, name: &str) {
        self.say(key(name), Some(claim(1)));
    }

    pub(super) fn unclaim(&mut self, name: &str) {
        self.say(key(name), None);
    }

    pub(super) fn share(&mut self, n: u8) {
        let key = SharedKey::Revoked(NodeId([n; 32]));
        self.replica.share(self.now, key, Shared::Revoked, &mut self.out);
    }

    pub(super) fn take(&mut self, from: NodeId, delta: Delta) {
        self.replica.on_delta(self.now, (from, delta), &|_| true, &mut self.out);
    }

    /// What this node said under names after `version`, as a repair sends it.
    pub(super) fn changes_after(&mut self, version: u64) -> Delta {
        let incarnation = self.replica.incarnation(self.me).unwrap();
        let want =
            Repair::WantShard { origin: self.me, incarnation, kind: Kind::Names, from: version };
        self.sent();
        self.on_repair(B, want);
        let sent = self.sent().into_iter().next();
        let Some((_, Repair::Changes(delta))) = sent else { panic!("changes, not {sent:?}") };
        delta
    }

    /// Repairs sent since the last call, and to whom.
    pub(super) fn sent(&mut self) -> Vec<(NodeId, Repair)> {
        self.effects()
            .into_iter()
            .filter_map(|effect| {
                let Effect::Send { to, message: Message::Repair(repair) } = effect else {
                    return None;
                };
                Some((to, repair))
            })
            .collect()
    }

    /// What is pushed since the last call.
    pub(super) fn pushed(&mut self) -> Vec<Delta> {
        self.tick(10);
        self.effects()
            .into_iter()
            .filter_map(|effect| {
                let Effect::Publish(Publication::Delta(delta)) = effect else { return None };
                Some(delta)
            })
            .collect()
    }

    fn effects(&mut self) -> Vec<Effect> {
        std::iter::from_fn(|| self.out.poll_effect()).collect()
    }

    /// The keys of `origin` that changed here since the last call.
    pub(super) fn changed(&mut self, origin: NodeId) -> Vec<PresenceKey> {
        std::iter::from_fn(|| self.out.poll_happened())
            .filter_map(|happened| {
                let Happened::PresenceChanged(of, key) = happened else { return None };
                (of == origin).then_some(key)
            })
            .collect()
    }

    pub(super) fn on_repair(&mut self, from: NodeId, repair: Repair) {
        if let Repair::Changes(delta) = repair {
            self.take(from, delta);
        } else {
            let events = BTreeMap::new();
            self.replica.on_repair(self.now, (from, repair), &events, &mut self.out);
        }
    }

    /// Lets time pass, with nobody connected.
    pub(super) fn tick(&mut self, ms: u64) {
        self.now.at = Instant(self.now.at.0 + ms * 1_000);
        self.replica.on_timeout(self.now, &[], &BTreeMap::new(), &mut self.out);
    }

    pub(super) fn names(&self, origin: NodeId) -> Vec<&str> {
        self.replica
            .presences(origin)
            .filter_map(|(key, _)| match key {
                PresenceKey::Claim(name) => Some(name.as_str()),
                PresenceKey::Summary
                | PresenceKey::Views
                | PresenceKey::Breaches
                | PresenceKey::Moved(_)
                | PresenceKey::Kept(_)
                | PresenceKey::Moves
                | PresenceKey::Agent(_)
                | PresenceKey::Joined { .. } => None,
            })
            .collect()
    }

    pub(super) fn digest(&self) -> (Digest, Vec<(u8, u64)>) {
        (self.replica.digest(&BTreeMap::new()), self.replica.shared().digest())
    }
}

/// One whole conversation, begun by `a`; gives what was said.
pub(super) fn converse(a: &mut Copy, b: &mut Copy) -> Vec<(NodeId, Repair)> {
    a.sent();
    b.sent();
    let mut said = Vec::new();
    a.replica.on_connected(a.now, b.me, &BTreeMap::new(), &mut a.out);
    for _ in 0..20 {
        for (to, repair) in a.sent() {
            assert_eq!(to, b.me);
            said.push((a.me, repair.clone()));
            b.on_repair(a.me, repair);
        }
        for (to, repair) in b.sent() {
            assert_eq!(to, a.me);
            said.push((b.me, repair.clone()));
            a.on_repair(b.me, repair);
        }
    }
    said
}

pub(super) fn key(name: &str) -> PresenceKey {
    PresenceKey::Claim(Name::new(name).unwrap())
}

/// A claim that differs from those of other revisions.
pub(super) fn claim(revision: u64) -> Presence {
    Presence::Claim(Arc::new(Claim {
        epoch: crate::Epoch(0),
        since: (Wall(1), 0),
        revision,
        metadata: BTreeMap::new(),
        holder: None,
        offer: None,
    }))
}
