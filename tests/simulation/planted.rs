//! Bugs planted at the boundary: the invariants find each within a few seeds.

use std::{ops::Range, time::Duration};

use covey_sim::{
    World,
    fault::{Fault, Faults},
    invariant::{self, Violation},
    network::Weather,
    planted::Planted,
    workload::Workload,
};

use crate::harness::{first_failure, run_while, settle_to, setup};

const SEEDS: Range<u64> = 0..10;

#[test]
fn missing_repair_breaks_convergence() {
    let found =
        first_failure(SEEDS, |seed| storm(seed, Planted::NoRepair, invariant::converged::check));

    assert!(found.is_some());
}

#[test]
fn loser_that_runs_on_breaks_one_copy() {
    let found =
        first_failure(SEEDS, |seed| storm(seed, Planted::LoserRunsOn, invariant::one_copy::check));

    assert!(found.is_some());
}

#[test]
fn early_acknowledgement_breaks_durability() {
    let found = first_failure(SEEDS, |seed| {
        storm(seed, Planted::EarlyAcknowledgement, invariant::durable::check)
    });

    assert!(found.is_some());
}

#[test]
fn range_that_skips_changes_breaks_contiguity() {
    let found = first_failure(SEEDS, |seed| {
        let mut setup = setup(seed, 3);
        setup.weather = Weather::STORM;
        let mut world = World::cluster(setup);
        world.plant(Planted::SkippedChanges);
        world.let_people_want(Workload::new(seed));

        run_while(&mut world, Duration::from_secs(10), invariant::contiguous::check)
    });

    assert!(found.is_some_and(|(_, why)| why.starts_with("contiguous")));
}

#[test]
fn clean_up_of_a_later_life_breaks_one_winner() {
    let found = first_failure(SEEDS, |seed| {
        storm(seed, Planted::StaleCleanup, invariant::one_winner::check)
    });

    assert!(found.is_some());
}

fn storm(seed: u64, planted: Planted, property: invariant::Invariant) -> Result<(), Violation> {
    let mut setup = setup(seed, 5);
    setup.weather = Weather::FAIR;
    let mut world = World::cluster(setup);
    world.plant(planted);
    world.let_people_want(Workload::new(seed));
    world.let_faults_strike(Faults::new(seed, &[Fault::Partition, Fault::Kill]));
    world.run_for(Duration::from_secs(20));
    world.heal();

    settle_to(&mut world, Duration::from_secs(20), property)
}
