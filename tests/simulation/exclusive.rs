//! Agents that never run twice: the node's part, against what stands in for the group.

use std::time::Duration;

use covey_logic::{
    Command, CommandError, Name,
    agent::{AgentSpec, Class},
};
use covey_sim::{World, dice::Dice, invariant::Violation, workload};

use crate::harness::{all_run, each_seed, name, place, settle, setup, want};

const SOON: Duration = Duration::from_secs(8);
/// A lease with the grace of the agent, and some asking.
const TAKE_OVER: Duration = Duration::from_secs(25);

/// K78: in whatever parts the cluster falls, whoever stands still or dies, and for however long.
#[test]
fn exclusive_agent_never_runs_twice_for_every_seed() {
    each_seed("exclusive::exclusive_agent_never_runs", 0..1_000, |seed| {
        let (mut world, agent) = started(seed, 5);
        let mut dice = Dice::new(seed, 11);

        for _ in 0..3 {
            let side: Vec<_> = (0..5).filter(|_| dice.chance(400)).collect();
            let cut = world.isolate(&side);
            let frozen = dice.index(5);
            let killed = dice.index(5);
            if dice.chance(500) {
                world.freeze(frozen);
            }
            if dice.chance(300) {
                world.kill(killed);
            }
            let span = Duration::from_micros(dice.log_micros(500_000, 30_000_000));
            once_for(&mut world, &agent, span)?;
            world.thaw(frozen);
            world.mend(cut);
            world.boot(killed);
            once_for(&mut world, &agent, Duration::from_millis(dice.below(6_000)))?;
        }
        settle(&mut world, Duration::from_secs(40))?;
        let one = world.copies(&agent).len() == 1;
        if one {
            Ok(())
        } else {
            Err(Violation::new("it runs again", format!("{:?}", world.copies(&agent))))
        }
    });
}

/// K78: the smaller side has stopped it when the larger side starts it.
#[test]
fn larger_side_starts_it_after_the_smaller_side_stopped_it() {
    each_seed("exclusive::larger_side_starts", 0..1_000, |seed| {
        let (mut world, agent) = started(seed, 3);
        let holder = place(&world, &agent);

        world.isolate(&[holder]);
        let end = world.now() + TAKE_OVER;
        while world.now() < end && world.copies(&agent).iter().all(|(at, _)| *at == holder) {
            once_for(&mut world, &agent, Duration::from_millis(50))?;
        }

        let copies = world.copies(&agent);
        assert!(copies.len() == 1 && copies[0].0 != holder, "seed {seed}: {copies:?}");
        Ok(())
    });
}

/// K79: of two members the voter runs it, wherever it ran before.
#[test]
fn of_two_the_side_of_the_voter_runs_it() {
    each_seed("exclusive::of_two_the_side", 0..1_000, |seed| {
        let (mut world, agent) = started(seed, 2);

        world.isolate(&[0]);
        once_for(&mut world, &agent, TAKE_OVER)?;

        assert_eq!(world.copies(&agent).len(), 1, "seed {seed}");
        assert_eq!(place(&world, &agent), 0, "seed {seed}: the first machine votes");
        Ok(())
    });
}

/// K80: a start where no majority is in sight is refused at once; the same start is taken when it is
/// back.
#[test]
fn start_on_a_minority_is_refused_until_the_majority_is_back() {
    each_seed("exclusive::start_on_a_minority", 0..100, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        world.found_group();
        let cut = world.isolate(&[0]);
        world.run_for(Duration::from_secs(10));
        let agent = name("ledger");
        let start = |agent: &Name| Command::StartAgent {
            spec: Box::new(exclusive(agent)),
            pin: None,
            replace: false,
        };

        let refused = world.ask(0, start(&agent));
        world.mend(cut);
        world.run_for(SOON);
        let taken = world.ask(0, start(&agent));

        assert_eq!(refused, Some(Err(CommandError::NoQuorum { have: 1, need: 2 })), "seed {seed}");
        assert!(matches!(taken, Some(Ok(_))), "seed {seed}: {taken:?}");
        assert!(all_run(&mut world, std::slice::from_ref(&agent), SOON), "seed {seed}");
        Ok(())
    });
}

/// A node that stops it says so to the group: nobody waits for the end of the lease.
#[test]
fn agent_that_is_moved_starts_as_soon_as_it_has_stopped() {
    each_seed("exclusive::agent_that_is_moved", 0..1_000, |seed| {
        let (mut world, agent) = started(seed, 3);
        let to = (place(&world, &agent) + 1) % 3;
        let pin = Some(world.id(to));

        drop(world.ask(0, Command::MoveAgent { name: agent.clone(), to: pin }));
        let end = world.now() + Duration::from_secs(5);
        while world.now() < end && world.copies(&agent).iter().all(|(at, _)| *at != to) {
            once_for(&mut world, &agent, Duration::from_millis(50))?;
        }

        assert_eq!(place(&world, &agent), to, "seed {seed}");
        Ok(())
    });
}

/// A cluster with a group, in which the agent runs.
fn started(seed: u64, machines: usize) -> (World, Name) {
    let mut world = World::cluster(setup(seed, machines));
    world.found_group();
    world.run_for(Duration::from_secs(1));
    let agent = name("ledger");
    want(&mut world, 0, exclusive(&agent));
    assert!(all_run(&mut world, std::slice::from_ref(&agent), SOON), "seed {seed}: it runs");
    (world, agent)
}

fn exclusive(agent: &Name) -> AgentSpec {
    AgentSpec { class: Class::Exclusive, ..workload::spec(agent.clone()) }
}

/// Runs for a while in which the agent runs once at most.
fn once_for(world: &mut World, agent: &Name, span: Duration) -> Result<(), Violation> {
    let end = world.now() + span;
    while world.now() < end {
        world.run_for(Duration::from_millis(20));
        let copies = world.copies(agent);
        if copies.len() > 1 {
            return Err(Violation::new("S8", format!("{copies:?} at {:?}", world.now())));
        }
    }
    Ok(())
}
