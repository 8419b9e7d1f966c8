//! The code on both screens, and who cannot make two of them equal.

use std::collections::BTreeSet;

use crate::pairing::{
    AskPhase, Commitment, Hello, LobbyAnswer, LobbyRequest, Nonce, PairingSettings, Refusal,
    Transcript, words::WORDS,
};

use super::world::{Liar, SECOND, World, id};

/// The number of the node in the middle.
const MALLORY: u8 = 60;

#[test]
fn words_are_unlike_each_other() {
    let starts: BTreeSet<&str> = WORDS.iter().map(|word| &word[..3]).collect();
    assert_eq!(starts.len(), 256);
    for (number, word) in WORDS.iter().enumerate() {
        assert!((4..=6).contains(&word.len()), "{word}");
        assert!(word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
        for other in &WORDS[..number] {
            let same_length = other.len() == word.len();
            let unlike = word.bytes().zip(other.bytes()).filter(|(a, b)| a != b).count();
            assert!(!same_length || unlike > 1, "{word} and {other}");
        }
    }
}

#[test]
fn code_depends_on_every_part_of_the_transcript() {
    let base = Transcript {
        joiner: id(1),
        host: id(2),
        cluster: crate::ids::ClusterId([3; 32]),
        joiner_nonce: Nonce([4; 32]),
        host_nonce: Nonce([5; 32]),
    };
    let variants = [
        base,
        Transcript { joiner: id(9), ..base },
        Transcript { host: id(9), ..base },
        Transcript { cluster: crate::ids::ClusterId([9; 32]), ..base },
        Transcript { joiner_nonce: Nonce([9; 32]), ..base },
        Transcript { host_nonce: Nonce([9; 32]), ..base },
        Transcript { joiner: base.host, host: base.joiner, ..base },
    ];

    let digits: BTreeSet<String> = variants.iter().map(|part| part.code().digits).collect();
    let words: BTreeSet<Vec<String>> = variants.iter().map(|part| part.code().words).collect();

    assert_eq!((digits.len(), words.len()), (7, 7));
    assert!(digits.iter().all(|digits| digits.len() == 6));
    assert!(words.iter().all(|words| words.len() == 4));
}

#[test]
fn both_screens_show_one_code() {
    let mut world = World::new(1, 2, &PairingSettings::default());
    world.all_find_all(SECOND);
    world.run(SECOND);

    world.ask(1, 0);
    world.run(SECOND);

    let (host, joiner) = (world.nodes[0].pairing.view(), world.nodes[1].pairing.view());
    let ask = joiner.ask.unwrap();
    assert_eq!(host.requests.len(), 1);
    assert_eq!(ask.digits.as_ref(), Some(&host.requests[0].digits));
    assert_eq!(ask.words, host.requests[0].words);
}

/// Mallory, who has a key of his own, is a host to the joiner and a joiner to the host. He says
/// that he is of the host's cluster, and passes the host's nonce on as his.
#[test]
fn codes_differ_with_someone_in_the_middle() {
    let mut world = World::new(2, 2, &PairingSettings::default());
    let host_nonce = open(&mut world, MALLORY, Nonce([8; 32])).unwrap();
    let cluster = world.nodes[0].standing.certificate.cluster;
    world.liar = Some(Liar::new(MALLORY, None).relaying(cluster, host_nonce));
    world.find_liar();
    world.run(SECOND);

    let ticket = world.ticket();
    world.act(1, |pairing, now| pairing.ask(now, ticket, id(MALLORY)));
    world.run(SECOND);
    let reveal = LobbyRequest::Reveal { nonce: Nonce([8; 32]), proof: None };
    world.put(0, id(MALLORY), reveal);

    let at_host = world.nodes[0].pairing.view().requests.remove(0);
    let at_joiner = world.nodes[1].pairing.view().ask.unwrap();
    assert_eq!(at_joiner.phase, AskPhase::Waiting);
    assert_ne!(at_joiner.digits, Some(at_host.digits));
    assert_ne!(at_joiner.words, at_host.words);
}

#[test]
fn committed_nonce_cannot_be_chosen_again() {
    let mut world = World::new(3, 1, &PairingSettings::default());
    open(&mut world, 50, Nonce([0; 32])).unwrap();

    let other = LobbyRequest::Reveal { nonce: Nonce([1; 32]), proof: None };

    let answer = world.put(0, id(50), other);
    assert_eq!(answer, LobbyAnswer::Refused(Refusal::BadReveal));
    for byte in 2..=255 {
        let reveal = LobbyRequest::Reveal { nonce: Nonce([byte; 32]), proof: None };
        assert!(matches!(world.put(0, id(50), reveal), LobbyAnswer::Refused(_)));
    }
    assert!(world.nodes[0].pairing.view().requests.is_empty());
    assert_eq!(open(&mut world, 50, Nonce([0; 32])), Err(Refusal::Busy));
}

/// To try nonces he must throw requests away; each still takes its place for a while.
#[test]
fn thousand_tries_at_a_code_come_to_sixteen() {
    let mut world = World::new(4, 1, &PairingSettings::default());

    let tries = (0..1000)
        .filter(|number: &u32| {
            let byte = u8::try_from(number % 250).unwrap();
            let opened = open(&mut world, 50 + byte % 100, Nonce([byte; 32])).is_ok();
            world.put(0, id(50 + byte % 100), LobbyRequest::Withdraw);
            opened
        })
        .count();

    assert_eq!(tries, 16);
}

#[test]
fn shown_nonce_cannot_be_changed() {
    let mut world = World::new(5, 1, &PairingSettings::default());
    open(&mut world, 50, Nonce([1; 32])).unwrap();
    let reveal = |byte| LobbyRequest::Reveal { nonce: Nonce([byte; 32]), proof: None };
    assert_eq!(world.put(0, id(50), reveal(1)), LobbyAnswer::Pending);

    let repeated = world.put(0, id(50), reveal(1));
    let changed = world.put(0, id(50), reveal(2));

    assert_eq!(repeated, LobbyAnswer::Pending);
    assert_eq!(changed, LobbyAnswer::Refused(Refusal::BadReveal));
}

fn open(world: &mut World, stranger: u8, nonce: Nonce) -> Result<Nonce, Refusal> {
    let hello: Hello = super::world::lone(stranger, crate::time::Wall(1)).hello(None);
    let commitment = Commitment::seal(id(stranger), nonce);
    let answer = world.put(0, id(stranger), LobbyRequest::Ask { hello, commitment });
    if let LobbyAnswer::Refused(reason) = answer {
        return Err(reason);
    }
    let LobbyAnswer::Asked { nonce, .. } = answer else { panic!("{answer:?}") };
    Ok(nonce)
}
