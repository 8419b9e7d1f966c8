//! A2: an alert begins and ends after its spans, and does not flutter in between.

use std::time::Duration;

use crate::{
    monitor::{Band, Of, Rule, Watch},
    settings::Values,
    time::Instant,
};

#[test]
fn every_measured_rule_raises_and_clears_by_its_settings() {
    let values = Values::default();
    let measured: Vec<Rule> =
        Rule::ALL.into_iter().filter(|rule| rule.band(&values).is_some()).collect();
    assert_eq!(measured.len(), Rule::ALL.len() - 1, "all but the loss of a node");

    for rule in measured {
        let band = rule.band(&values).unwrap();
        let mut watch = Watch::default();
        let rises = feed(&mut watch, 0, band.raise, &band);
        let falls = feed(&mut watch, 100, band.clear - 0.5, &band);

        assert_eq!(rises, Some(band.raise_after.as_secs()), "{rule:?}");
        assert_eq!(falls, Some(100 + band.clear_after.as_secs()), "{rule:?}");
    }
}

#[test]
fn a_value_between_the_edges_turns_nothing() {
    let mut watch = Watch::default();
    for second in 0..600 {
        assert!(!watch.judge(at(second), Some(80.0), &BAND));
    }
    assert_eq!(feed(&mut watch, 600, 95.0, &BAND), Some(630));
    for second in 700..1_300 {
        assert!(watch.judge(at(second), Some(80.0), &BAND));
    }
}

#[test]
fn one_moment_below_begins_the_span_anew() {
    let mut watch = Watch::default();
    for second in 0..600 {
        let value = if second % 20 == 0 { 10.0 } else { 99.0 };
        assert!(!watch.judge(at(second), Some(value), &BAND));
    }
}

#[test]
fn what_is_not_measured_raises_nothing_and_clears() {
    let mut watch = Watch::default();
    for second in 0..600 {
        assert!(!watch.judge(at(second), None, &BAND));
    }
    assert_eq!(feed(&mut watch, 600, 95.0, &BAND), Some(630));

    let ends = (631..800).find(|second| !watch.judge(at(*second), None, &BAND));

    assert_eq!(ends, Some(641));
}

#[test]
fn a_gap_counts_for_nothing() {
    let mut watch = Watch::default();
    assert!(!watch.judge(at(0), Some(99.0), &BAND));

    assert!(!watch.judge(at(3_600), Some(99.0), &BAND));
}

#[test]
fn rules_that_are_switched_off_have_no_band() {
    let values = Values {
        alert_cpu: 0,
        alert_memory: 0,
        alert_disk: 0,
        alert_errors: 0,
        alert_mailbox: 0,
        alert_restarts: 0,
        ..Values::default()
    };

    let left = Rule::ALL.into_iter().filter(|rule| rule.band(&values).is_some());

    assert_eq!(left.collect::<Vec<_>>(), [Rule::ClockSkew]);
}

#[test]
fn names_of_rules_are_read_back() {
    for rule in Rule::ALL {
        assert_eq!(rule.name().parse(), Ok(rule));
        assert!(matches!(rule.of(), Of::Node | Of::Agent));
    }
}

const BAND: Band = Band {
    raise: 85.0,
    raise_after: Duration::from_secs(30),
    clear: 75.0,
    clear_after: Duration::from_secs(10),
};

/// Judges a value each second, and tells in which second the watch turned.
fn feed(watch: &mut Watch, from: u64, value: f32, band: &Band) -> Option<u64> {
    let turned = value >= band.raise;
    (from..from + 100).find(|second| watch.judge(at(*second), Some(value), band) == turned)
}

fn at(second: u64) -> Instant {
    Instant(second * 1_000_000)
}
