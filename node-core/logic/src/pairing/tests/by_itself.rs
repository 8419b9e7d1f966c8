//! Nodes that ask by themselves.

use std::time::Duration;

use crate::{
    certificate::Role,
    pairing::{AskPhase, PairingSettings, Refusal},
    time::Wall,
};

use super::world::{KEY, SECOND, World, with_key};

#[test]
fn seven_lone_nodes_with_one_key_end_in_one_cluster() {
    for seed in 0..50 {
        let mut world = World::new(seed, 7, &with_key(KEY));
        world.latency = Duration::from_millis(200);
        world.all_find_all(Duration::from_secs(3));

        world.run(Duration::from_secs(30));

        assert_eq!(world.clusters().len(), 1, "seed {seed}");
        assert!(world.nodes[1..].iter().all(|node| node.joins == 1), "seed {seed}");
    }
}

/// Where some never see the eldest, they still come in through it: it sees them.
#[test]
fn lone_nodes_found_one_way_only_end_in_one_cluster() {
    for seed in 0..20 {
        let mut world = World::new(seed, 4, &with_key(KEY));
        world.latency = Duration::from_millis(100);
        world.find_only(0);

        world.run(Duration::from_secs(60));

        assert_eq!(world.clusters().len(), 1, "seed {seed}");
    }
}

/// An acceptance that is lost on its way is given again.
#[test]
fn lossy_lobby_ends_in_one_cluster_too() {
    for seed in 0..20 {
        let mut world = World::new(seed, 5, &with_key(KEY));
        (world.latency, world.loss) = (Duration::from_millis(100), 20);
        for _ in 0..60 {
            world.all_find_all(SECOND);
            world.run(2 * SECOND);
        }

        assert_eq!(world.clusters().len(), 1, "seed {seed}");
        assert_eq!(world.nodes[0].standing.members.len(), 5, "seed {seed}");
    }
}

#[test]
fn late_node_joins_through_the_founder() {
    let mut world = World::new(1, 3, &with_key(KEY));
    world.all_find_all(SECOND);
    world.run(Duration::from_secs(20));
    let late = world.add(3, &with_key(KEY));
    world.all_find_all(SECOND);

    world.run(Duration::from_secs(60));

    assert_eq!(world.clusters().len(), 1);
    assert_eq!(world.nodes[late].joins, 1);
}

/// Of nodes founded at the same instant, the one whose address the others have need not be the
/// eldest: it joins another, may admit nobody, and says who may.
#[test]
fn nodes_that_know_one_address_end_in_one_cluster_whoever_is_the_eldest() {
    for seed in 0..50 {
        let mut world = World::new(seed, 4, &with_key(KEY));
        world.latency = Duration::from_millis(100);
        for _ in 0..8 {
            for other in [0, 1, 3] {
                world.found_by(other, 2);
            }
            world.run(Duration::from_secs(10));
        }

        assert_eq!(world.role(2), Role::Worker, "seed {seed}");
        assert!(!world.nodes[3].located.is_empty(), "seed {seed}");
        assert_eq!(world.clusters().len(), 1, "seed {seed}");
    }
}

#[test]
fn two_clusters_with_one_key_stay_apart() {
    let mut world = World::new(2, 2, &with_key(KEY));
    for node in 0..2 {
        let other = super::world::id(80 + u8::try_from(node).unwrap());
        world.nodes[node].standing.members.insert(other);
        world.tell_standing(node);
    }
    world.all_find_all(SECOND);

    world.run(Duration::from_secs(30));

    assert_eq!(world.clusters().len(), 2);
    assert!(world.nodes.iter().all(|node| node.asked.is_empty()));
}

#[test]
fn lone_node_asks_the_largest_cluster_then_the_oldest() {
    let settings = PairingSettings::default();
    for (members, expected) in [([1, 1, 1], Some(0)), ([1, 2, 3], Some(2)), ([1, 2, 2], Some(1))] {
        let mut world = World::new(3, 3, &settings);
        world.add(3, &asking());
        for (node, count) in members.into_iter().enumerate() {
            let others = (0..count - 1).map(|number| super::world::id(80 + number));
            world.nodes[node].standing.members.extend(others);
            world.tell_standing(node);
        }
        world.all_find_all(SECOND);

        world.run(Duration::from_secs(5));

        let joiner = world.nodes[3].id;
        let asked = world.nodes.iter().position(|node| node.asked.contains(&joiner));
        assert_eq!(asked, expected, "{members:?}");
        assert_eq!(world.phase(3), Some(AskPhase::Waiting));
    }
}

#[test]
fn lone_node_asks_once_it_is_told_to() {
    let mut world = World::new(3, 2, &PairingSettings::default());
    world.all_find_all(SECOND);
    world.run(Duration::from_secs(10));
    let younger = world.phase(1);

    world.act(1, |pairing, now| pairing.set_ask_by_itself(now, true));
    world.run(Duration::from_secs(2));

    assert_eq!((younger, world.phase(1)), (None, Some(AskPhase::Waiting)));
}

#[test]
fn eldest_of_lone_nodes_asks_nobody() {
    let mut world = World::new(4, 3, &asking());
    world.all_find_all(SECOND);

    world.run(Duration::from_secs(30));

    assert_eq!(world.phase(0), None);
    assert_eq!(world.nodes[0].pairing.view().requests.len(), 2);
}

#[test]
fn nobody_is_asked_before_two_seconds() {
    let mut world = World::new(5, 2, &asking());
    world.all_find_all(Duration::ZERO);

    world.run(Duration::from_millis(1900));
    assert_eq!(world.phase(1), None);
    world.run(Duration::from_millis(400));

    assert_eq!(world.phase(1), Some(AskPhase::Waiting));
}

#[test]
fn refusal_and_expiry_are_not_asked_again() {
    for refused in [true, false] {
        let mut world = World::new(6, 2, &asking());
        world.all_find_all(SECOND);
        world.run(Duration::from_secs(5));

        if refused {
            world.refuse(0, 1);
        }
        world.run(Duration::from_hours(2));

        let reason = if refused { Refusal::Refused } else { Refusal::Expired };
        assert_eq!(world.phase(1), Some(AskPhase::Refused { reason }));
        assert_eq!(world.nodes[0].asked.len(), 1);
    }
}

#[test]
fn node_without_leave_asks_nobody() {
    let mut world = World::new(7, 3, &PairingSettings::default());
    world.all_find_all(SECOND);

    world.run(Duration::from_secs(60));

    assert!(world.nodes.iter().all(|node| node.asked.is_empty()));
}

#[test]
fn member_of_a_cluster_asks_nobody() {
    let mut world = World::new(8, 1, &PairingSettings::default());
    world.add(1, &asking());
    world.nodes[1].standing.members.insert(super::world::id(80));
    world.nodes[1].standing.founded = Wall(u64::MAX);
    world.tell_standing(1);
    world.all_find_all(SECOND);

    world.run(Duration::from_secs(30));

    assert!(world.nodes[0].asked.is_empty());
    assert_eq!(world.role(1), Role::Admin);
}

fn asking() -> PairingSettings {
    PairingSettings { join_key: None, ask_by_itself: true }
}
