//! A node whose own timers run late.

use std::time::Duration;

use super::watcher::Watcher;
use crate::{
    limits::{SILENCE_TIMEOUT, SUSPECT_AFTER},
    membership::{Health, PeerState},
    outbox::Happened,
    time::Instant,
};

/// K19.
#[test]
fn thresholds_stretch_with_late_timers_threefold_at_most() {
    let mut health = Health::new(Instant(0));

    let spans: Vec<_> = (0..20)
        .map(|second| {
            health.ticked(Instant(second * 1_000_000), Duration::from_millis(200));
            health.stretch(SUSPECT_AFTER)
        })
        .collect();

    assert!(spans.is_sorted());
    assert_eq!(spans.last(), Some(&(SUSPECT_AFTER * 3)));
}

/// K19.
#[test]
fn thresholds_shrink_again_with_timers_on_time() {
    let mut health = Health::new(Instant(0));
    for _ in 0..20 {
        health.ticked(Instant(0), Duration::from_millis(200));
    }

    for tenth in 0..100 {
        health.ticked(Instant(tenth * 100_000), Duration::ZERO);
    }

    assert_eq!(health.stretch(SUSPECT_AFTER), SUSPECT_AFTER);
}

/// K19.
#[test]
fn node_with_late_timers_accuses_later() {
    let silence = SILENCE_TIMEOUT + Duration::from_millis(2_500);
    let mut steady = Watcher::of(3);
    let mut struggling = Watcher::of(3);
    let late = Duration::from_millis(300);
    struggling.hears_late(Duration::from_secs(5), &[1, 2, 3], late);

    steady.hears_for(silence, &[2, 3]);
    struggling.hears_late(silence, &[2, 3], late);

    assert_eq!(steady.state(1), PeerState::Down);
    assert_ne!(struggling.state(1), PeerState::Down);
}

/// K19, M3.
#[test]
fn node_that_stood_still_hears_before_it_judges() {
    let mut watcher = Watcher::of(3);

    watcher.pass(Duration::from_secs(5));
    watcher.hears_for(Duration::from_millis(500), &[]);

    for number in 1..=3 {
        assert_eq!(watcher.state(number), PeerState::Alive);
    }
    assert!(watcher.happened().iter().any(|what| matches!(what, Happened::Stalled)));
}
