//! Rates that begin anew.

use std::time::Duration;

use super::{at, quota};
use crate::{
    guard::{
        Drawn, Limited, Limiter, Portion, Quotas, RateReset, RateRule, Reach, Share, Shortage,
        Take, Without, rate_key,
    },
    ids::Name,
};

#[test]
fn rate_of_a_node_begins_anew_for_all_or_for_one() {
    let mut limiter = Limiter::default();
    let (rule, [alice, bob]) = (rule(Reach::Node), ["alice", "bob"].map(name));
    for actor in [&alice, &bob] {
        assert_eq!(limiter.take(at(0), (&rule, Some(actor)), 1), Take::Passed);
        let used_up = limiter.take(at(0), (&rule, Some(actor)), 1);
        assert!(matches!(used_up, Take::Limited(Limited { shortage: Shortage::Rate, .. })));
    }
    let counted = limiter.counted(at(0), &rule).map(|(_, counted)| counted.full_in);
    assert_eq!(counted.collect::<Vec<_>>(), [Duration::from_secs(1); 2]);

    limiter.reset(&reset(Some(&alice)));

    assert_eq!(limiter.take(at(0), (&rule, Some(&alice)), 1), Take::Passed);
    assert!(matches!(limiter.take(at(0), (&rule, Some(&bob)), 1), Take::Limited(_)));
    limiter.reset(&reset(None));
    for actor in [&alice, &bob] {
        assert_eq!(limiter.take(at(0), (&rule, Some(actor)), 1), Take::Passed);
    }
}

/// A node that was told that nothing is left asks again at once.
#[test]
fn rate_of_the_cluster_begins_anew_in_the_log_and_on_the_node() {
    let (mut log, mut limiter) = (Quotas::default(), Limiter::default());
    let rule = rule(Reach::Cluster(Without::Closed));
    let draw = |log: &mut Quotas| {
        let key = rate_key(&rule.operation, None);
        log.draw(&Portion { key, quota: rule.quota, want: 1, clock: 5 }).unwrap()
    };
    assert_eq!(draw(&mut log).count, 1);
    assert!(matches!(limiter.take(at(0), (&rule, None), 1), Take::Draw(_)));
    let drawn @ Drawn { count: 0, .. } = draw(&mut log) else { panic!("it is used up") };
    limiter.drawn((at(0), at(0)), (&rule, None), Some(drawn));
    assert!(matches!(limiter.take(at(500), (&rule, None), 1), Take::Limited(_)));
    let standing = log.standing(&rate_key(&rule.operation, None), &rule.quota, 5);
    assert_eq!((standing.left, standing.full_in), (0, Duration::from_secs(1)));

    assert_eq!(log.reset(reset(None)), Ok(1));
    log.resets_after(0).for_each(|wish| limiter.reset(wish));

    assert!(matches!(limiter.take(at(500), (&rule, None), 1), Take::Draw(_)));
    assert_eq!(draw(&mut log).count, 1);
    assert_eq!((log.last_reset(), log.resets_after(1).count()), (1, 0));
}

#[test]
fn last_wishes_are_remembered_and_a_long_one_is_refused() {
    let mut log = Quotas::default();
    for number in 1..=150 {
        assert_eq!(log.reset(reset(None)), Ok(number));
    }

    assert_eq!(log.resets_after(0).count(), Quotas::RESETS);
    assert_eq!(log.resets_after(148).count(), 2);
    let operation = "a".repeat(Quotas::MAX_KEY + 1);
    assert!(log.reset(RateReset { operation, actor: None }).is_err());
}

fn rule(reach: Reach) -> RateRule {
    let operation = "counter.add".to_owned();
    RateRule { operation, quota: quota(1, 1), reach, share: Share::Each }
}

fn reset(actor: Option<&Name>) -> RateReset {
    RateReset { operation: "counter.add".to_owned(), actor: actor.cloned() }
}

fn name(name: &str) -> Name {
    Name::new(name).unwrap()
}
