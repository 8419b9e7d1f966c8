//! Who is up, who left, who was put out.

mod coming;
pub(crate) mod death;
mod sleep;
mod words;

use std::{fmt::Debug, time::Duration};

use covey_logic::{
    Command, Outcome,
    event::Fact,
    node::{NodeState, ProblemView},
};
use covey_sim::{World, invariant::Violation, workload};

use crate::harness::{each_seed, name, run_agent, settle, setup};

#[test]
fn killed_node_is_down_within_a_second() {
    each_seed("membership::killed_node_is_down", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));

        world.kill(2);

        let seen = world.run_until(Duration::from_secs(1), |world| {
            [0, 1].iter().all(|index| state(world, *index, 2) == Some(NodeState::Down))
        });
        assert!(seen, "seed {seed}: {:?} {:?}", state(&world, 0, 2), state(&world, 1, 2));
        Ok(())
    });
}

#[test]
fn unplugged_node_is_down_only_after_the_silence() {
    each_seed("membership::unplugged_node_is_down", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let before = world.now();

        world.isolate(&[2]);

        let seen = world.run_until(Duration::from_secs(9), |world| {
            [0, 1].iter().all(|index| state(world, *index, 2) == Some(NodeState::Down))
        });
        assert!(seen, "seed {seed}: {:?} {:?}", state(&world, 0, 2), state(&world, 1, 2));
        let after = world.now() - before;
        assert!(after >= Duration::from_secs(5), "seed {seed}: down after {after:?}");
        Ok(())
    });
}

#[test]
fn one_pulled_cable_among_three_takes_nobody_down() {
    each_seed("membership::one_pulled_cable_among", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));

        world.cut(vec![(1, 2), (2, 1)]);

        let fell = world.run_until(Duration::from_secs(15), |world| {
            [(1, 2), (2, 1), (0, 1), (0, 2)]
                .iter()
                .any(|(index, other)| state(world, *index, *other) == Some(NodeState::Down))
        });
        assert!(!fell, "seed {seed}");
        Ok(())
    });
}

#[test]
fn node_that_says_goodbye_has_left_and_comes_back() {
    let mut world = World::cluster(setup(1, 3));

    world.ask(2, Command::Leave);
    world.run_for(Duration::from_millis(200));
    world.kill(2);

    world.run_for(Duration::from_secs(2));
    assert_eq!(state(&world, 0, 2), Some(NodeState::Left));
    world.boot(2);
    assert!(world.run_until(Duration::from_secs(5), World::one_cluster));
}

#[test]
fn revoked_node_is_put_out_everywhere() {
    each_seed("membership::revoked_node_is_put_out", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        let node = world.id(3);

        let result = world.ask(0, Command::Revoke { node });

        assert!(matches!(result, Some(Ok(_))), "{result:?}");
        let out = world.run_until(Duration::from_secs(5), |world| {
            [0, 1, 2].iter().all(|index| state(world, *index, 3).is_none())
        });
        assert!(out, "seed {seed}");
        world.kill(3);
        world.boot(3);
        world.run_for(Duration::from_secs(5));
        assert!([0, 1, 2].iter().all(|index| state(&world, *index, 3).is_none()), "seed {seed}");
        Ok(())
    });
}

#[test]
fn node_revoked_behind_a_split_is_out_once_it_heals() {
    each_seed("membership::node_revoked_behind_a", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        let cut = world.isolate(&[2, 3]);
        world.run_for(Duration::from_secs(8));
        let node = world.id(3);
        assert!(matches!(world.ask(0, Command::Revoke { node }), Some(Ok(_))));

        world.mend(cut);

        let out = world.run_until(Duration::from_secs(10), |world| {
            [0, 1, 2].iter().all(|index| {
                state(world, *index, 3).is_none()
                    && [0, 1, 2]
                        .iter()
                        .all(|other| state(world, *index, *other) == Some(NodeState::Alive))
            })
        });
        assert!(out, "seed {seed}");
        Ok(())
    });
}

#[test]
fn agents_of_a_node_that_leaves_run_elsewhere_at_once() {
    each_seed("membership::agents_of_a_node_that", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("counter");
        let holder = run_agent(&mut world, 0, &agent);

        world.command(holder, Command::Leave);

        let moved = world.run_until(
            Duration::from_secs(1),
            |world| matches!(world.copies(&agent)[..], [(machine, _)] if machine != holder),
        );
        assert!(moved, "seed {seed}: {:?}", world.copies(&agent));
        world.kill(holder);
        world.boot(holder);
        settle(&mut world, Duration::from_secs(10)).unwrap();
        Ok(())
    });
}

#[test]
fn clock_ten_minutes_ahead_is_named_and_harms_nobody() {
    each_seed("membership::clock_ten_minutes_ahead", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("counter");
        run_agent(&mut world, 0, &agent);
        world.jump_clock(2, 600_000);
        world.ask(2, workload::start(name("ahead"), false));
        world.run_for(Duration::from_secs(3));

        let late = name("late");
        let result = world.ask(0, workload::start(late.clone(), false));

        assert_eq!(result, Some(Ok(Outcome::Done)), "seed {seed}");
        world.run_for(Duration::from_secs(3));
        for agent in [&agent, &late] {
            assert_eq!(world.copies(agent).len(), 1, "seed {seed}: {agent}");
        }
        let node = world.id(2);
        let problems = world.node(0).unwrap().status().problems;
        let named = problems.iter().any(
            |problem| matches!(problem, ProblemView::ClockAhead { node: id, .. } if *id == node),
        );
        assert!(named, "seed {seed}: {problems:?}");
        Ok(())
    });
}

fn state(world: &World, index: usize, other: usize) -> Option<NodeState> {
    world.sees(index, other).map(|view| view.state)
}

/// Whether every other live node sees the one on machine `other` in one of these states.
fn everyone_sees(world: &World, other: usize, states: &[NodeState]) -> bool {
    sees(world, other)
        .iter()
        .filter(|(index, _)| *index != other)
        .all(|(_, state)| state.is_some_and(|state| states.contains(&state)))
}

/// How each live node sees the one on machine `other`.
fn sees(world: &World, other: usize) -> Vec<(usize, Option<NodeState>)> {
    world.live().map(|(index, _)| (index, state(world, index, other))).collect()
}

/// No node ever held another to be down, as far as any disk knows.
fn nobody_fell(world: &World) -> Result<(), Violation> {
    let fell = |fact: &Fact| matches!(fact, Fact::MemberDown { .. });
    let disks = world.machines().iter().map(|machine| &machine.disk.events);
    let found: Vec<_> = disks.flatten().filter(|event| fell(&event.fact)).collect();
    expect(&found, found.is_empty())
}

fn expect(found: &dyn Debug, holds: bool) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new("membership", format!("{found:?}"))) }
}
