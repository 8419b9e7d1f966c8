//! What watchers and waiters are told.

use std::time::Duration;

use super::world::{LARGE, ME, SMALL, World, key, name, named};
use crate::{
    ids::{NodeId, Ticket},
    outbox::Presentness,
    registry::{ChangeKind, Changes, NameError, Precedence, changes::MAX_CHANGES_PAGE},
    time::Instant,
};

/// K52: a conflict has its own kind, before the change of owner that follows from it.
#[test]
fn conflict_is_told_once_and_before_its_consequence() {
    let mut world = World::new();
    world.claim(LARGE, 1, (0, 200));

    world.claim(SMALL, 1, (0, 100));
    world.peer(SMALL, Presentness::Present);

    let told = told(&world, 0);
    assert_eq!(
        told,
        ["registered LARGE", "conflict SMALL beats LARGE", "removed LARGE", "registered SMALL"]
    );
}

/// K53: the reason is told.
#[test]
fn conflict_names_its_reason() {
    for (winner, why) in [
        ((1, 100), Precedence::Epoch),
        ((0, 100), Precedence::Earlier),
        ((0, 200), Precedence::SmallerId),
    ] {
        let mut world = World::new();
        world.claim(LARGE, 1, (0, 200));

        world.claim(SMALL, 1, winner);

        let told = world.changes(0).into_iter().find_map(|change| {
            if let ChangeKind::Conflict { why, .. } = change.change { Some(why) } else { None }
        });
        assert_eq!(told, Some(why));
    }
}

#[test]
fn incumbent_that_wins_is_not_told_as_new() {
    let mut world = World::new();
    world.claim(SMALL, 1, (0, 100));

    world.claim(LARGE, 1, (0, 200));
    world.others_say((LARGE, 1), key(), None);

    assert_eq!(told(&world, 0), ["registered SMALL", "conflict SMALL beats LARGE"]);
}

#[test]
fn slow_watcher_is_told_what_it_missed() {
    let mut world = World::new();
    let rounds = Changes::CAPACITY / 2 + 10;
    for _ in 0..rounds {
        world.register().unwrap();
        world.deregister().unwrap();
    }

    let (changes, next) = world.registry.changes().after(3, "");

    let missed = u64::try_from(rounds * 2 - Changes::CAPACITY - 3).unwrap();
    assert_eq!(changes.first().map(|change| &change.change), Some(&ChangeKind::Gap { missed }));
    assert_eq!(changes.first().map(|change| change.seq), Some(missed + 3));
    assert_eq!(changes.get(1).map(|change| change.seq), Some(missed + 4));
    assert_eq!(next, missed + 3 + u64::try_from(MAX_CHANGES_PAGE).unwrap());
}

#[test]
fn place_of_another_life_is_a_gap() {
    let mut world = World::new();
    world.register().unwrap();

    let (changes, next) = world.registry.changes().after(900, "");

    assert_eq!(changes.len(), 1);
    assert_eq!(changes.first().map(|change| &change.change), Some(&ChangeKind::Gap { missed: 0 }));
    assert_eq!(next, 1);
}

#[test]
fn wait_ends_at_its_time_and_not_before() {
    let mut world = World::new();
    world.wait(&name(), 1, Duration::from_millis(250));
    let end = Instant(world.now.at.0 + 250_000);
    assert_eq!(world.registry.next_timeout(), Some(end));

    world.now.at = Instant(end.0 - 1);
    world.registry.on_timeout(world.now, &mut world.out);
    let early = world.registry.take_answers();
    world.now.at = end;
    world.registry.on_timeout(world.now, &mut world.out);

    assert_eq!(early, []);
    let refusal = Err(NameError::TimedOut { name: name() }.into());
    assert_eq!(world.registry.take_answers(), [(Ticket(1), refusal)]);
    assert_eq!(world.registry.next_timeout(), None);
}

#[test]
fn wait_for_a_name_that_is_there_ends_at_once() {
    let mut world = World::new();
    world.claim(SMALL, 1, (0, 100));

    let answer = world.wait(&name(), 1, Duration::from_secs(5));

    assert!(answer.is_some());
    assert_eq!(world.wait(&named("nobody"), 2, Duration::from_secs(5)), None);
}

/// The changes in short.
fn told(world: &World, after: u64) -> Vec<String> {
    let who = |node: NodeId| match node {
        SMALL => "SMALL",
        LARGE => "LARGE",
        ME => "ME",
        _ => "nobody",
    };
    let short = |change: ChangeKind| match change {
        ChangeKind::Registered { owner } => format!("registered {}", who(owner.node)),
        ChangeKind::Updated { owner } => format!("updated {}", who(owner.node)),
        ChangeKind::Removed { owner } => format!("removed {}", who(owner.node)),
        ChangeKind::Conflict { winner, loser, .. } => {
            format!("conflict {} beats {}", who(winner.node), who(loser.node))
        }
        ChangeKind::Joined { .. } | ChangeKind::Left { .. } | ChangeKind::Gap { .. } => {
            "something else".to_owned()
        }
    };
    world.changes(after).into_iter().map(|change| short(change.change)).collect()
}
