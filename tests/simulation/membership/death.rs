//! What is a death, how soon it is known, and what is none.

use std::time::Duration;

use covey_logic::{event::Fact, node::NodeState};
use covey_sim::{World, dice::Dice, invariant::Violation, network::Weather};

use super::{everyone_sees, expect, nobody_fell, sees};
use crate::harness::{each_seed, name, run_agent, setup};

/// K13: with two to seven nodes.
#[test]
fn killed_process_is_dead_on_all_nodes_within_three_seconds() {
    each_seed("membership::death::killed", 0..1_000, killed);
}

pub(crate) fn killed(seed: u64) -> Result<(), Violation> {
    let machines = [2, 3, 4, 5, 6, 7][(seed % 6) as usize];
    let (mut world, victim) = world_and_victim(seed, machines);

    world.kill(victim);

    let dead = |world: &World| everyone_sees(world, victim, &[NodeState::Down]);
    let all = world.run_until(Duration::from_secs(3), dead);
    expect(&sees(&world, victim), all)
}

/// K14: with two to five nodes.
#[test]
fn frozen_process_is_suspect_within_four_seconds_and_dead_within_ten() {
    each_seed("membership::death::frozen_process_is", 0..1_000, |seed| {
        let machines = 2 + usize::try_from(seed % 4).unwrap();
        let (mut world, victim) = world_and_victim(seed, machines);
        let start = world.now();

        world.freeze(victim);

        let suspect =
            |world: &World| everyone_sees(world, victim, &[NodeState::Suspect, NodeState::Down]);
        let all = world.run_until(Duration::from_secs(4), suspect);
        expect(&sees(&world, victim), all)?;
        let dead = |world: &World| everyone_sees(world, victim, &[NodeState::Down]);
        let all = world.run_until(start + Duration::from_secs(10) - world.now(), dead);
        expect(&sees(&world, victim), all)?;
        let after = world.now() - start;
        expect(&after, after > Duration::from_secs(6))
    });
}

/// K15.
#[test]
fn frozen_process_that_goes_on_before_death_restarts_nothing() {
    each_seed("membership::death::frozen_process_that", 0..1_000, |seed| {
        let (mut world, _) = world_and_victim(seed, 3);
        let victim = run_agent(&mut world, 0, &name("counter"));
        let before = world.starts.clone();
        let span = Dice::new(seed, 9).duration(Duration::from_secs(2), Duration::from_secs(6));

        world.freeze(victim);
        world.run_for(span);
        world.thaw(victim);

        let ended =
            |world: &World| everyone_sees(world, victim, &[NodeState::Alive, NodeState::Waking]);
        world.run_for(Duration::from_millis(1_500));
        expect(&sees(&world, victim), ended(&world))?;
        world.run_for(Duration::from_secs(6));
        expect(&world.starts, world.starts == before)
    });
}

/// K16: 0.2 s, 2 s and 6 s.
#[test]
fn link_loss_up_to_six_seconds_moves_nothing() {
    each_seed("membership::death::link_loss", 0..1_000, |seed| {
        let (mut world, victim) = world_and_victim(seed, 3);
        for agent in 0..3 {
            run_agent(&mut world, 0, &name(&format!("agent-{agent}")));
        }
        let before = world.starts.clone();
        let spans = [200, 2_000, 6_000].map(Duration::from_millis);
        let span = spans[usize::try_from(seed % 3).unwrap()];

        let cut = world.isolate(&[victim]);
        world.run_for(span);
        world.mend(cut);
        world.run_for(Duration::from_secs(8));

        expect(&world.starts, world.starts == before)?;
        nobody_fell(&world)
    });
}

/// K21: everything that says who is up goes by datagram, and every other datagram is lost.
#[test]
fn half_of_all_signs_lost_among_ten_nodes_kill_nobody() {
    each_seed("membership::death::half", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 10));
        world.network.weather = Weather { lost_signs: 500, ..Weather::CALM };

        world.run_for(Duration::from_secs(30));

        nobody_fell(&world)
    });
}

/// B5: a fifth of everything lost, up to 200 ms of jitter, half an hour.
#[test]
fn half_an_hour_of_bad_network_moves_no_agent() {
    each_seed("membership::death::half_an_hour", 0..4, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        for agent in 0..6 {
            run_agent(&mut world, 0, &name(&format!("agent-{agent}")));
        }
        let before = world.starts.clone();
        world.network.weather =
            Weather { loss: 200, lost_signs: 200, jitter_ms: 200, ..Weather::CALM };

        world.run_for(Duration::from_mins(30));

        expect(&world.starts, world.starts == before)?;
        nobody_fell(&world)
    });
}

/// K19: one machine runs its process for a few milliseconds at a time, on a lossy network.
#[test]
fn starved_node_takes_nobody_for_dead() {
    each_seed("membership::death::starved", 0..1_000, |seed| {
        let (mut world, starved) = world_and_victim(seed, 4);
        let mut dice = Dice::new(seed, 9);
        world.network.weather = Weather { lost_signs: 300, ..Weather::CALM };

        for _ in 0..60 {
            world.freeze(starved);
            world.run_for(dice.duration(Duration::from_millis(100), Duration::from_millis(800)));
            world.thaw(starved);
            world.run_for(Duration::from_millis(10));
        }

        let wrong = |fact: &Fact| matches!(fact, Fact::MemberDown { .. });
        let id = world.id(starved);
        let events = &world.machine(starved).disk.events;
        let accused: Vec<_> =
            events.iter().filter(|event| event.origin == id && wrong(&event.fact)).collect();
        expect(&accused, accused.is_empty())
    });
}

fn world_and_victim(seed: u64, machines: usize) -> (World, usize) {
    let mut world = World::cluster(setup(seed, machines));
    world.network.weather = Weather::FAIR;
    let victim = Dice::new(seed, 8).index(machines);
    (world, victim)
}
