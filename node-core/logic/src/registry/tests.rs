//! Who owns a name, from the claims of several nodes.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    hlc::Clock,
    ids::{Epoch, Incarnation, Name, NodeId},
    node::CommandError,
    outbox::{Happened, Outbox, Owner, Presentness},
    registry::Registry,
    replica::{Claim, Delta, Kind, Presence, PresenceKey, Replica, ShardDelta},
    time::{Instant, Now, Wall},
};

const ME: NodeId = NodeId([5; 32]);
const SMALL: NodeId = NodeId([1; 32]);
const LARGE: NodeId = NodeId([9; 32]);

#[test]
fn earlier_claim_keeps_the_name() {
    let mut world = World::new();

    world.claim(LARGE, 1, (0, 100));
    world.claim(SMALL, 1, (0, 200));

    assert_eq!(world.owner(), Some(Owner { node: LARGE, epoch: Epoch(0) }));
}

#[test]
fn higher_epoch_takes_the_name_from_an_earlier_claim() {
    let mut world = World::new();

    world.claim(LARGE, 1, (4, 100));
    world.claim(SMALL, 1, (5, 200));

    assert_eq!(world.owner(), Some(Owner { node: SMALL, epoch: Epoch(5) }));
}

#[test]
fn smaller_node_wins_between_equal_claims() {
    let mut world = World::new();

    world.claim(LARGE, 1, (0, 100));
    world.claim(SMALL, 1, (0, 100));

    assert_eq!(world.owner(), Some(Owner { node: SMALL, epoch: Epoch(0) }));
}

#[test]
fn claim_of_a_node_that_is_down_does_not_count() {
    let mut world = World::new();
    world.claim(SMALL, 1, (0, 100));

    world.peer(SMALL, Presentness::Absent);

    assert_eq!(world.owner(), None);
}

#[test]
fn loser_is_told_and_withdraws() {
    let mut world = World::new();
    world.register().unwrap();

    world.claim(SMALL, 1, (0, 100));

    assert!(world.told.iter().any(|happened| {
        matches!(happened, Happened::ClaimLost { winner, .. } if *winner == SMALL)
    }));
    assert_eq!(world.replica.presence(ME, &key()), None);
}

#[test]
fn taken_name_is_refused_with_its_owner() {
    let mut world = World::new();
    world.claim(SMALL, 1, (0, 100));

    assert_eq!(world.register(), Err(CommandError::NameTaken { name: name(), owner: SMALL }));
}

#[test]
fn owner_may_register_again_and_keeps_its_place() {
    let mut world = World::new();
    world.register().unwrap();
    let before = world.registry.claim(&name(), ME).cloned();

    world.register().unwrap();

    assert_eq!(world.registry.claim(&name(), ME).cloned(), before);
}

#[test]
fn name_that_was_never_registered_cannot_be_given_up() {
    let mut world = World::new();

    let refused = world.registry.deregister(&name(), &mut world.out);

    assert_eq!(refused, Err(CommandError::NotRegistered { name: name() }));
}

struct World {
    registry: Registry,
    replica: Replica,
    out: Outbox,
    told: Vec<Happened>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            registry: Registry::new(ME),
            replica: Replica::new(NOW, (ME, Incarnation(1)), Vec::new()),
            out: Outbox::new(Clock::new(ME, Wall(0)), [1; 32]),
            told: Vec::new(),
        };
        world.peer(SMALL, Presentness::Present);
        world.peer(LARGE, Presentness::Present);
        world
    }

    fn claim(&mut self, node: NodeId, version: u64, (epoch, since): (u64, u64)) {
        let claim = Claim {
            epoch: Epoch(epoch),
            since: (Wall(since), 0),
            revision: 1,
            metadata: BTreeMap::new(),
        };
        let delta = Delta::Shard(ShardDelta {
            origin: node,
            incarnation: Incarnation(1),
            kind: Kind::Names,
            from: version - 1,
            to: version,
            whole: false,
            changes: vec![(version, key(), Some(Presence::Claim(Arc::new(claim))))],
        });
        self.replica.on_delta(NOW, (node, delta), &|_| true, &mut self.out);
        self.settle();
    }

    fn peer(&mut self, node: NodeId, presentness: Presentness) {
        self.out.happened(Happened::PeerChanged(node, presentness));
        self.settle();
    }

    fn register(&mut self) -> Result<(), CommandError> {
        let result = self.registry.register(NOW, &name(), BTreeMap::new(), &mut self.out);
        self.settle();
        result
    }

    fn settle(&mut self) {
        while let Some(happened) = self.out.poll_happened() {
            if let Happened::PresenceSaid(key, value) = happened {
                self.replica.say(NOW, key, value, &mut self.out);
            } else {
                self.registry.on_happened(NOW, &happened, &self.replica, &mut self.out);
                self.told.push(happened);
            }
        }
    }

    fn owner(&self) -> Option<Owner> {
        self.registry.owner(&name())
    }
}

const NOW: Now = Now { at: Instant(1_000_000), wall: Wall(1_000) };

fn name() -> Name {
    Name::new("planner").unwrap()
}

fn key() -> PresenceKey {
    PresenceKey::Claim(name())
}
