//! Two copies that push, lose and repair.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    hlc::{Clock, Stamp},
    ids::{Incarnation, Name, NodeId},
    limits::PUSH_SIZE,
    node::Effect,
    outbox::Outbox,
    replica::{
        Claim, Delta, Kind, Presence, PresenceKey, Repair, Replica, ShardDelta, Shared, SharedKey,
        shard::{Shard, ShardId},
    },
    time::{Instant, Now, Wall},
    wire::{self, Message},
};

const A: NodeId = NodeId([1; 32]);
const B: NodeId = NodeId([2; 32]);
const ID: ShardId = ShardId { origin: A, incarnation: Incarnation(1), kind: Kind::Names };

#[test]
fn range_that_skips_a_change_is_not_applied_but_asked_for() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    a.claim("one");
    let first = a.changes_after(0);
    a.claim("two");
    let second = a.changes_after(1);

    b.take(A, second);

    assert_eq!(b.names(A), Vec::<&str>::new());
    assert!(b.sent().iter().any(|repair| matches!(repair, Repair::WantShard { from: 0, .. })));
    b.take(A, first);
    assert_eq!(b.names(A), ["one"]);
}

#[test]
fn repair_makes_copies_equal_whatever_was_lost() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    for n in 0..100 {
        a.claim(&format!("a{n}"));
        b.claim(&format!("b{n}"));
        a.share(n);
    }
    a.unclaim("a7");

    converse(&mut a, &mut b);

    assert_eq!(a.digest(), b.digest());
    assert_eq!(b.names(A).len(), 99);
}

#[test]
fn equal_versions_with_different_content_are_told_apart_and_repaired() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    a.claim("one");
    let Delta::Shard(mut delta) = a.changes_after(0) else { panic!("a shard") };
    delta.changes[0].1 = PresenceKey::Claim(Name::new("flipped").unwrap());
    b.take(A, Delta::Shard(delta));

    converse(&mut a, &mut b);

    assert_eq!(b.names(A), ["one"]);
}

#[test]
fn newer_life_replaces_the_shard_and_the_older_never_comes_back() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    a.claim("old");
    let old = a.changes_after(0);
    b.take(A, old.clone());
    let mut reborn = Copy::with_life(A, 2);
    reborn.claim("new");

    b.take(A, reborn.changes_after(0));
    b.take(A, old);

    assert_eq!(b.names(A), ["new"]);
}

#[test]
fn removal_older_than_memory_sends_the_shard_whole() {
    let mut shard = Shard::new(ID);
    let count = Shard::MAX_REMOVALS + 2;
    for n in 0..count {
        let key = PresenceKey::Claim(Name::new(&format!("n{n}")).unwrap());
        shard.write(key.clone(), Some(claim()));
        shard.write(key, None);
    }
    shard.write(PresenceKey::Claim(Name::new("last").unwrap()), Some(claim()));

    let pieces = shard.changes_after(1, PUSH_SIZE);

    assert!(matches!(&pieces[..], [ShardDelta { whole: true, changes, .. }] if changes.len() == 1));
}

#[test]
fn large_shard_is_cut_into_pieces_that_continue_one_another() {
    let mut shard = Shard::new(ID);
    for n in 0..5_000 {
        shard.write(PresenceKey::Claim(Name::new(&format!("n{n}")).unwrap()), Some(claim()));
    }

    let pieces = shard.changes_after(0, PUSH_SIZE);

    assert!(pieces.len() > 1);
    let mut reached = 0;
    for piece in &pieces {
        assert!(wire::encode(piece).len() < PUSH_SIZE + 1_024);
        let ShardDelta { from, to, .. } = piece;
        assert_eq!(*from, reached);
        reached = *to;
    }
    assert_eq!(reached, 5_000);
}

#[test]
fn later_stamp_wins_in_any_order_of_arrival() {
    let write = |wall, node| {
        let stamp = Stamp { wall: Wall(wall), counter: 0, node };
        (SharedKey::Revoked(A), stamp, if wall == 2 { Shared::Revoked } else { Shared::Deleted })
    };
    let (mut x, mut y) = (Copy::new(A), Copy::new(B));

    x.take(B, Delta::Shared(vec![write(1, A), write(2, B)]));
    y.take(A, Delta::Shared(vec![write(2, B), write(1, A)]));

    assert_eq!(x.replica.shared().get(&SharedKey::Revoked(A)), Some(&Shared::Revoked));
    assert_eq!(x.replica.shared().digest(), y.replica.shared().digest());
}

#[test]
fn stamp_far_ahead_is_refused() {
    let mut b = Copy::new(B);
    let stamp = Stamp { wall: Wall(NOW.wall.0 + 600_000), counter: 0, node: A };

    b.take(A, Delta::Shared(vec![(SharedKey::Revoked(B), stamp, Shared::Revoked)]));

    assert_eq!(b.replica.shared().get(&SharedKey::Revoked(B)), None);
}

struct Copy {
    replica: Replica,
    out: Outbox,
    me: NodeId,
}

impl Copy {
    fn new(me: NodeId) -> Self {
        Self::with_life(me, 1)
    }

    fn with_life(me: NodeId, life: u64) -> Self {
        let out = Outbox::new(Clock::new(me, Wall(0)), [1; 32]);
        Self { replica: Replica::new(NOW, (me, Incarnation(life)), Vec::new()), out, me }
    }

    fn claim(&mut self, name: &str) {
        let key = PresenceKey::Claim(Name::new(name).unwrap());
        self.replica.say(NOW, key, Some(claim()), &mut self.out);
    }

    fn unclaim(&mut self, name: &str) {
        let key = PresenceKey::Claim(Name::new(name).unwrap());
        self.replica.say(NOW, key, None, &mut self.out);
    }

    fn share(&mut self, n: u8) {
        self.replica.share(
            NOW,
            SharedKey::Revoked(NodeId([n; 32])),
            Shared::Revoked,
            &mut self.out,
        );
    }

    fn take(&mut self, from: NodeId, delta: Delta) {
        self.replica.on_delta(NOW, (from, delta), &|_| true, &mut self.out);
    }

    fn changes_after(&mut self, version: u64) -> Delta {
        let incarnation = self.replica.incarnation(self.me).unwrap();
        let kind = Kind::Names;
        let want = Repair::WantShard { origin: self.me, incarnation, kind, from: version };
        self.sent();
        self.replica.on_repair(NOW, (B, want), &BTreeMap::new(), &mut self.out);
        let sent = self.sent().into_iter().next();
        let Some(Repair::Changes(delta)) = sent else { panic!("changes, not {sent:?}") };
        delta
    }

    fn sent(&mut self) -> Vec<Repair> {
        let mut sent = Vec::new();
        while let Some(effect) = self.out.poll_effect() {
            if let Effect::Send { message: Message::Repair(repair), .. } = effect {
                sent.push(repair);
            }
        }
        sent
    }

    fn on_repair(&mut self, from: NodeId, repair: Repair) {
        if let Repair::Changes(delta) = repair {
            self.take(from, delta);
        } else {
            self.replica.on_repair(NOW, (from, repair), &BTreeMap::new(), &mut self.out);
        }
    }

    fn names(&self, origin: NodeId) -> Vec<&str> {
        self.replica
            .presences(origin)
            .filter_map(
                |(key, _)| {
                    if let PresenceKey::Claim(name) = key { Some(name.as_str()) } else { None }
                },
            )
            .collect()
    }

    fn digest(&self) -> crate::replica::Digest {
        self.replica.digest(&BTreeMap::new())
    }
}

/// One whole conversation, begun by `a`.
fn converse(a: &mut Copy, b: &mut Copy) {
    a.sent();
    b.sent();
    a.replica.on_connected(NOW, b.me, &BTreeMap::new(), &mut a.out);
    for _ in 0..20 {
        for repair in a.sent() {
            b.on_repair(a.me, repair);
        }
        for repair in b.sent() {
            a.on_repair(b.me, repair);
        }
    }
}

const NOW: Now = Now { at: Instant(1_000_000), wall: Wall(1_000) };

fn claim() -> Presence {
    let epoch = crate::Epoch(0);
    Presence::Claim(Arc::new(Claim {
        epoch,
        since: (Wall(1), 0),
        revision: 1,
        metadata: BTreeMap::new(),
    }))
}
