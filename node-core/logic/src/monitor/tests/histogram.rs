//! P1: percentiles against those of the recorded values themselves.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::monitor::Histogram;

const PARTS: [u32; 9] = [1, 100, 1_000, 2_500, 5_000, 9_000, 9_500, 9_900, 10_000];

#[test]
fn percentiles_are_within_one_percent_of_recorded_values() {
    for seed in 0..200 {
        let mut values = recorded(seed);
        let mut histogram = Histogram::default();
        values.iter().for_each(|value| histogram.record(*value));
        values.sort_unstable();

        for parts in PARTS {
            let exact = nearest_rank(&values, parts);
            let found = histogram.quantile(parts).unwrap();
            let off = found.abs_diff(exact);
            assert!(off * 100 <= exact, "seed {seed}: p{parts} is {found}, exactly {exact}");
        }
    }
}

#[test]
fn merging_is_commutative_associative_and_loses_nothing() {
    for seed in 0..100 {
        let [a, b, c] = [0, 1, 2].map(|part| of(&recorded(seed * 3 + part)));

        let left = merged(&merged(&a, &b), &c);
        let right = merged(&a, &merged(&c, &b));

        assert_eq!(left, right, "seed {seed}");
        assert_eq!(left.count(), a.count() + b.count() + c.count());
        assert_eq!(left.sum(), a.sum().saturating_add(b.sum()).saturating_add(c.sum()));
    }
}

#[test]
fn merged_parts_are_the_whole() {
    let values = recorded(7);
    let (first, second) = values.split_at(values.len() / 3);

    assert_eq!(merged(&of(first), &of(second)), of(&values));
}

#[test]
fn buckets_are_bounded_whatever_is_recorded() {
    let mut histogram = Histogram::default();
    for shift in 0..64 {
        for near in 0..200 {
            histogram.record((1_u64 << shift).wrapping_add(near));
        }
    }
    histogram.record(u64::MAX);

    let bytes = postcard::to_allocvec(&histogram).unwrap();

    assert!(bytes.len() <= Histogram::BUCKETS * 12 + 12);
    assert_eq!(histogram.quantile(10_000), histogram.quantile(9_999));
}

#[test]
fn encoding_is_compact_and_comes_back() {
    for seed in 0..100 {
        let histogram = of(&recorded(seed));

        let bytes = postcard::to_allocvec(&histogram).unwrap();

        assert_eq!(postcard::from_bytes::<Histogram>(&bytes).unwrap(), histogram, "seed {seed}");
    }
}

#[test]
fn one_agents_minute_takes_few_bytes() {
    // A call each second that takes some 2 ms, spread over a tenth of that.
    let values: Vec<u64> = (0..60).map(|second| 2_000_000 + second * 3_333).collect();

    let bytes = postcard::to_allocvec(&of(&values)).unwrap();

    assert!(bytes.len() < 40, "{}", bytes.len());
}

#[test]
fn any_bytes_decode_or_are_refused() {
    let mut rng = ChaCha8Rng::from_seed([3; 32]);
    for _ in 0..20_000 {
        let mut bytes = [0; 24];
        rng.fill_bytes(&mut bytes);
        if let Ok(histogram) = postcard::from_bytes::<Histogram>(&bytes) {
            assert!(histogram.quantile(5_000).is_none_or(|value| value <= Histogram::MAX));
        }
    }
}

#[test]
fn nothing_recorded_has_no_percentile() {
    assert_eq!(Histogram::default().quantile(5_000), None);
}

#[test]
fn counts_up_to_a_limit_follow_the_values() {
    let histogram = of(&[1, 10, 100, 1_000, 10_000]);

    assert_eq!(histogram.at_most(100), 3);
    assert_eq!(histogram.at_most(0), 0);
    assert_eq!(histogram.at_most(u64::MAX), 5);
}

/// Times of answers as they are: from a microsecond to minutes, with a tail.
fn recorded(seed: u64) -> Vec<u64> {
    let mut rng = ChaCha8Rng::from_seed([u8::try_from(seed % 251).unwrap(); 32]);
    let count = 1 + rng.next_u64() % 3_000;
    (0..count)
        .map(|_| {
            let magnitude = rng.next_u64() % 36;
            rng.next_u64() % (1 << (magnitude + 1))
        })
        .collect()
}

fn of(values: &[u64]) -> Histogram {
    let mut histogram = Histogram::default();
    values.iter().for_each(|value| histogram.record(*value));
    histogram
}

fn merged(a: &Histogram, b: &Histogram) -> Histogram {
    let mut merged = a.clone();
    merged.merge(b);
    merged
}

fn nearest_rank(sorted: &[u64], parts: u32) -> u64 {
    let rank = (sorted.len() * usize::try_from(parts).unwrap()).div_ceil(10_000).max(1);
    sorted[rank - 1]
}
