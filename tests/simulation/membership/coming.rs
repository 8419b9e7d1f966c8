//! Coming and going: goodbyes, next lives, and members that discovery finds again or no longer.

use std::time::Duration;

use covey_logic::{
    Command,
    event::Fact,
    node::{NodeState, ProblemView},
};
use covey_sim::{World, dice::Dice, invariant::Violation, network::Weather};

use super::{everyone_sees, expect, nobody_fell, sees};
use crate::harness::{each_seed, name, register, run_agent, setup};

/// K24: with two to six nodes.
#[test]
fn leave_shows_as_left_everywhere_within_a_second_and_alarms_nobody() {
    each_seed("membership::coming::leave", 0..1_000, |seed| {
        let machines = 2 + usize::try_from(seed % 5).unwrap();
        let mut world = World::cluster(setup(seed, machines));
        world.network.weather = Weather::FAIR;
        let leaver = Dice::new(seed, 8).index(machines);
        let start = world.now();

        world.command(leaver, Command::Leave);

        let left = |world: &World| {
            (0..machines).filter(|index| *index != leaver).all(|index| {
                world.sees(index, leaver).is_some_and(|view| view.state == NodeState::Left)
            })
        };
        let all = world.run_until(start + Duration::from_secs(1) - world.now(), left);
        expect(&sees(&world, leaver), all)?;
        world.kill(leaver);
        world.run_for(Duration::from_secs(10));
        expect(&sees(&world, leaver), left(&world))?;
        for (index, process) in world.live() {
            let problems = process.node.status().problems;
            let alarm = |problem: &ProblemView| matches!(problem, ProblemView::NodeDown { .. });
            expect(&(index, &problems), !problems.iter().any(alarm))?;
        }
        nobody_fell(&world)
    });
}

/// K25: one member is cut off meanwhile and keeps the earlier life; it cannot bring it back.
#[test]
fn earlier_life_is_gone_within_two_seconds_and_never_comes_back() {
    each_seed("membership::coming::earlier", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        let names: Vec<_> = (0..5).map(|number| name(&format!("name-{number}"))).collect();
        for name in &names {
            world.ask(2, register(name));
        }
        world.run_for(Duration::from_secs(1));
        world.network.weather = Weather::FAIR;
        let known = |world: &World, index: usize| {
            names.iter().filter(|name| world.route(index, name).is_some()).count()
        };
        expect(&"names", known(&world, 3) == names.len())?;
        let cut = world.isolate(&[3]);

        world.kill(2);
        world.boot(2);

        let gone = |world: &World| [0, 1, 2].iter().all(|index| known(world, *index) == 0);
        expect(&"an earlier life", world.run_until(Duration::from_secs(2), gone))?;
        let back = world.run_until(Duration::from_secs(1), |world| !gone(world));
        expect(&"back", !back)?;
        world.mend(cut);
        let back = world.run_until(Duration::from_secs(8), |world| !gone(world));
        expect(&"back with the one that was cut off", !back)?;
        expect(&known(&world, 3), known(&world, 3) == 0)
    });
}

/// K3: discovery finds everyone again every ten seconds.
#[test]
fn member_found_again_is_neither_connected_again_nor_told_of() {
    each_seed("membership::coming::member", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        world.run_for(Duration::from_secs(12));
        let before = (connections(&world), facts(&world));

        world.run_for(Duration::from_secs(60));

        expect(&connections(&world), connections(&world) == before.0)?;
        expect(&facts(&world), facts(&world) == before.1)
    });
}

/// K5: the source falls silent; its members are heard, so they stay.
#[test]
fn source_that_lists_nobody_any_more_takes_nobody_away() {
    each_seed("membership::coming::source", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        run_agent(&mut world, 0, &name("counter"));
        world.run_for(Duration::from_secs(12));
        let before = facts(&world);

        world.silence_discovery();
        world.run_for(Duration::from_mins(5));

        expect(&facts(&world), facts(&world) == before)?;
        for index in 0..4 {
            expect(&sees(&world, index), everyone_sees(&world, index, &[NodeState::Alive]))?;
        }
        Ok::<(), Violation>(())
    });
}

fn connections(world: &World) -> Vec<usize> {
    let pairs = (0..4).flat_map(|index| (0..4).map(move |other| (index, other)));
    pairs.map(|(index, other)| world.connections(index, other)).collect()
}

fn facts(world: &World) -> Vec<Fact> {
    world.machine(0).disk.events.iter().map(|event| event.fact.clone()).collect()
}
