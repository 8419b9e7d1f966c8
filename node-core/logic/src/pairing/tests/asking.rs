//! Ask and accept, refuse, withdraw, and time running out.

use std::time::Duration;

use crate::{
    certificate::Role,
    event::Fact,
    node::CommandError,
    pairing::{AskPhase, LobbyAnswer, Pairing, PairingSettings, Refusal},
};

use super::world::{SECOND, World};

#[test]
fn accepted_stranger_is_a_member_within_a_second() {
    let mut world = waiting(1);

    world.accept(0, 1, Role::Operator);
    world.run(SECOND);

    assert_eq!(world.clusters().len(), 1);
    assert_eq!(world.role(1), Role::Operator);
    assert_eq!(world.nodes[0].replies, [Ok(crate::node::Outcome::Done)]);
    assert!(world.nodes[0].pairing.view().requests.is_empty());
    assert_eq!(world.phase(1), None);
}

#[test]
fn host_reads_of_the_request_and_of_its_refusal() {
    let mut world = waiting(2);
    let digits = world.nodes[0].pairing.view().requests[0].digits.clone();

    world.refuse(0, 1);
    world.run(SECOND);

    let node = world.nodes[1].id;
    let name = String::from("node 1");
    let asked = Fact::JoinAsked { node, name, code: digits };
    assert_eq!(world.nodes[0].facts, [asked, Fact::JoinRefused { node }]);
    assert_eq!(world.phase(1), Some(AskPhase::Refused { reason: Refusal::Refused }));
}

#[test]
fn refused_stranger_waits_twice_as_long_each_time() {
    let mut world = waiting(3);
    world.refuse(0, 1);
    world.run(SECOND);

    for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
        world.run(Duration::from_mins(minutes) - 3 * SECOND);
        again(&mut world);
        assert_eq!(world.phase(1), Some(AskPhase::Refused { reason: Refusal::Busy }), "{minutes}");
        world.run(3 * SECOND);
        again(&mut world);
        assert_eq!(world.phase(1), Some(AskPhase::Waiting), "{minutes}");
        world.refuse(0, 1);
        world.run(Duration::from_millis(500));
    }
}

#[test]
fn request_ends_after_two_minutes() {
    let mut world = waiting(4);

    world.run(Pairing::REQUEST_TIMEOUT + SECOND);

    assert!(world.nodes[0].pairing.view().requests.is_empty());
    assert_eq!(world.phase(1), Some(AskPhase::Refused { reason: Refusal::Expired }));
    world.accept(0, 1, Role::Worker);
    let refused = Err(CommandError::Pairing(Refusal::NoRequest));
    assert_eq!(world.nodes[0].replies, [refused]);
    again(&mut world);
    assert_eq!(world.phase(1), Some(AskPhase::Waiting));
}

#[test]
fn withdrawn_request_leaves_the_host() {
    let mut world = waiting(5);

    let ticket = world.ticket();
    world.act(1, |pairing, now| pairing.withdraw(now, ticket));
    world.run(SECOND);

    assert!(world.nodes[0].pairing.view().requests.is_empty());
    assert_eq!(world.phase(1), None);
    again(&mut world);
    assert_eq!(world.nodes[0].pairing.view().requests.len(), 1);
}

#[test]
fn silent_host_is_shown_as_unreachable() {
    let mut world = waiting(6);
    world.nodes[0].reachable = false;

    world.run(Duration::from_secs(32));

    assert_eq!(world.phase(1), Some(AskPhase::Unreachable));
}

#[test]
fn short_silence_of_the_host_is_outlasted() {
    let mut world = waiting(7);
    world.nodes[0].reachable = false;
    world.run(5 * SECOND);
    world.nodes[0].reachable = true;

    world.accept(0, 1, Role::Worker);
    world.run(2 * SECOND);

    assert_eq!(world.clusters().len(), 1);
}

#[test]
fn elder_hosts_when_two_ask_each_other() {
    for seed in 0..50 {
        let mut world = World::new(seed, 2, &PairingSettings::default());
        world.all_find_all(SECOND);
        world.run(2 * SECOND);

        world.ask(0, 1);
        world.ask(1, 0);
        world.run(SECOND);

        let (elder, younger) = (world.nodes[0].pairing.view(), world.nodes[1].pairing.view());
        assert_eq!((elder.requests.len(), younger.requests.len()), (1, 0), "seed {seed}");
        world.accept(0, 1, Role::Worker);
        world.run(SECOND);
        assert_eq!(world.clusters().len(), 1, "seed {seed}");
    }
}

#[test]
fn node_that_waits_alone_lets_nobody_in() {
    let mut world = World::new(8, 3, &PairingSettings::default());
    world.all_find_all(SECOND);
    world.run(2 * SECOND);
    world.ask(1, 0);
    world.run(SECOND);

    world.ask(2, 1);
    world.run(SECOND);

    assert_eq!(world.phase(2), Some(AskPhase::Refused { reason: Refusal::Busy }));
    assert_eq!(world.nodes[2].refusals, [LobbyAnswer::Refused(Refusal::Busy)]);
}

#[test]
fn unknown_node_cannot_be_asked() {
    let mut world = World::new(9, 2, &PairingSettings::default());

    world.ask(1, 0);

    let node = world.nodes[0].id;
    assert_eq!(world.nodes[1].replies, [Err(CommandError::NoNode { node })]);
}

#[test]
fn joiner_drops_its_own_visitors_and_invites() {
    let mut world = World::new(10, 3, &PairingSettings::default());
    world.all_find_all(SECOND);
    world.run(2 * SECOND);
    world.invite(1, Role::Worker, Duration::from_hours(1));
    world.ask(2, 1);
    world.run(SECOND);
    assert_eq!(world.nodes[1].pairing.view().requests.len(), 1);

    world.ask(1, 0);
    world.run(SECOND);
    world.accept(0, 1, Role::Admin);
    world.run(SECOND);

    let view = world.nodes[1].pairing.view();
    assert!(view.requests.is_empty() && view.invites.is_empty());
    assert_eq!(world.phase(2), Some(AskPhase::Refused { reason: Refusal::NoRequest }));
}

/// Two lone nodes, the younger of which waits for the elder.
fn waiting(seed: u64) -> World {
    let mut world = World::new(seed, 2, &PairingSettings::default());
    world.all_find_all(SECOND);
    world.run(SECOND + SECOND / 10);
    world.ask(1, 0);
    world.run(SECOND);
    assert_eq!(world.phase(1), Some(AskPhase::Waiting));
    world.nodes[1].replies.clear();
    world
}

fn again(world: &mut World) {
    world.ask(1, 0);
    world.run(Duration::from_millis(500));
}
