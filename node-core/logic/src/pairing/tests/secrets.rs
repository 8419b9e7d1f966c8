//! Invites and join keys.

use std::time::Duration;

use crate::{
    certificate::Role,
    node::CommandError,
    pairing::{
        AskPhase, Commitment, LobbyAnswer, LobbyRequest, Nonce, PairingSettings,
        PairingSettingsError, Proof, Refusal,
    },
};

use super::world::{KEY, Liar, SECOND, World, id, lone, with_key};

const REFUSED: Option<AskPhase> = Some(AskPhase::Refused { reason: Refusal::BadProof });
const HOUR: Duration = Duration::from_hours(1);

#[test]
fn invite_admits_without_a_person_and_once() {
    let mut world = found(1, 3, &PairingSettings::default());
    let secret = world.invite(0, Role::Operator, HOUR);

    world.use_invite(1, 0, secret);
    world.run(SECOND);
    world.use_invite(2, 0, secret);
    world.run(SECOND);

    assert_eq!(world.role(1), Role::Operator);
    assert_eq!(world.nodes[0].standing.members.len(), 2);
    assert_eq!(world.phase(2), REFUSED);
    assert!(world.nodes[0].pairing.view().invites.is_empty());
}

#[test]
fn expired_invite_admits_nobody() {
    let mut world = found(2, 2, &PairingSettings::default());
    let secret = world.invite(0, Role::Worker, HOUR);

    world.run(HOUR);
    world.use_invite(1, 0, secret);
    world.run(SECOND);

    assert_eq!(world.phase(1), REFUSED);
    assert_eq!(world.nodes[1].joins, 0);
}

#[test]
fn wrong_secret_admits_nobody() {
    let mut world = found(3, 2, &PairingSettings::default());
    world.invite(0, Role::Worker, HOUR);

    world.use_invite(1, 0, [0; 16]);
    world.run(SECOND);

    assert_eq!(world.phase(1), REFUSED);
    assert_eq!(world.nodes[0].pairing.view().invites.len(), 1);
}

#[test]
fn taken_back_invite_admits_nobody() {
    let mut world = found(4, 2, &PairingSettings::default());
    let secret = world.invite(0, Role::Worker, HOUR);
    let id = world.nodes[0].pairing.view().invites[0].id.clone();

    let ticket = world.ticket();
    world.act(0, |pairing, now| pairing.uninvite(now, ticket, &id));
    world.use_invite(1, 0, secret);
    world.run(SECOND);

    assert_eq!(world.phase(1), REFUSED);
}

#[test]
fn invites_are_bounded_in_number_and_time() {
    let mut world = World::new(5, 1, &PairingSettings::default());
    for _ in 0..32 {
        world.invite(0, Role::Worker, HOUR);
    }

    let ttls = [HOUR, Duration::ZERO, Duration::from_hours(24 * 31)];
    for ttl in ttls {
        let ticket = world.ticket();
        world.act(0, |pairing, now| pairing.invite(now, ticket, Role::Worker, ttl));
    }

    let replies = &world.nodes[0].replies;
    assert_eq!(replies[0], Err(CommandError::Pairing(Refusal::Busy)));
    assert!(matches!(replies[1], Err(CommandError::Invalid { field: "ttl", .. })));
    assert!(matches!(replies[2], Err(CommandError::Invalid { field: "ttl", .. })));
}

#[test]
fn lost_acceptance_is_given_again() {
    let mut world = found(6, 2, &PairingSettings::default());
    let secret = world.invite(0, Role::Worker, HOUR);
    world.latency = Duration::ZERO;
    world.use_invite(1, 0, secret);
    world.run(SECOND);

    let first = world.put(0, id(1), LobbyRequest::Wait);
    let second = world.put(0, id(1), LobbyRequest::Wait);

    assert!(matches!(first, LobbyAnswer::Accepted { .. }));
    assert_eq!(first, second);
    assert_eq!(world.put(0, id(9), LobbyRequest::Wait), LobbyAnswer::Refused(Refusal::NoRequest));
}

#[test]
fn join_key_admits_as_a_worker() {
    let mut world = found(7, 2, &with_key(KEY));

    world.run(10 * SECOND);

    assert_eq!(world.clusters().len(), 1);
    assert_eq!((world.role(0), world.role(1)), (Role::Admin, Role::Worker));
}

#[test]
fn other_join_key_is_left_alone() {
    let mut world = World::new(8, 1, &with_key(KEY));
    world.add(1, &with_key("another long enough key"));
    world.all_find_all(SECOND);

    world.run(30 * SECOND);

    assert_eq!(world.clusters().len(), 2);
    assert!(world.nodes.iter().all(|node| node.asked.is_empty()));
}

/// The liar copies the hash of the key from a hello, lets everyone in, and for a proof sends back
/// the one it was given.
#[test]
fn host_without_the_key_cannot_fake() {
    let mut world = World::new(9, 2, &with_key(KEY));
    let secret = with_key(KEY).secret().unwrap().id();
    world.liar = Some(Liar::new(60, Some(secret)));
    world.find_liar();

    world.run(5 * SECOND);
    assert_eq!(world.phase(1), REFUSED);
    world.all_find_all(SECOND);
    world.run(30 * SECOND);

    assert_eq!(
        world.nodes[1].standing.certificate.cluster,
        world.nodes[0].standing.certificate.cluster
    );
    assert_eq!(world.liar.unwrap().asks, 2);
}

#[test]
fn invite_is_not_taken_from_a_host_without_it() {
    let mut world = World::new(10, 1, &PairingSettings::default());
    world.liar = Some(Liar::new(60, None));
    world.find_liar();

    let ticket = world.ticket();
    world.act(0, |pairing, now| pairing.use_invite(now, ticket, id(60), [9; 16]));
    world.run(SECOND);

    assert_eq!(world.phase(0), REFUSED);
    assert_eq!(world.nodes[0].joins, 0);
}

#[test]
fn proof_of_one_pairing_is_none_of_another() {
    let mut world = found(11, 1, &with_key(KEY));
    world.run(5 * SECOND);
    let nonce = Nonce([3; 32]);
    let hello = lone(9, crate::time::Wall(u64::MAX)).hello(None);
    let commitment = Commitment::seal(id(9), nonce);
    world.put(0, id(9), LobbyRequest::Ask { hello, commitment });

    let secret = with_key(KEY).secret().unwrap().id();
    let stale = Proof { secret, mac: [1; 32] };
    let answer = world.put(0, id(9), LobbyRequest::Reveal { nonce, proof: Some(stale) });

    assert_eq!(answer, LobbyAnswer::Refused(Refusal::BadProof));
}

#[test]
fn short_join_key_is_refused_and_no_key_is_printed() {
    let found = PairingSettingsError::ShortJoinKey { found: 15, least: 16 };
    assert_eq!(with_key("  fifteen letters\n").check(), Err(found));
    assert_eq!(with_key("sixteen letters!").check(), Ok(()));
    assert_eq!(PairingSettings::default().check(), Ok(()));
    assert!(!format!("{:?}", with_key(KEY)).contains("horse"));
}

fn found(seed: u64, count: u8, settings: &PairingSettings) -> World {
    let mut world = World::new(seed, count, settings);
    world.all_find_all(SECOND);
    world.run(SECOND);
    world
}
