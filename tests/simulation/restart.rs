//! All nodes off, then on.

use std::time::Duration;

use covey_logic::{Command, Outcome, event::Fact};
use covey_sim::{World, invariant::Violation};

use crate::harness::{each_seed, name, run_agent, settle, setup};

#[test]
fn cluster_that_was_off_runs_its_agents_again() {
    each_seed("restart::cluster", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 5));
        let agents: Vec<_> = ["one", "two", "three"].map(name).into();
        for (index, agent) in agents.iter().enumerate() {
            run_agent(&mut world, index, agent);
        }
        let stopped = name("stopped");
        run_agent(&mut world, 3, &stopped);
        let result = world.ask(4, Command::StopAgent { name: stopped.clone() });
        assert_eq!(result, Some(Ok(Outcome::Done)));
        settle(&mut world, Duration::from_secs(10))?;

        (0..5).for_each(|index| world.power_off(index));
        world.run_for(Duration::from_secs(30));
        world.boot_all();

        settle(&mut world, Duration::from_secs(20))?;
        for agent in &agents {
            if world.copies(agent).len() != 1 {
                return Err(Violation::new("restart", format!("{agent} does not run")));
            }
        }
        let wanted = |fact: &Fact| matches!(fact, Fact::AgentWanted { .. });
        let known = world.machine(0).disk.events.iter().filter(|event| wanted(&event.fact)).count();
        if known != 4 {
            return Err(Violation::new("restart", format!("{known} of 4 wishes are known")));
        }
        Ok(())
    });
}

#[test]
fn lone_node_runs_its_agents_again() {
    let mut world = World::new(setup(1, 1));
    world.boot_all();
    let agent = name("alone");
    run_agent(&mut world, 0, &agent);

    world.kill(0);
    world.boot(0);

    assert!(world.run_until(Duration::from_secs(3), |world| world.copies(&agent).len() == 1));
}

#[test]
fn last_one_on_learns_what_changed_while_it_was_off() {
    each_seed("restart::last_one", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("one");
        run_agent(&mut world, 0, &agent);
        world.power_off(2);
        world.run_for(Duration::from_secs(10));
        world.ask(0, Command::StopAgent { name: agent.clone() });
        run_agent(&mut world, 1, &name("two"));

        world.boot(2);

        settle(&mut world, Duration::from_secs(15))
    });
}

#[test]
fn clocks_that_start_an_hour_behind_harm_nobody() {
    each_seed("restart::clocks", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("one");
        run_agent(&mut world, 0, &agent);
        settle(&mut world, Duration::from_secs(10))?;
        (0..3).for_each(|index| world.power_off(index));
        (0..3).for_each(|index| world.jump_clock(index, -3_600_000));

        world.boot_all();

        settle(&mut world, Duration::from_secs(20))?;
        run_agent(&mut world, 1, &name("two"));
        settle(&mut world, Duration::from_secs(10))
    });
}

#[test]
fn clock_that_was_ahead_and_is_set_right_harms_nobody_after_a_restart() {
    each_seed("restart::clock_that", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        world.jump_clock(2, 3_600_000);
        world.ask(2, covey_sim::workload::start(name("ahead"), false));
        world.run_for(Duration::from_secs(2));
        world.kill(2);
        world.jump_clock(2, -3_600_000);

        world.boot(2);

        settle(&mut world, Duration::from_secs(20))?;
        run_agent(&mut world, 2, &name("right"));
        settle(&mut world, Duration::from_secs(10))
    });
}
