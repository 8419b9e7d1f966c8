//! Everything goes wrong at once, then nothing does: the cluster must be whole again.

use std::time::Duration;

use covey_sim::{
    World,
    fault::{Fault, Faults},
    invariant::{self, Violation},
    network::Weather,
    workload::Workload,
};

use crate::harness::{each_seed, run_while, settle, settle_to, setup};

/// How long faults strike.
const STORM: Duration = Duration::from_secs(30);
/// How long the cluster may take to be whole again: a frozen view of six seconds, backed-off
/// redials, and ten rounds of anti-entropy.
const SETTLE: Duration = Duration::from_secs(30);
/// Stream messages a second that five settled nodes may send: each of the 20 directions carries
/// heartbeats and their echoes, and each node repairs with one other a second.
const QUIET_MESSAGES_PER_S: u64 = 600;

#[test]
fn cluster_is_whole_again_after_every_fault_for_every_seed() {
    each_seed("faults::cluster_is_whole", 0..1_000, |seed| storm(seed, 5, &Fault::ALL));
}

#[test]
fn small_and_large_clusters_are_whole_again_too() {
    each_seed("faults::small_and_large", 0..1_000, |seed| {
        let machines = [2, 3, 8, 12];
        let pick = usize::try_from(seed % 4).unwrap();
        storm(seed, machines[pick], &Fault::ALL)
    });
}

#[test]
fn cluster_settles_without_a_member_that_never_comes_back() {
    each_seed("faults::cluster_settles", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 5));
        world.let_people_want(Workload::new(seed));
        world.let_faults_strike(Faults::new(seed, &[Fault::Partition, Fault::Storm]));
        world.run_for(Duration::from_secs(10));

        world.heal();
        world.power_off(4);
        // Each node takes the silence for a death in its own time.
        world.run_for(Duration::from_secs(10));

        settle_to(&mut world, SETTLE, |world| {
            invariant::converged::check(world)?;
            invariant::one_winner::check(world)?;
            invariant::one_copy::check(world)
        })
    });
}

#[test]
fn settled_cluster_is_quiet() {
    each_seed("faults::settled", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 5));
        world.let_people_want(Workload::new(seed));
        world.run_for(Duration::from_secs(10));
        settle(&mut world, SETTLE)?;

        let before = world.sent;
        world.run_for(Duration::from_secs(10));

        let rate = (world.sent - before) / 10;
        if rate > QUIET_MESSAGES_PER_S {
            return Err(Violation::new("bounded", format!("{rate} messages a second at rest")));
        }
        Ok(())
    });
}

pub(crate) fn storm(seed: u64, machines: usize, kinds: &[Fault]) -> Result<(), Violation> {
    let mut setup = setup(seed, machines);
    setup.weather = Weather::FAIR;
    let mut world = World::cluster(setup);
    world.let_people_want(Workload::new(seed));
    world.let_faults_strike(Faults::new(seed, kinds));
    run_while(&mut world, STORM, invariant::contiguous::check)?;
    world.heal();

    settle(&mut world, SETTLE)
}
