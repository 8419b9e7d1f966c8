//! How long a suspicion lasts.

use std::time::Duration;

use super::watcher::{Watcher, peer, sign};
use crate::{
    limits::{SILENCE_TIMEOUT, SILENCE_UNCONFIRMED},
    membership::{CONFIRMATIONS, Detect, PeerState, timeout},
};

/// K22.
#[test]
fn timeout_shrinks_with_confirmations_to_its_minimum() {
    let spans: Vec<_> = (0..=CONFIRMATIONS).map(|confirmed| timeout(confirmed, 9)).collect();

    assert_eq!(spans.first(), Some(&SILENCE_UNCONFIRMED));
    assert_eq!(spans.last(), Some(&SILENCE_TIMEOUT));
    assert!(spans.is_sorted_by(|longer, shorter| longer > shorter), "{spans:?}");
    let steps: Vec<_> = spans.windows(2).map(|pair| pair[0] - pair[1]).collect();
    assert!(steps.is_sorted_by(|more, less| more > less), "the first tell most: {steps:?}");
}

/// K22: where nobody else can suspect the peer, nobody is waited for.
#[test]
fn timeout_asks_for_no_more_confirmations_than_there_can_be() {
    assert_eq!(timeout(0, 0), SILENCE_TIMEOUT);
    assert_eq!(timeout(1, 1), SILENCE_TIMEOUT);
    assert_eq!(timeout(0, 1), SILENCE_UNCONFIRMED);
}

/// K22.
#[test]
fn independent_confirmations_count_and_duplicates_do_not() {
    assert_eq!(falls_after(&[]), SILENCE_UNCONFIRMED);
    let once = falls_after(&[2]);
    assert!(once < SILENCE_UNCONFIRMED && once > SILENCE_TIMEOUT, "{once:?}");
    assert_eq!(falls_after(&[2, 2, 2, 2]), once);
    assert!(falls_after(&[2, 3]) < once);
    assert_eq!(falls_after(&[2, 3, 4]), SILENCE_TIMEOUT);
}

/// The silence at which the first of five is down if these others accuse it, to a tenth of a second.
fn falls_after(accusers: &[u8]) -> Duration {
    let mut watcher = Watcher::of(5);
    let (start, others) = (watcher.node.peers[&peer(1)].phi.clone(), [2, 3, 4, 5]);
    watcher.hears_for(Duration::from_secs(3), &others);
    for accuser in accusers {
        watcher.hears(*accuser, Detect::Accusation { target: peer(1), sign: sign(0) });
    }
    while watcher.state(1) != PeerState::Down {
        watcher.hears_for(Duration::from_millis(100), &[]);
        for other in others {
            watcher.heartbeat(other, sign(0));
        }
    }
    let silence = start.silence(watcher.now.at);
    let tenths = silence.as_millis() / 100 * 100;
    Duration::from_millis(u64::try_from(tenths).unwrap())
}
