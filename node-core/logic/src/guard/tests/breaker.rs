//! When calls are stopped, and when they go on.

use std::time::Duration;

use super::{Dice, at};
use crate::{
    guard::{Breaker, BreakerRule, Heard, Opened, Pass, Phase, Result, Turn},
    ids::NodeId,
    time::Instant,
};

const ME: NodeId = NodeId([1; 32]);
const OTHER: NodeId = NodeId([2; 32]);
const RULE: BreakerRule = BreakerRule {
    failures: 3,
    percent: 50,
    window: Duration::from_secs(10),
    recovery: Duration::from_secs(5),
    probes: 2,
    successes: 3,
};

#[test]
fn third_failure_in_the_window_opens_it() {
    let mut breaker = Breaker::new(ME);

    let turns = [0, 1, 2].map(|ms| run(&mut breaker, ms, Result::Failed));

    assert_eq!(turns, [None, None, Some(Turn::Opened { lasts_ms: 5_000 })]);
    let opened = Opened { by: ME, since: at(2), until: at(5_002) };
    assert_eq!(breaker.admit(at(5_001), &RULE), Err(opened));
    assert_eq!(breaker.phase(at(5_001)), Phase::Open(opened));
}

#[test]
fn failures_out_of_the_window_are_forgotten() {
    let mut breaker = Breaker::new(ME);

    for ms in [0, 4_000, 11_000] {
        assert_eq!(run(&mut breaker, ms, Result::Failed), None);
    }

    assert_eq!(breaker.counts(at(11_000)), (0, 2));
    assert_eq!(breaker.counts(at(60_000)), (0, 0));
}

/// An agent that serves thousands and fails a few is well.
#[test]
fn few_failures_of_many_calls_do_not_open_it() {
    let mut breaker = Breaker::new(ME);
    for _ in 0..10 {
        run(&mut breaker, 0, Result::Well);
    }

    for _ in 0..9 {
        assert_eq!(run(&mut breaker, 1, Result::Failed), None);
    }
    assert!(run(&mut breaker, 1, Result::Failed).is_some());
}

#[test]
fn so_many_probes_pass_at_a_time_and_close_it_together() {
    let mut breaker = opened();

    let (first, turn) = breaker.admit(at(6_000), &RULE).unwrap();
    let (second, more) = breaker.admit(at(6_000), &RULE).unwrap();
    let third = breaker.admit(at(6_000), &RULE);

    assert_eq!((turn, more), (Some(Turn::Probing { lasts_ms: 5_000 }), None));
    assert!(matches!(breaker.phase(at(6_000)), Phase::HalfOpen(_)));
    assert!(third.is_err(), "two at a time");
    assert_eq!(breaker.settle(at(6_001), &RULE, (first, Result::Well)), None);
    assert_eq!(breaker.settle(at(6_001), &RULE, (second, Result::Well)), None);
    assert_eq!(run(&mut breaker, 6_002, Result::Well), Some(Turn::Closed));
    assert_eq!(breaker.phase(at(6_002)), Phase::Closed);
    assert_eq!(breaker.counts(at(6_002)), (0, 0));
}

#[test]
fn failed_probe_opens_it_for_as_long_again() {
    let mut breaker = opened();

    let turn = run(&mut breaker, 6_000, Result::Failed);

    assert_eq!(turn, Some(Turn::Opened { lasts_ms: 5_000 }));
    assert!(breaker.admit(at(10_999), &RULE).is_err());
    assert!(breaker.admit(at(11_000), &RULE).is_ok());
}

#[test]
fn probe_that_nobody_waits_for_leaves_its_place() {
    let mut breaker = opened();
    let (first, _) = breaker.admit(at(6_000), &RULE).unwrap();
    let (_, _) = breaker.admit(at(6_000), &RULE).unwrap();

    breaker.settle(at(6_001), &RULE, (first, Result::Nothing));

    assert!(breaker.admit(at(6_001), &RULE).is_ok());
    assert!(breaker.admit(at(6_001), &RULE).is_err());
}

#[test]
fn results_of_before_say_nothing_to_a_later_trial() {
    let mut breaker = opened();
    let (early, _) = breaker.admit(at(6_000), &RULE).unwrap();
    run(&mut breaker, 6_000, Result::Failed);
    let (_, _) = breaker.admit(at(12_000), &RULE).unwrap();

    let late = [(early, Result::Failed), (Pass::Plain, Result::Failed)]
        .map(|end| breaker.settle(at(12_001), &RULE, end));

    assert_eq!(late, [None, None]);
    assert!(matches!(breaker.phase(at(12_001)), Phase::HalfOpen(_)));
}

#[test]
fn calls_that_waited_meanwhile_do_not_pass_an_open_one() {
    let mut breaker = Breaker::new(ME);
    let (pass, _) = breaker.admit(at(0), &RULE).unwrap();
    assert_eq!(breaker.recheck(pass), Ok(()));

    breaker = opened();

    assert!(breaker.recheck(pass).is_err());
}

/// Whoever opened it tries first; the others wait half as long again, or until told.
#[test]
fn one_that_was_told_waits_for_the_other_to_try() {
    let mut breaker = Breaker::new(ME);
    let told = |turn| Heard { from: OTHER, turn };

    breaker.hear(at(0), &RULE, told(Turn::Opened { lasts_ms: 5_000 }));
    let opened = Opened { by: OTHER, since: at(0), until: at(7_500) };
    assert_eq!(breaker.admit(at(7_499), &RULE), Err(opened));
    breaker.hear(at(7_000), &RULE, told(Turn::Probing { lasts_ms: 5_000 }));
    assert!(breaker.admit(at(14_499), &RULE).is_err(), "it tries");
    breaker.hear(at(8_000), &RULE, told(Turn::Closed));

    assert!(matches!(breaker.admit(at(8_000), &RULE), Ok((Pass::Plain, None))));
}

#[test]
fn one_that_hears_nothing_more_tries_by_itself() {
    let mut breaker = Breaker::new(ME);
    breaker.hear(at(0), &RULE, Heard { from: OTHER, turn: Turn::Opened { lasts_ms: 5_000 } });

    let (pass, turn) = breaker.admit(at(7_500), &RULE).unwrap();

    assert!(matches!(pass, Pass::Probe { .. }));
    assert_eq!(turn, Some(Turn::Probing { lasts_ms: 5_000 }));
}

#[test]
fn one_that_is_switched_off_lets_everything_through() {
    let off = BreakerRule { failures: 0, ..RULE };
    let mut breaker = opened();

    breaker.hear(at(3), &off, Heard { from: OTHER, turn: Turn::Opened { lasts_ms: 9 } });
    assert_eq!(breaker.admit(at(3), &off), Ok((Pass::Plain, None)));

    for _ in 0..100 {
        assert_eq!(breaker.settle(at(3), &off, (Pass::Plain, Result::Failed)), None);
    }
    assert_eq!(breaker.phase(at(3)), Phase::Closed);
}

/// Q3 by a model: whatever comes in whichever order, nothing passes before its time, and no more
/// probes than the rule says go on.
#[test]
fn nothing_passes_before_its_time_for_every_seed() {
    for seed in 1..=200 {
        let mut dice = Dice(seed);
        let mut breaker = Breaker::new(ME);
        let (mut now, mut going) = (0, Vec::new());
        for _ in 0..500 {
            now += dice.below(1_500);
            match dice.below(5) {
                0 | 1 => match (breaker.phase(at(now)), breaker.admit(at(now), &RULE)) {
                    (Phase::Open(opened), admitted) => {
                        assert_eq!(admitted, Err(opened), "seed {seed}");
                    }
                    (Phase::Closed, admitted) => {
                        assert_eq!(admitted, Ok((Pass::Plain, None)), "seed {seed}");
                        going.push(Pass::Plain);
                    }
                    (Phase::HalfOpen(_), admitted) => going.extend(admitted.map(|it| it.0)),
                },
                2 | 3 if !going.is_empty() => {
                    let ended = usize::try_from(dice.below(going.len() as u64)).unwrap();
                    let results = [Result::Well, Result::Failed, Result::Nothing];
                    let result = results[usize::try_from(dice.below(3)).unwrap()];
                    let pass = going.swap_remove(ended);
                    let turn = breaker.settle(at(now), &RULE, (pass, result));
                    if let Some(Turn::Opened { .. }) = turn {
                        assert_eq!(result, Result::Failed, "seed {seed}");
                        assert!(breaker.admit(at(now + 4_999), &RULE).is_err(), "seed {seed}");
                    }
                }
                _ => {
                    let turn = [Turn::Closed, Turn::Opened { lasts_ms: 2_000 }];
                    let turn = turn[usize::try_from(dice.below(2)).unwrap()];
                    breaker.hear(at(now), &RULE, Heard { from: OTHER, turn });
                }
            }
            let newest = going.iter().filter_map(|pass| match pass {
                Pass::Probe { trial } => Some(*trial),
                Pass::Plain => None,
            });
            let newest: Vec<u64> = newest.collect();
            let last = newest.iter().max().copied();
            let together = newest.iter().filter(|trial| Some(**trial) == last).count();
            assert!(together <= RULE.probes as usize, "seed {seed}: {together} probes");
        }
    }
}

/// One that opened at 2 ms.
fn opened() -> Breaker {
    let mut breaker = Breaker::new(ME);
    for ms in 0..3 {
        run(&mut breaker, ms, Result::Failed);
    }
    breaker
}

/// A call that ends as soon as it is let through.
fn run(breaker: &mut Breaker, ms: u64, result: Result) -> Option<Turn> {
    let now: Instant = at(ms);
    let (pass, _) = breaker.admit(now, &RULE).unwrap();
    breaker.settle(now, &RULE, (pass, result))
}
