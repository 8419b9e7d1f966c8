//! Members that prove themselves in the lobby, and who is turned away.

use std::time::Duration;

use crate::{
    certificate::{Certificate, Role},
    node::CommandError,
    pairing::{AskPhase, LobbyAnswer, LobbyRequest, PairingSettings, Refusal},
    time::Wall,
};

use super::world::{SECOND, World, id, key};

#[test]
fn members_of_one_cluster_meet() {
    let mut world = pair(1);
    world.all_find_all(SECOND);

    world.run(3 * SECOND);

    let (first, second) = (world.nodes[0].id, world.nodes[1].id);
    assert!(world.nodes[0].met.contains(&second));
    assert!(world.nodes[1].met.contains(&first));
    assert!(world.nodes.iter().all(|node| node.pairing.view().nearby.is_empty()));
}

#[test]
fn member_whose_hello_is_from_before_it_joined_is_not_nearby() {
    let mut world = World::new(1, 2, &PairingSettings::default());
    world.all_find_all(SECOND);
    world.run(3 * SECOND);
    let (first, second) = (world.nodes[0].id, world.nodes[1].id);
    let nearby = |world: &World| {
        let view = world.nodes[0].pairing.view();
        view.nearby.iter().map(|near| near.node).collect::<Vec<_>>()
    };
    assert_eq!(nearby(&world), [second]);

    world.nodes[0].standing.members = [first, second].into();
    world.tell_standing(0);

    assert_eq!(nearby(&world), []);
}

#[test]
fn found_again_members_meet_at_most_every_five_seconds() {
    let mut world = pair(2);
    for _ in 0..100 {
        world.all_find_all(Duration::ZERO);
        world.run(Duration::from_millis(100));
    }

    let met = world.nodes[0].met.len();

    assert!((1..=4).contains(&met), "{met}");
}

#[test]
fn certificate_of_someone_else_is_refused() {
    let mut world = pair(3);
    let certificate = world.nodes[1].standing.certificate.clone();

    let answer = admit(&mut world, 7, certificate);

    assert_eq!(answer, LobbyAnswer::Refused(Refusal::BadCertificate));
    assert!(world.nodes[0].met.is_empty());
}

/// K9: in the lobby, the only door that a stranger finds; nothing is met, nothing is kept.
#[test]
fn certificate_of_another_cluster_is_refused() {
    let mut world = pair(4);
    let certificate = super::world::lone(7, Wall(1)).certificate;

    let answer = admit(&mut world, 7, certificate);

    assert_eq!(answer, LobbyAnswer::Refused(Refusal::BadCertificate));
    assert!(world.nodes[0].met.is_empty());
}

#[test]
fn revoked_member_and_whom_it_vouched_for_are_refused() {
    let mut world = pair(5);
    let issued = (9, Wall(1), None);
    let vouched = world.nodes[1].standing.certificate.issue(&key(1), (id(7), Role::Worker), issued);
    world.nodes[0].standing.revoked.insert(id(1));
    world.tell_standing(0);

    let own = world.nodes[1].standing.certificate.clone();

    assert_eq!(admit(&mut world, 1, own), LobbyAnswer::Refused(Refusal::Revoked));
    assert_eq!(admit(&mut world, 7, vouched), LobbyAnswer::Refused(Refusal::Revoked));
}

#[test]
fn revoked_node_cannot_be_admitted() {
    let mut world = World::new(6, 2, &PairingSettings::default());
    world.all_find_all(SECOND);
    world.run(2 * SECOND);
    world.ask(1, 0);
    world.run(SECOND);
    world.nodes[0].standing.revoked.insert(id(1));
    world.tell_standing(0);

    world.accept(0, 1, Role::Worker);
    let ticket = world.ticket();
    world.act(1, |pairing, now| pairing.withdraw(now, ticket));
    world.run(SECOND);
    world.ask(1, 0);
    world.run(SECOND);

    let refused = Err(CommandError::Pairing(Refusal::Revoked));
    assert_eq!(world.nodes[0].replies, [refused]);
    assert_eq!(world.phase(1), Some(AskPhase::Refused { reason: Refusal::Revoked }));
    assert_eq!(world.clusters().len(), 2);
}

#[test]
fn only_an_admin_with_room_in_its_chain_admits() {
    let mut world = World::new(7, 2, &PairingSettings::default());
    world.all_find_all(SECOND);
    world.run(2 * SECOND);
    let founder = world.nodes[0].standing.certificate.clone();
    let mut chain = founder.clone();
    while chain.links.len() < Certificate::MAX_LINKS {
        chain = chain.issue(&key(0), (id(0), Role::Admin), (3, Wall(1), None));
    }
    let worker = founder.issue(&key(0), (id(0), Role::Worker), (3, Wall(1), None));

    for certificate in [chain, worker] {
        world.nodes[0].standing.certificate = certificate;
        world.tell_standing(0);
        world.ask(1, 0);
        world.run(SECOND);
        let cannot = AskPhase::Refused { reason: Refusal::CannotAdmit };
        assert_eq!(world.phase(1), Some(cannot));
    }
    let ticket = world.ticket();
    world.act(0, |pairing, now| pairing.invite(now, ticket, Role::Worker, SECOND));
    let refused = Err(CommandError::Pairing(Refusal::CannotAdmit));
    assert_eq!(world.nodes[0].replies, [refused]);
}

/// Two nodes of one cluster; the second is an admin that the first let in.
fn pair(seed: u64) -> World {
    let mut world = World::new(seed, 2, &PairingSettings::default());
    let host = world.nodes[0].standing.clone();
    let certificate = host.certificate.issue(&host.key, (id(1), Role::Admin), (2, Wall(1), None));
    world.nodes[1].standing.certificate = certificate;
    for node in 0..2 {
        world.nodes[node].standing.members = [id(0), id(1)].into();
        world.tell_standing(node);
    }
    world
}

fn admit(world: &mut World, from: u8, certificate: Certificate) -> LobbyAnswer {
    world.put(0, id(from), LobbyRequest::Admit { certificate, addresses: Vec::new() })
}
