//! Nodes write, sync, lose their power and hear of each other at random: what they come to is what
//! a plain record of who knew what says.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    clocks::dice,
    site::{Disk, Site},
};
use crate::coordination::Strategy;

const SEEDS: u64 = 1_000;
const STEPS: usize = 80;
const SITES: usize = 3;

/// C3, K28, K29: whatever is lost, doubled or late, and whoever loses power or the disk, what was
/// acknowledged is counted once, and what was not is counted once or not at all.
#[test]
fn counter_holds_what_was_acknowledged_for_every_seed() {
    for seed in 0..SEEDS {
        let mut dice = dice(seed);
        let mut sites: Vec<_> = (1..=3).map(Site::new).collect();
        let mut told = Vec::new();
        let mut counted = vec![Vec::new(); SITES];
        let (mut least, mut most) = (0, 0);
        for _ in 0..STEPS {
            let at = dice(3);
            match dice(8) {
                0..=2 => {
                    let by = i64::try_from(dice(9)).unwrap();
                    sites[at].add(by).unwrap();
                    counted[at].push(i128::from(by));
                }
                3..=4 => {
                    // One append is one change, unless it is the first, which says since when.
                    sites[at].sync();
                    let done: i128 = counted[at].drain(..).sum();
                    (least, most) = (least + done, most + done);
                }
                5 => told.push(sites[dice(3)].told()),
                6 if !told.is_empty() => {
                    let piece = told[dice(told.len() as u64)].clone();
                    sites[at].hear(piece);
                }
                _ => {
                    most += lose_power(&mut sites[at], &mut counted[at], &mut dice);
                }
            }
        }
        for site in &mut sites {
            site.sync();
        }
        let rest: i128 = counted.iter().flatten().sum();
        settle(&mut sites);

        let ends: BTreeSet<_> = sites.iter().map(Site::counter).collect();
        let end = *ends.first().unwrap();
        assert_eq!(ends.len(), 1, "seed {seed}: {ends:?}");
        assert!((least + rest..=most + rest).contains(&end), "seed {seed}: {end}");
    }
}

/// Some of the writes in flight reach the disk, or the disk is lost as well after all of it was told:
/// the changes in flight may count or not.
fn lose_power(
    site: &mut Site,
    counted: &mut Vec<i128>,
    dice: &mut impl FnMut(u64) -> usize,
) -> i128 {
    for _ in 0..dice(3) {
        site.sync_one();
    }
    if dice(4) == 0 {
        // The clock was set back to a minute before.
        site.wall = site.wall.saturating_sub(60_000).max(1);
    }
    site.lose_power();
    counted.drain(..).sum()
}

/// C4, C5: each write that was acknowledged stands, or one that knew of it does.
#[test]
fn no_write_goes_but_for_one_that_knew_of_it_for_every_seed() {
    for seed in 0..SEEDS {
        let mut dice = dice(seed);
        let mut sites: Vec<_> = (1..=3).map(Site::new).collect();
        let mut told = Vec::new();
        // Of each write, named by its value, the writes that its writer knew of.
        let mut knew: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for number in 0..STEPS {
            let at = dice(3);
            match dice(8) {
                0..=2 => {
                    let mut all: BTreeSet<String> = sites[at].values().into_iter().collect();
                    let before: Vec<_> =
                        all.iter().filter_map(|it| knew.get(it)).cloned().collect();
                    all.extend(before.into_iter().flatten());
                    let value = format!("w{number}");
                    if sites[at].reading().is_none() {
                        sites[at].register(&value, Strategy::KeepAll);
                    } else {
                        sites[at].set(&value);
                    }
                    sites[at].sync();
                    knew.insert(value, all);
                }
                3..=4 => told.push(sites[at].told()),
                5..=6 if !told.is_empty() => {
                    let piece = told[dice(told.len() as u64)].clone();
                    sites[at].hear(piece);
                }
                _ if dice(3) == 0 => {
                    let [site, ..] = sites[at].me.0;
                    told.push(sites[at].told());
                    sites[at] = Site::on(site, Disk::default(), sites[at].wall + 1);
                }
                _ => sites[at].lose_power(),
            }
        }
        // What a node that lost its disk told before reaches everyone in the end.
        for piece in told {
            sites[0].hear(piece);
        }
        settle(&mut sites);

        let superseded: BTreeSet<_> = knew.values().flatten().cloned().collect();
        let standing: Vec<_> =
            knew.keys().filter(|it| !superseded.contains(*it)).cloned().collect();
        for site in &sites {
            assert_eq!(site.values(), standing, "seed {seed}");
        }
    }
}

/// Everything reaches every disk and every node, with what follows from it.
fn settle(sites: &mut [Site]) {
    for _ in 0..4 {
        sites.iter_mut().for_each(Site::sync);
        let told: Vec<_> = sites.iter().flat_map(Site::told).collect();
        sites.iter_mut().for_each(|site| site.hear(told.clone()));
    }
}
