//! Signs of life, accusations and refutations.

use std::time::Duration;

use super::watcher::{ME, Watcher, peer, sign};
use crate::{
    ids::Incarnation,
    membership::{Detect, Lifesign, PeerState, Reach},
};

/// K12.
#[test]
fn one_heartbeat_makes_nobody_alive() {
    let mut watcher = Watcher::connected(1);

    watcher.heartbeat(1, sign(0));

    assert_eq!(watcher.state(1), PeerState::Unseen);
    watcher.heartbeat(1, sign(0));
    assert_eq!(watcher.state(1), PeerState::Alive);
}

/// K18.
#[test]
fn accused_node_raises_its_count_and_tells_everyone() {
    let mut watcher = Watcher::of(3);

    watcher.hears(1, Detect::Accusation { target: ME, sign: sign(0) });

    let refutation = Detect::Refutation { target: ME, sign: sign(1) };
    assert_eq!(watcher.sent(), [1, 2, 3].map(|number| (peer(number), refutation)));
}

/// K18, K23.
#[test]
fn accusation_that_was_refuted_before_is_answered_to_its_maker_alone() {
    let mut watcher = Watcher::of(3);
    watcher.hears(1, Detect::Accusation { target: ME, sign: sign(0) });
    watcher.sent();

    watcher.hears(2, Detect::Accusation { target: ME, sign: sign(0) });

    let refutation = Detect::Refutation { target: ME, sign: sign(1) };
    assert_eq!(watcher.sent(), [(peer(2), refutation)]);
}

/// K18.
#[test]
fn refutation_ends_suspicion_and_reaches_the_other_accusers() {
    let mut watcher = Watcher::of(3);
    watcher.hears_for(Duration::from_secs(3), &[2, 3]);
    assert_eq!(watcher.state(1), PeerState::Suspect);
    watcher.hears(3, Detect::Accusation { target: peer(1), sign: sign(0) });
    watcher.sent();

    let refutation = Detect::Refutation { target: peer(1), sign: sign(1) };
    watcher.hears(2, refutation);

    assert_eq!(watcher.state(1), PeerState::Alive);
    assert_eq!(watcher.sent(), [(peer(3), refutation)]);
}

/// K18.
#[test]
fn suspicion_is_told_to_the_suspect_and_to_everyone() {
    let mut watcher = Watcher::of(4);

    watcher.hears_for(Duration::from_secs(3), &[2, 3, 4]);

    let accusation = Detect::Accusation { target: peer(1), sign: sign(0) };
    let told: Vec<_> = watcher.sent().into_iter().filter(|(_, said)| *said == accusation).collect();
    for number in 1..=4 {
        assert!(told.contains(&(peer(number), accusation)), "{number}: {told:?}");
    }
}

/// K23.
#[test]
fn older_signs_change_nothing() {
    let mut watcher = Watcher::of(3);
    watcher.heartbeat(1, sign(2));
    watcher.hears_for(Duration::from_secs(3), &[2, 3]);
    assert_eq!(watcher.state(1), PeerState::Suspect);
    let old_life = Lifesign { incarnation: Incarnation(4), refuted: 9 };
    watcher.sent();

    for old in [sign(1), old_life] {
        watcher.heartbeat(1, old);
        watcher.hears(2, Detect::Refutation { target: peer(1), sign: old });
        watcher.hears(2, Detect::Accusation { target: peer(1), sign: old });
    }
    watcher.hears(1, Detect::Goodbye { incarnation: Incarnation(4) });
    watcher.hears(1, Detect::Sleep { incarnation: Incarnation(4), seq: 1_000 });
    watcher.hears(2, Detect::Refutation { target: peer(1), sign: sign(2) });

    assert_eq!(watcher.state(1), PeerState::Suspect);
    assert_eq!(watcher.node.peers[&peer(1)].sign, sign(2));
    assert!(watcher.node.peers[&peer(1)].accusers.is_empty());
    let answer = Detect::Refutation { target: peer(1), sign: sign(2) };
    assert_eq!(watcher.sent(), [(peer(2), answer)], "to the accusation of this life alone");
}

/// K23.
#[test]
fn later_life_needs_two_heartbeats_and_voids_the_earlier() {
    let mut watcher = Watcher::of(2);
    watcher.hears(1, Detect::Goodbye { incarnation: Incarnation(5) });
    let next = Lifesign { incarnation: Incarnation(6), refuted: 0 };

    watcher.heartbeat(1, next);
    assert_eq!(watcher.state(1), PeerState::Left);
    watcher.heartbeat(1, sign(7));
    assert_eq!(watcher.state(1), PeerState::Left);
    watcher.heartbeat(1, next);

    assert_eq!(watcher.state(1), PeerState::Alive);
}

/// K17.
#[test]
fn peer_that_another_hears_stays_alive() {
    let mut watcher = Watcher::of(3);

    for _ in 0..40 {
        watcher.hears_for(Duration::from_millis(500), &[2, 3]);
        let probes: Vec<_> = watcher
            .sent()
            .into_iter()
            .filter(|(_, said)| matches!(said, Detect::Probe { .. }))
            .collect();
        if !probes.is_empty() {
            let (target, incarnation) = (peer(1), Incarnation(5));
            let reach = Reach::Heard { silence_ms: 400 };
            watcher.hears(2, Detect::ProbeAnswer { target, incarnation, reach });
        }
        assert_eq!(watcher.state(1), PeerState::Alive);
    }
}

/// K17: what another heard long ago is no sign of life.
#[test]
fn stale_word_of_another_keeps_nobody_alive() {
    let mut watcher = Watcher::of(3);
    watcher.hears_for(Duration::from_secs(3), &[2, 3]);
    let (target, incarnation) = (peer(1), Incarnation(5));

    let reach = Reach::Heard { silence_ms: 3_000 };
    watcher.hears(2, Detect::ProbeAnswer { target, incarnation, reach });

    assert_eq!(watcher.state(1), PeerState::Suspect);
}

/// K20: the last heartbeats before a sleep arrive after the news of it.
#[test]
fn heartbeat_from_before_the_sleep_wakes_nobody() {
    let mut watcher = Watcher::of(2);
    let incarnation = Incarnation(5);

    watcher.hears(1, Detect::Sleep { incarnation, seq: 1_000 });
    for seq in 990..1_001 {
        watcher.hears(1, Detect::Heartbeat { sign: sign(0), seq, waking: false });
    }
    assert_eq!(watcher.state(1), PeerState::Sleeping);
    for seq in 1_001..1_003 {
        watcher.hears(1, Detect::Heartbeat { sign: sign(0), seq, waking: true });
    }

    assert_eq!(watcher.state(1), PeerState::Alive);
    assert!(watcher.node.is_waking(peer(1)));
}
