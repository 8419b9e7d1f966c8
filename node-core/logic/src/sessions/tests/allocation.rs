//! Allocation, against a model that fills in fractions.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use serde_json::json;

use super::{Log, NAMES, plan};

const SEEDS: u64 = 1_000;

/// K6: as much as there is, no more than wanted, within one unit of the fractional max–min fair
/// share, and with equal weights nobody gains two units at the cost of somebody who has fewer.
#[test]
fn shares_are_whole_and_max_min_fair_for_every_seed() {
    for seed in 0..SEEDS {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let mut throw = |end: u64| dice.next_u64() % end;
        let count = usize::try_from(1 + throw(8)).unwrap();
        let there = 1 + throw(60);
        let wanted: Vec<u64> = (0..count).map(|_| throw(30)).collect();
        let equal = throw(2) == 0;
        let weights: Vec<u64> = (0..count).map(|_| if equal { 1 } else { 1 + throw(9) }).collect();

        let given = shares(there, &wanted, &weights);

        let least = there.min(wanted.iter().sum());
        assert_eq!(
            given.iter().sum::<u64>(),
            least,
            "seed {seed}: all that is wanted, or there is"
        );
        let fluid = fluid(there, &wanted, &weights);
        for place in 0..count {
            let (got, fair) = (given[place], fluid[place]);
            assert!(got <= wanted[place], "seed {seed}: {given:?} of {wanted:?}");
            let apart = (f64::from(u32::try_from(got).unwrap()) - fair).abs();
            assert!(apart < 1.0 + 1e-9, "seed {seed}: {given:?}, {fluid:?}");
        }
        for (one, other) in (0..count).flat_map(|one| (0..count).map(move |other| (one, other))) {
            let better = equal && given[one] < wanted[one] && given[one] + 1 < given[other];
            assert!(!better, "seed {seed}: {given:?} of {wanted:?}");
        }
    }
}

#[test]
fn greatest_amounts_do_not_overflow() {
    let max = u64::MAX;

    let given = shares(max, &[max, max, max], &[1, 1, 1]);

    assert_eq!(given, [max / 3; 3]);
}

#[test]
fn negative_and_unknown_demands_are_refused() {
    let mut log = Log::default();
    let session = log.start(plan("allocation", 2, &[("resources", "cpu=4")]));

    for demands in [json!({ "cpu": -1 }), json!({ "disk": 1 }), json!({ "cpu": 1.5 })] {
        let refused = log.say(super::OTHER, session, "a", &json!({ "demands": demands }));
        assert!(matches!(refused, Err(super::Refused::Malformed { .. })), "{demands}: {refused:?}");
    }
}

fn shares(there: u64, wanted: &[u64], weights: &[u64]) -> Vec<u64> {
    let mut log = Log::default();
    let resources = format!("r={there}");
    let pairs = NAMES.iter().zip(weights).map(|(agent, weight)| format!("{agent}={weight}"));
    let by_name = pairs.collect::<Vec<_>>().join(",");
    let options = [("resources", resources.as_str()), ("weights", by_name.as_str())];
    let session = log.start(plan("allocation", wanted.len(), &options));
    let word = |wanted: &u64| json!({ "demands": { "r": wanted } });
    let words: Vec<_> = NAMES.into_iter().zip(wanted.iter().map(word)).collect();
    log.hear(session, &words).unwrap();
    let (_, result) = log.result(session);
    let of = |agent: &&str| result["shares"][agent]["r"].as_u64().unwrap();
    NAMES.iter().take(wanted.len()).map(of).collect()
}

/// Raises the level of all who want more, until there is nothing left.
fn fluid(there: u64, wanted: &[u64], weights: &[u64]) -> Vec<f64> {
    let float = |number: u64| f64::from(u32::try_from(number).unwrap());
    let (mut low, mut high) = (0.0, 1_000.0);
    let at = |level: f64| -> Vec<f64> {
        let share = |(want, weight): (&u64, &u64)| float(*want).min(level * float(*weight));
        wanted.iter().zip(weights).map(share).collect()
    };
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if at(middle).iter().sum::<f64>() <= float(there) { low = middle } else { high = middle }
    }
    at(low)
}
