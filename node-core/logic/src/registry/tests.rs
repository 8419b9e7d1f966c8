//! Who owns a name, how it is found, watched and waited for.

mod agreement;
mod backends;
mod bounds;
mod changes;
mod groups;
mod search;
mod world;

use world::{LARGE, ME, SMALL, World, key, name};

use crate::{
    event::Fact,
    ids::Epoch,
    node::CommandError,
    outbox::{Happened, Owner, Presentness},
    registry::{Metadata, NameError, Precedence},
};

#[test]
fn earlier_claim_keeps_the_name() {
    let mut world = World::new();

    world.claim(LARGE, 1, (0, 100));
    world.claim(SMALL, 1, (0, 200));

    assert_eq!(world.owner(), Some(Owner { node: LARGE, epoch: Epoch(0), token: None }));
}

#[test]
fn higher_epoch_takes_the_name_from_an_earlier_claim() {
    let mut world = World::new();

    world.claim(LARGE, 1, (4, 100));
    world.claim(SMALL, 1, (5, 200));

    assert_eq!(world.owner(), Some(Owner { node: SMALL, epoch: Epoch(5), token: None }));
}

#[test]
fn smaller_node_wins_between_equal_claims() {
    let mut world = World::new();

    world.claim(LARGE, 1, (0, 100));
    world.claim(SMALL, 1, (0, 100));

    assert_eq!(world.owner(), Some(Owner { node: SMALL, epoch: Epoch(0), token: None }));
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

    let refused = world.deregister();

    assert_eq!(refused, Err(CommandError::NotRegistered { name: name() }));
}

/// K53: the loser learns who won, why, and what both said of the name.
#[test]
fn loser_learns_both_values_and_the_reason() {
    let mut world = World::new();
    world.register_with(&[("room", "3")]).unwrap();

    world.claim_with(SMALL, 1, (0, 100), &[("room", "7")]);

    let told = world.facts.iter().find_map(|fact| {
        let Fact::ClaimLost { winner, why, lost, won, .. } = fact else { return None };
        Some((*winner, *why, lost.clone(), won.clone()))
    });
    let values = |room: &str| Metadata::from([("room".to_owned(), room.into())]);
    assert_eq!(told, Some((SMALL, Precedence::Earlier, values("3"), values("7"))));
}

/// K44: of a hundred that race for one name on one node, one wins and 99 are told who.
#[test]
fn hundred_racers_have_one_winner() {
    let mut world = World::new();
    let agents: Vec<_> = (0..100).map(|n| world::named(&format!("agent-{n}"))).collect();
    for agent in &agents {
        world.runs(agent, 7);
    }

    let outcomes: Vec<_> = agents.iter().map(|agent| world.register_for(agent, &name())).collect();

    let held = NameError::HeldHere { name: name(), holder: agents.first().cloned() };
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(outcomes.iter().skip(1).all(|outcome| *outcome == Err(held.clone().into())));
}

/// K45: the names of an agent go when it ends, and those of others stay.
#[test]
fn names_of_an_agent_end_with_it() {
    let mut world = World::new();
    let agent = world::named("printer");
    world.runs(&agent, 7);
    for n in 0..50 {
        world.register_for(&agent, &world::named(&format!("queue-{n}"))).unwrap();
    }
    world.register().unwrap();

    world.gone(&agent, 7);

    let left: Vec<_> = world.registry.owners().map(|(name, _)| name.clone()).collect();
    assert_eq!(left, [name()]);
}

/// The end of an earlier life leaves what the later one claimed.
#[test]
fn late_end_of_an_earlier_life_takes_nothing() {
    let mut world = World::new();
    let agent = world::named("printer");
    world.runs(&agent, 7);
    world.runs(&agent, 8);

    world.gone(&agent, 7);

    assert_eq!(
        world.registry.owner(&agent),
        Some(Owner { node: ME, epoch: Epoch(8), token: None })
    );
}

/// K46: metadata changes only from the revision that the writer saw.
#[test]
fn stale_revision_changes_nothing() {
    let mut world = World::new();
    world.register().unwrap();
    let first = world.revision();
    let second = world.set(Some(first), &[("room", "3")]).unwrap();

    let refused = world.set(Some(first), &[("room", "7")]);

    let conflict = NameError::Conflict { name: name(), revision: second };
    assert_eq!(refused, Err(conflict.into()));
    assert_eq!(world.revision(), second);
}

/// A name given up and claimed again is not taken for the one before.
#[test]
fn revision_never_comes_back() {
    let mut world = World::new();
    world.register().unwrap();
    let first = world.revision();
    world.deregister().unwrap();
    world.register().unwrap();

    let refused = world.set(Some(first), &[("room", "7")]);

    let conflict = NameError::Conflict { name: name(), revision: world.revision() };
    assert_eq!(refused, Err(conflict.into()));
}

/// K46: who does not own a name is told who does.
#[test]
fn metadata_of_another_node_is_refused_with_its_owner() {
    let mut world = World::new();
    world.claim(SMALL, 1, (0, 100));

    let refused = world.set(None, &[("room", "7")]);

    assert_eq!(refused, Err(NameError::NotOwner { name: name(), owner: SMALL }.into()));
}

/// K51: a field without values, one with an empty value and none at all are three things.
#[test]
fn missing_field_is_not_an_empty_one() {
    let mut world = World::new();
    world.register_with(&[("empty", "")]).unwrap();

    let metadata = world.registry.claim(&name(), ME).unwrap().metadata.clone();

    assert_eq!(metadata.get("empty"), Some(&"".into()));
    assert_eq!(metadata.get("missing"), None);
    assert_eq!(serde_json::to_string(&metadata).unwrap(), r#"{"empty":""}"#);
}
