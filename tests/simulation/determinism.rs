//! A seed decides everything.

use std::time::Duration;

use covey_sim::{
    World,
    fault::{Fault, Faults},
    network::Weather,
    workload::Workload,
};

use crate::harness::setup;

#[test]
fn same_seed_gives_the_same_trace() {
    for seed in 0..5 {
        assert_eq!(trace_of(seed), trace_of(seed), "seed {seed}");
    }
}

#[test]
fn other_seed_gives_another_trace() {
    assert_ne!(trace_of(1), trace_of(2));
}

fn trace_of(seed: u64) -> u64 {
    let mut setup = setup(seed, 4);
    setup.weather = Weather::FAIR;
    let mut world = World::cluster(setup);
    world.let_people_want(Workload::new(seed));
    world.let_faults_strike(Faults::new(seed, &Fault::ALL));
    world.run_for(Duration::from_secs(10));
    world.trace.hash()
}
