//! Vector clocks against the sets of writes that they stand for.

use std::collections::BTreeSet;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::merged::{Causality, VectorClock};

#[test]
fn clocks_compare_as_the_writes_they_know_do() {
    for seed in 0..500 {
        let mut dice = dice(seed);
        let mut known = vec![(VectorClock::default(), BTreeSet::new()); 4];
        for number in 0..40_u64 {
            let (writer, other) = (dice(4), dice(4));
            let (theirs, seen) = known[other].clone();
            known[writer].0.merge(&theirs);
            known[writer].1.extend(seen);
            known[writer].0.increment(writer);
            known[writer].1.insert((writer, number));

            for (clock, writes) in &known {
                let (mine, all) = &known[writer];
                let expected = match (all.is_superset(writes), writes.is_superset(all)) {
                    (true, true) => Causality::Equal,
                    (true, false) => Causality::After,
                    (false, true) => Causality::Before,
                    (false, false) => Causality::Concurrent,
                };
                assert_eq!(mine.compare(clock), expected, "seed {seed}");
            }
        }
    }
}

#[test]
fn merging_needs_no_order() {
    for seed in 0..500 {
        let mut dice = dice(seed);
        let [a, b, c] = [(); 3].map(|()| {
            let mut clock = VectorClock::default();
            (0..10).for_each(|_| clock.observe(dice(4), dice(5) as u64));
            clock
        });
        let merged = |clocks: &[&VectorClock<usize>]| {
            let mut all = VectorClock::default();
            clocks.iter().for_each(|clock| all.merge(clock));
            all
        };

        assert_eq!(merged(&[&a, &b, &c]), merged(&[&c, &a, &b, &a]), "seed {seed}");
        assert_eq!(merged(&[&merged(&[&a, &b]), &c]), merged(&[&a, &merged(&[&b, &c])]));
    }
}

/// C90: who forgets knows less, so nothing is taken for known that was not.
#[test]
fn pruned_clock_knows_no_write_that_it_did_not_know() {
    for seed in 0..500 {
        let mut dice = dice(seed);
        let mut clock = VectorClock::default();
        (0..10).for_each(|_| clock.observe(dice(6), 1 + dice(5) as u64));
        let whole = clock.clone();

        let settled: BTreeSet<usize> = (0..dice(6)).collect();
        clock.prune(|writer| settled.contains(writer));

        assert!(matches!(clock.compare(&whole), Causality::Before | Causality::Equal));
        let kept = |(writer, count): (&usize, u64)| whole.count(writer) == count;
        assert!(clock.iter().all(kept) && settled.iter().all(|writer| clock.count(writer) == 0));
    }
}

pub(super) fn dice(seed: u64) -> impl FnMut(u64) -> usize {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    move |bound| usize::try_from(rng.next_u64() % bound).unwrap()
}
