//! What ten thousand strangers cost.

use std::time::Duration;

use crate::{
    ids::NodeId,
    pairing::{
        Commitment, Hello, LobbyAnswer, LobbyRequest, Nonce, PairingSettings, Proof, SecretId,
    },
    time::Wall,
};

use super::world::{SECOND, World, lone};

#[test]
fn ten_thousand_strangers_leave_sixteen_requests() {
    let mut world = World::new(1, 2, &PairingSettings::default());
    world.all_find_all(SECOND);
    world.run(2 * SECOND);
    for number in 0..10_000 {
        let (stranger, hello) = stranger(number);
        let nonce = Nonce([1; 32]);
        let commitment = Commitment::seal(stranger, nonce);
        world.put(0, stranger, LobbyRequest::Ask { hello, commitment });
        world.put(0, stranger, LobbyRequest::Reveal { nonce, proof: None });
    }

    let view = world.nodes[0].pairing.view();

    assert_eq!(view.requests.len(), 16);
    assert_eq!(view.nearby.len(), 256);
    assert!(view.nearby.iter().any(|near| near.node == world.nodes[1].id), "found, so kept");
    assert!(view.nearby.iter().all(|near| near.name.chars().count() <= 40));
    assert!(world.nodes[0].facts.len() <= 16);
}

#[test]
fn places_are_free_again_when_requests_end() {
    let mut world = World::new(2, 1, &PairingSettings::default());
    for number in 0..100 {
        let (stranger, hello) = stranger(number);
        let commitment = Commitment([0; 32]);
        world.put(0, stranger, LobbyRequest::Ask { hello, commitment });
    }

    // The unrevealed requests end after ten seconds; no place is held for longer.
    world.run(11 * SECOND);
    let (last, hello) = stranger(200);
    let commitment = Commitment([0; 32]);
    let answer = world.put(0, last, LobbyRequest::Ask { hello, commitment });

    assert!(matches!(answer, LobbyAnswer::Asked { .. }));
}

#[test]
fn everything_is_forgotten_in_time() {
    let mut world = World::new(3, 1, &PairingSettings::default());
    for number in 0..1000 {
        let (stranger, hello) = stranger(number);
        let commitment = Commitment([0; 32]);
        world.put(0, stranger, LobbyRequest::Hello(hello.clone()));
        world.put(0, stranger, LobbyRequest::Ask { hello, commitment });
        world.put(0, stranger, LobbyRequest::Reveal { nonce: Nonce([1; 32]), proof: None });
    }

    world.run(Duration::from_hours(3));

    assert_eq!(world.nodes[0].pairing.view(), Default::default());
    assert_eq!(world.nodes[0].pairing.next_timeout(), None);
}

/// `put` itself asserts that each request has one answer, in the same step.
#[test]
fn every_request_has_one_answer_in_every_state() {
    let mut world = World::new(4, 2, &PairingSettings::default());
    world.all_find_all(SECOND);
    world.run(2 * SECOND);
    for state in 0..3 {
        for seed in 0..200 {
            let (stranger, hello) = stranger(seed % 20);
            let request = match seed % 7 {
                0 => LobbyRequest::Hello(hello),
                1 | 2 => {
                    let commitment = Commitment::seal(stranger, Nonce([1; 32]));
                    LobbyRequest::Ask { hello, commitment }
                }
                3 => LobbyRequest::Reveal { nonce: Nonce([1; 32]), proof: None },
                4 => {
                    let proof = Some(Proof { secret: SecretId([0; 16]), mac: [0; 32] });
                    LobbyRequest::Reveal { nonce: Nonce([1; 32]), proof }
                }
                5 => LobbyRequest::Wait,
                _ => LobbyRequest::Withdraw,
            };
            world.put(1, stranger, request);
        }
        match state {
            0 => world.ask(1, 0),
            _ => world.accept(0, 1, crate::certificate::Role::Worker),
        }
        world.run(SECOND);
    }
    let me = world.nodes[1].id;
    world.put(1, me, LobbyRequest::Wait);
}

fn stranger(number: u32) -> (NodeId, Hello) {
    let mut node = [0xaa; 32];
    node[..4].copy_from_slice(&number.to_be_bytes());
    let mut hello = lone(40, Wall(1)).hello(None);
    hello.name = "x\u{202e}\n".repeat(1000);
    (NodeId(node), hello)
}
