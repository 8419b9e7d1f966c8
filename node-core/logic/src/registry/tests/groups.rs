//! Names with several owners.

use std::sync::Arc;

use super::world::{LARGE, ME, SMALL, World, metadata, named};
use crate::{
    ids::{Epoch, Name, NodeId},
    outbox::{Owner, Presentness},
    registry::NameError,
    replica::{Claim, Joined, PresenceKey},
    time::Wall,
};

/// K59: members of several nodes, gone with their node or agent.
#[test]
fn members_go_with_their_node_and_their_agent() {
    let mut world = World::new();
    let agent = named("printer");
    world.runs(&agent, 7);
    join(&mut world, None).unwrap();
    join(&mut world, Some(&agent)).unwrap();
    for node in [SMALL, LARGE] {
        let place = Joined { group: group(), agent: None };
        let key = PresenceKey::Joined(Arc::new(place));
        world.others_say((node, 1), key, Some(Claim::bare((Wall(5), 0))));
    }
    assert_eq!(
        members(&world),
        [(SMALL, None), (ME, None), (ME, Some(agent.clone())), (LARGE, None)]
    );

    world.peer(LARGE, Presentness::Absent);
    world.gone(&agent, 7);

    assert_eq!(members(&world), [(SMALL, None), (ME, None)]);
}

/// K49: who wants something of everyone under a key finds each holder with what it tells; a key that
/// nobody holds has no holders, whether as a name or as a group, and there is nothing to do.
#[test]
fn holders_of_a_key_are_found_with_what_they_tell() {
    let mut world = World::new();
    let agent = named("printer");
    world.runs(&agent, 7);
    let told = metadata(&[("room", "3")]);
    world.registry.join(world.now, (&group(), Some(&agent), told), &mut world.out).unwrap();
    let place = Joined { group: group(), agent: None };
    let claim = Claim { metadata: metadata(&[("room", "7")]), ..Claim::bare((Wall(5), 0)) };
    world.others_say((SMALL, 1), PresenceKey::Joined(Arc::new(place)), Some(claim));

    let found = |key: &Name| -> Vec<_> {
        let members = world.registry.members(key).into_iter();
        members.map(|it| (it.node, it.agent, it.epoch, it.metadata)).collect()
    };

    let theirs = (SMALL, None, Epoch(0), metadata(&[("room", "7")]));
    let ours = (ME, Some(agent.clone()), Epoch(7), metadata(&[("room", "3")]));
    assert_eq!(found(&group()), [theirs, ours]);
    assert_eq!(found(&named("nobody")), []);
    assert_eq!(
        world.registry.owner(&agent),
        Some(Owner { node: ME, epoch: Epoch(7), token: None })
    );
    assert_eq!(world.registry.owner(&named("nobody")), None);
}

#[test]
fn member_leaves_once() {
    let mut world = World::new();
    join(&mut world, None).unwrap();
    world.registry.quit(group(), None, &mut world.out).unwrap();
    world.settle();

    let again = world.registry.quit(group(), None, &mut world.out);

    assert_eq!(again, Err(NameError::NotJoined { group: group(), agent: None }.into()));
    assert_eq!(world.registry.groups(), []);
}

#[test]
fn agent_that_does_not_run_here_cannot_join() {
    let mut world = World::new();
    let agent = named("printer");

    let refused = join(&mut world, Some(&agent));

    assert_eq!(refused, Err(NameError::NotRunningHere { agent }.into()));
}

#[test]
fn later_life_of_an_agent_is_in_no_group() {
    let mut world = World::new();
    let agent = named("printer");
    world.runs(&agent, 7);
    join(&mut world, Some(&agent)).unwrap();

    world.gone(&agent, 7);
    world.runs(&agent, 8);

    assert_eq!(world.registry.owner(&agent).map(|owner| owner.epoch), Some(Epoch(8)));
    assert_eq!(members(&world), []);
}

fn join(world: &mut World, agent: Option<&Name>) -> Result<(), crate::CommandError> {
    let outcome = world.registry.join(world.now, (&group(), agent, metadata(&[])), &mut world.out);
    world.settle();
    outcome
}

fn members(world: &World) -> Vec<(NodeId, Option<Name>)> {
    let members = world.registry.members(&group());
    members.into_iter().map(|member| (member.node, member.agent)).collect()
}

fn group() -> Name {
    named("printers")
}
