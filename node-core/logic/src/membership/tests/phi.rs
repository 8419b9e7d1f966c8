//! How surprising a silence is.

use std::time::Duration;

use crate::{limits::HEARTBEAT_INTERVAL, membership::Phi, time::Instant};

#[test]
fn suspicion_grows_with_silence() {
    let (phi, _) = regular(20);

    let values: Vec<f64> =
        [0, 500, 1_000, 2_000].iter().map(|ms| phi.value(Duration::from_millis(*ms))).collect();

    assert!(values.is_sorted());
    assert!(values[1] < 1.0);
    assert!(values[3] > Phi::THRESHOLD);
}

#[test]
fn irregular_peer_is_given_more_time() {
    let (regular, _) = regular(20);
    let mut irregular = Phi::default();
    let mut at = Instant(0);
    for n in 0..20_u64 {
        at = at + HEARTBEAT_INTERVAL + Duration::from_millis(n % 4 * 300);
        irregular.heard(at);
    }

    let silence = Duration::from_millis(1_500);

    assert!(irregular.value(silence) < regular.value(silence));
}

#[test]
fn time_that_our_own_timers_lost_is_no_silence() {
    let (mut phi, last) = regular(20);
    let stall = Duration::from_secs(10);

    phi.excuse(last + stall, stall);

    assert_eq!(phi.silence(last + stall), Duration::ZERO);
}

fn regular(count: u32) -> (Phi, Instant) {
    let mut phi = Phi::default();
    let mut at = Instant(0);
    for _ in 0..count {
        at = at + HEARTBEAT_INTERVAL;
        phi.heard(at);
    }
    (phi, at)
}
