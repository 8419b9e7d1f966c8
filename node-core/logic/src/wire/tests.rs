//! Bytes from outside.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::{
    event_store::Extent,
    ids::{Incarnation, NodeId},
    membership::{Detect, Lifesign},
    pairing::{LobbyAnswer, LobbyRequest},
    replica::{Delta, Digest, HoldingDigest, Repair, ShardDigest},
    wire::{DecodeError, Message, Publication, VERSION, decode, encode},
};

#[test]
fn message_survives_the_wire() {
    let origin = NodeId([3; 32]);
    let shards = [ShardDigest { version: 5, hash: 6 }; 3];
    let holding = HoldingDigest { origin, incarnation: Incarnation(4), shards };
    let digest = Digest {
        groups: vec![3],
        holdings: vec![holding],
        events: vec![(origin, Extent::up_to(7))],
    };
    let message = Message::Repair(Repair::Compare { turn: 1, digest });

    assert_eq!(decode(&encode(&message)), Ok(message));
}

#[test]
fn heartbeat_keeps_its_bytes() {
    let sign = Lifesign { incarnation: Incarnation(7), refuted: 2 };
    let message = Message::Detect(Detect::Heartbeat { sign, seq: 300, waking: true });

    assert_eq!(encode(&message), [VERSION, 0, 0, 7, 2, 0xac, 2, 1]);
}

#[test]
fn other_version_is_refused_by_name() {
    let mut bytes = encode(&Publication::Delta(Delta::Shared(Vec::new())));
    bytes[0] = 9;

    assert_eq!(decode::<Publication>(&bytes), Err(DecodeError::Version(9)));
}

#[test]
fn trailing_bytes_are_refused() {
    let mut bytes = encode(&Publication::Delta(Delta::Shared(Vec::new())));
    bytes.push(0);

    assert_eq!(decode::<Publication>(&bytes), Err(DecodeError::Garbled));
}

#[test]
fn any_bytes_give_a_value_or_an_error() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for round in 0..20_000_u32 {
        let mut bytes = vec![0; usize::try_from(round % 300).unwrap()];
        rng.fill_bytes(&mut bytes);
        if let Some(first) = bytes.first_mut() {
            *first = VERSION;
        }

        drop(decode::<Message>(&bytes));
        drop(decode::<Publication>(&bytes));
        drop(decode::<LobbyRequest>(&bytes));
        drop(decode::<LobbyAnswer>(&bytes));
    }
}
