//! Machines that sleep and wake.

use std::time::Duration;

use covey_logic::{Command, Input, event::Fact, node::NodeState};
use covey_sim::{World, dice::Dice, invariant::Violation};

use super::{everyone_sees, expect, sees};
use crate::harness::{each_seed, name, register, run_agent, runs_everywhere, settle, setup};

/// The others need seven seconds to give a node up; so long one that woke does nothing.
const GRACE: Duration = Duration::from_millis(7_000);

/// K20: warned or not, on machines whose monotonic clock stops in sleep and on others.
#[test]
fn machine_that_slept_asks_before_it_acts() {
    each_seed("membership::sleep::machine", 0..1_000, |seed| {
        let span = Dice::new(seed, 9).duration(Duration::from_secs(7), Duration::from_secs(30));
        sleep_and_wake(seed, span)
    });
}

/// K20.
#[test]
fn laptop_that_slept_ten_minutes_asks_before_it_acts() {
    each_seed("membership::sleep::laptop", 0..1_000, |seed| {
        sleep_and_wake(seed, Duration::from_mins(10))
    });
}

/// K20.
#[test]
fn announced_sleep_is_no_death_and_its_agents_run_elsewhere_at_once() {
    each_seed("membership::sleep::announced", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("counter");
        let sleeper = run_agent(&mut world, 0, &agent);

        world.tell(sleeper, Input::Suspending);
        world.run_for(Duration::from_millis(50));
        world.sleep(sleeper, false);

        let moved = world.run_until(Duration::from_secs(1), |world| {
            world.copies(&agent).iter().any(|(machine, _)| *machine != sleeper)
        });
        expect(&world.copies(&agent), moved)?;
        world.run_for(Duration::from_secs(20));
        for (index, _) in world.live().filter(|(index, _)| *index != sleeper) {
            let state = world.sees(index, sleeper).map(|view| view.state);
            expect(&state, state == Some(NodeState::Sleeping))?;
            let problems = world.node(index).map(|node| node.status().problems);
            expect(&problems, problems.as_ref().is_some_and(Vec::is_empty))?;
        }
        let alarm =
            |fact: &Fact| matches!(fact, Fact::MemberDown { .. } | Fact::MemberSuspected { .. });
        let alarms = world.machine((sleeper + 1) % 3).disk.events.iter();
        let alarms: Vec<_> = alarms.filter(|event| alarm(&event.fact)).collect();
        expect(&alarms, alarms.is_empty())
    });
}

/// K20.
#[test]
fn node_that_was_told_of_a_sleep_that_never_came_is_back() {
    each_seed("membership::sleep::node_that_was_told", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        run_agent(&mut world, 0, &name("counter"));

        world.tell(1, Input::Suspending);

        let said = |world: &World| {
            [0, 2].iter().all(|index| {
                world.sees(*index, 1).is_some_and(|view| view.state == NodeState::Sleeping)
            })
        };
        expect(&sees(&world, 1), world.run_until(Duration::from_secs(1), said))?;
        settle(&mut world, Duration::from_secs(30))
    });
}

fn sleep_and_wake(seed: u64, span: Duration) -> Result<(), Violation> {
    let mut world = World::cluster(setup(seed, 3));
    let agents = [0, 1, 2].map(|agent| name(&format!("agent-{agent}")));
    for agent in &agents {
        run_agent(&mut world, 0, agent);
    }
    let sleeper = Dice::new(seed, 8).index(3);
    let (told, stood) = (seed.is_multiple_of(2), (seed / 2).is_multiple_of(2));

    world.sleep(sleeper, told);
    world.run_for(span);
    world.wake_up(sleeper, stood);

    let (woke, claim) = (world.now(), name("claim"));
    let ticket = world.command(sleeper, register(&claim));
    let others: Vec<usize> = (0..3).filter(|index| *index != sleeper).collect();
    while world.now() < woke + GRACE {
        world.run_for(Duration::from_millis(100));
        for other in &others {
            let state = world.sees(sleeper, *other).map(|view| view.state);
            expect(&(*other, state), state == Some(NodeState::Alive) || told_asleep(state))?;
        }
        let started = world.starts.iter().find(|s| s.machine == sleeper && s.at >= woke);
        expect(&started, started.is_none())?;
        expect(&"a claim", world.reply(ticket).is_none())?;
    }
    settle(&mut world, Duration::from_secs(30))?;
    expect(&"no claim", world.reply(ticket).is_some())?;
    expect(&sees(&world, sleeper), everyone_sees(&world, sleeper, &[NodeState::Alive]))?;
    for agent in &agents {
        expect(&world.copies(agent), runs_everywhere(&world, agent))?;
    }
    world.ask(sleeper, Command::Deregister { names: vec![claim] });
    Ok(())
}

fn told_asleep(state: Option<NodeState>) -> bool {
    matches!(state, Some(NodeState::Waking | NodeState::Sleeping))
}
