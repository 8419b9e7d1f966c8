//! How rates are written, and what a node lets through of its own.

use std::time::Duration;

use super::{Dice, at, quota};
use crate::{
    guard::{
        Bucket, Drawn, Limited, Limiter, Quota, RateRule, RateRules, Reach, Share, Shortage, Take,
        Without,
    },
    ids::Name,
};

#[test]
fn rules_read_back_as_they_are_written() {
    let written = [
        "agent.call:* 100/s",
        "agent.call:shop:* 100/s burst 200 cluster together",
        "variable.set 10/m cluster open; counter.add 5/h burst 1",
        "",
    ];

    for text in written {
        assert_eq!(text.parse::<RateRules>().unwrap().to_string(), text);
    }
    let lax: RateRules = " variable.set   1_000/s open ;".parse().unwrap();
    assert_eq!(lax.to_string(), "variable.set 1000/s cluster open");
}

#[test]
fn what_is_no_rule_is_refused() {
    let wrong = [
        "a",
        "a 5",
        "a 0/s",
        "a 5/y",
        "a -1/s",
        "a 5/s burst",
        "a 5/s burst 0",
        "a 5/s soon",
        "a 5/s; a 6/s",
        "a 1000001/s",
        "a 5/s cluster cluster",
    ];

    for text in wrong {
        assert!(text.parse::<RateRules>().is_err(), "{text}");
    }
}

#[test]
fn rule_is_for_what_it_names_or_what_begins_so() {
    let rules: RateRules =
        "agent.call:shop:* 5/s; agent.call:* 6/s; variable.set 7/s".parse().unwrap();
    let fits = |operation: &str| -> Vec<u32> {
        rules.of(operation).map(|rule| rule.quota.count).collect()
    };

    assert_eq!(fits("agent.call:shop:buy"), [5, 6]);
    assert_eq!(fits("agent.call:shopping:buy"), [6]);
    assert_eq!(fits("variable.set"), [7]);
    assert_eq!(fits("variable.setting"), [0_u32; 0]);
}

#[test]
fn burst_passes_at_once_and_then_one_each_interval() {
    let mut limiter = Limiter::default();
    let rule = here(quota(10, 3));
    let mut ask = |ms| limiter.take(at(ms), (&rule, None), 1) == Take::Passed;

    assert_eq!(
        [0, 0, 0, 0, 99, 100, 150, 200].map(&mut ask),
        [true, true, true, false, false, true, false, true]
    );
}

#[test]
fn who_is_refused_is_told_when_to_come_again() {
    let mut limiter = Limiter::default();
    let rule = here(quota(10, 1));
    limiter.take(at(0), (&rule, None), 1);

    let refused = limiter.take(at(40), (&rule, None), 1);

    let limited = Limited { retry: Duration::from_millis(60), shortage: Shortage::Rate };
    assert_eq!(refused, Take::Limited(limited));
}

#[test]
fn each_who_asks_has_a_rate_of_its_own() {
    let mut limiter = Limiter::default();
    let rule = here(quota(1, 1));
    let [a, b] = ["a", "b"].map(|name| Name::new(name).unwrap());

    let taken = [&a, &a, &b].map(|actor| limiter.take(at(0), (&rule, Some(actor)), 1));

    assert_eq!((taken[0], taken[2]), (Take::Passed, Take::Passed));
    assert!(matches!(taken[1], Take::Limited(_)));
    assert_eq!(limiter.counted(at(0), &rule).count(), 2);
}

#[test]
fn what_was_not_used_is_given_back() {
    let mut limiter = Limiter::default();
    let rule = here(quota(1, 1));
    limiter.take(at(0), (&rule, None), 1);

    limiter.give_back(at(1), (&rule, None));

    assert_eq!(limiter.take(at(1), (&rule, None), 1), Take::Passed);
}

#[test]
fn who_rests_is_forgotten_when_too_many_ask() {
    let mut limiter = Limiter::default();
    let rule = here(quota(1, 1));
    let name = |number: usize| Name::new(&format!("a{number}")).unwrap();
    for number in 0..Limiter::CAPACITY {
        limiter.take(at(0), (&rule, Some(&name(number))), 1);
    }
    let one_more = name(Limiter::CAPACITY);

    let crowded = limiter.take(at(500), (&rule, Some(&one_more)), 1);
    let later = limiter.take(at(1_000), (&rule, Some(&one_more)), 1);

    assert!(matches!(crowded, Take::Limited(Limited { shortage: Shortage::Room, .. })));
    assert_eq!(later, Take::Passed);
}

/// Q1 of one node, whatever it is asked and however rates are: no span has more than its burst and
/// its rate.
#[test]
fn no_span_has_more_than_burst_and_rate_for_every_seed() {
    for seed in 1..=100 {
        let mut dice = Dice(seed);
        let count = u32::try_from(1 + dice.below(2_000)).unwrap();
        let quota = quota(count, u32::try_from(1 + dice.below(50)).unwrap());
        let (mut bucket, mut now, mut passed) = (Bucket::default(), 0, Vec::new());
        for _ in 0..2_000 {
            now += dice.below(3_000_000);
            if bucket.take(now, &quota, 1) == 1 {
                passed.push(now);
            }
        }
        for (first, from) in passed.iter().enumerate() {
            for (last, to) in passed.iter().enumerate().skip(first) {
                let most = u64::from(quota.burst) + (to - from) * u64::from(count) / 1_000_000_000;
                assert!(((last - first) as u64) < most, "seed {seed}");
            }
        }
    }
}

#[test]
fn parts_of_a_rate_are_together_no_more_than_it() {
    let quota = Quota { count: 100, per: Duration::from_secs(1), burst: 10 };

    let part = quota.part(3);

    assert!(part.interval() >= 3 * quota.interval());
    assert_eq!((part.burst, quota.part(100).burst), (3, 1));
}

fn here(quota: Quota) -> RateRule {
    RateRule { operation: "agent.call:*".into(), quota, reach: Reach::Node, share: Share::Each }
}

#[test]
fn without_a_majority_a_rule_goes_on_alone_or_not_at_all() {
    let rule = |without| RateRule { reach: Reach::Cluster(without), ..here(quota(10, 4)) };
    let (open, closed) = (rule(Without::Open), rule(Without::Closed));
    let ask = |rule: &RateRule| {
        let mut limiter = Limiter::default();
        assert!(matches!(limiter.take(at(0), (rule, None), 2), Take::Draw(_)));
        limiter.drawn((at(1), at(0)), (rule, None), None);
        [2, 2, 2].map(|ms| limiter.take(at(ms), (rule, None), 2))
    };

    let [first, second, third] = ask(&open);
    assert_eq!((first, second), (Take::Passed, Take::Passed));
    assert!(matches!(third, Take::Limited(Limited { shortage: Shortage::Rate, .. })), "a half");
    let none = ask(&closed);
    assert!(none.iter().all(|take| {
        matches!(take, Take::Limited(Limited { shortage: Shortage::Majority, .. }))
    }));
}

/// What a node drew and kept would come on top of what others draw later.
#[test]
fn portion_is_worth_nothing_a_second_after_it_was_asked_for() {
    let reach = Reach::Cluster(Without::Closed);
    let rule = RateRule { reach, ..here(quota(10, 5)) };
    let mut limiter = Limiter::default();
    assert!(matches!(limiter.take(at(0), (&rule, None), 1), Take::Draw(_)));
    let drawn = Drawn { count: 5, next: Duration::ZERO };

    limiter.drawn((at(400), at(0)), (&rule, None), Some(drawn));

    assert_eq!(limiter.take(at(999), (&rule, None), 1), Take::Passed);
    limiter.give_back(at(1_000), (&rule, None));
    assert!(matches!(limiter.take(at(1_000), (&rule, None), 1), Take::Draw(_)));
}
