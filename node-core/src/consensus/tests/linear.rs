//! K90, K91: what simulated groups agree on is linearizable and lasts, whatever goes wrong.

use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use super::sim::{Planted, World};

/// Seeds that are tried unless `COVEY_SEEDS` says how many.
const SEEDS: u64 = 20;
/// Threads that take seeds: the cores of the smallest machine the tests are made for.
const THREADS: usize = 2;

#[test]
fn what_is_agreed_on_is_linearizable_and_lasts() {
    let reports = Mutex::new(Vec::new());
    let failure = first_failure(chosen(), |seed| {
        let report = World::run(seed, None)?;
        reports.lock().unwrap().push(report);
        Ok(())
    });

    if let Some((seed, why)) = failure {
        panic!(
            "seed {seed}: {why}\nreplay: COVEY_SEED={seed} cargo test -p covey-node --lib \
             what_is_agreed"
        );
    }
    let reports = reports.into_inner().unwrap();
    let answered: usize = reports.iter().map(|report| report.answered).sum();
    let undone: usize = reports.iter().map(|report| report.undone).sum();
    println!("{} seeds: {answered} calls answered, {undone} not done", reports.len());
}

/// D8: disks take no writes for a while, that of the leader with entries on their way as often as not,
/// and their nodes stay in sight: nothing acknowledged is lost, and others lead.
#[test]
fn disks_that_take_no_writes_lose_nothing_that_was_acknowledged() {
    let failure = first_failure(chosen(), |seed| World::run_on_bad_disks(seed).map(drop));

    if let Some((seed, why)) = failure {
        panic!(
            "seed {seed}: {why}\nreplay: COVEY_SEED={seed} cargo test -p covey-node --lib \
             disks_that_take_no_writes"
        );
    }
}

/// A leader died between the two steps of a change of voters: its successor finishes it. It once
/// waited for ever for whoever had begun, and a dead voter was never replaced.
#[test]
fn change_of_voters_that_is_half_done_is_finished() {
    assert_eq!(World::run(21, None).map(drop), Ok(()));
}

/// What a machine took in is judged by the index of its log. It was once judged by the count of
/// wishes, of which an entry has several: entries counted as agreed on before they were.
#[test]
fn what_was_taken_in_is_judged_by_the_index_of_the_log() {
    assert_eq!(World::run(117, None).map(drop), Ok(()));
}

/// A process ended while a snapshot that it had received was written: the log up to it was purged on
/// disk before, and the process never began again.
#[test]
fn log_is_purged_after_the_snapshot_that_it_came_with_is_written() {
    assert_eq!(World::run(204, None).map(drop), Ok(()));
}

#[test]
fn equal_seeds_give_equal_runs() {
    for seed in 0..4 {
        assert_eq!(World::run(seed, None), World::run(seed, None), "seed {seed}");
    }
}

#[test]
fn disk_that_acknowledges_early_is_found() {
    assert_found(Planted::EarlyAcknowledgement);
}

#[test]
fn leader_that_answers_reads_alone_is_found() {
    assert_found(Planted::StaleLeader);
}

#[test]
fn leader_that_commits_alone_is_found() {
    assert_found(Planted::LeaderAlone);
}

/// Within a hundred seeds, by what must hold and not by a group that does not recover.
fn assert_found(bug: Planted) {
    let failure = first_failure(0..100, |seed| match World::run(seed, Some(bug)) {
        Err(why) if !why.starts_with("not in time") => Err(why),
        Ok(_) | Err(_) => Ok(()),
    });
    let (seed, why) = failure.unwrap_or_else(|| panic!("{bug:?} was not found"));
    let why: String = why.chars().take(300).collect();
    println!("{bug:?} is found by seed {seed}: {why}");
}

/// The least seed that fails, and why.
fn first_failure(
    seeds: Range<u64>,
    test: impl Fn(u64) -> Result<(), String> + Sync,
) -> Option<(u64, String)> {
    let next = AtomicU64::new(seeds.start);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while failures.lock().unwrap().is_empty() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    if let Err(why) = outcome(seed, &test) {
                        failures.lock().unwrap().push((seed, why));
                    }
                }
            });
        }
    });
    failures.into_inner().unwrap().into_iter().min()
}

/// The seeds in `COVEY_SEED`, one or a range such as `1000..9000`, or the first `COVEY_SEEDS`.
fn chosen() -> Range<u64> {
    let number = |text: &str| text.parse::<u64>().expect("a number or a range");
    match (std::env::var("COVEY_SEED"), std::env::var("COVEY_SEEDS")) {
        (Ok(text), _) => match text.split_once("..") {
            Some((first, end)) => number(first)..number(end),
            None => number(&text)..number(&text) + 1,
        },
        (Err(_), Ok(most)) => 0..number(&most),
        (Err(_), Err(_)) => 0..SEEDS,
    }
}

fn outcome(seed: u64, test: impl Fn(u64) -> Result<(), String>) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| test(seed))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        Err(text.unwrap_or_else(|| "a panic without words".to_owned()))
    })
}
