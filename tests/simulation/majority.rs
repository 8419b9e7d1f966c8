//! Agents that run on one side of a split alone.

use std::time::Duration;

use covey_logic::{
    Name,
    agent::{AgentSpec, Class},
};
use covey_sim::{World, dice::Dice, invariant::Violation, workload};

use crate::harness::{all_run, each_seed, name, place, settle, setup, waiting, want};

const SOON: Duration = Duration::from_secs(5);
/// Silence, the grace of the agent, and what the host needs beside it.
const TAKE_OVER: Duration = Duration::from_secs(20);

/// K78 as far as it goes by time alone: the minority stops its copy before the majority starts
/// one, in whatever parts the cluster falls and for however long.
#[test]
fn agent_never_runs_on_both_sides_for_every_seed() {
    each_seed("majority::agent_never_runs_on_both", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 5));
        let agent = name("ledger");
        want(&mut world, 0, majority_only(&agent));
        let runs = all_run(&mut world, std::slice::from_ref(&agent), SOON);
        expect("it runs", &world, &agent, runs)?;
        let mut dice = Dice::new(seed, 9);

        for _ in 0..2 {
            let side: Vec<_> = (0..5).filter(|_| dice.chance(500)).collect();
            let cut = world.isolate(&side);
            let end = world.now() + Duration::from_micros(dice.log_micros(500_000, 25_000_000));
            while world.now() < end {
                world.run_for(Duration::from_millis(50));
                expect("one at a time", &world, &agent, world.copies(&agent).len() <= 1)?;
            }
            world.mend(cut);
            world.run_for(Duration::from_millis(dice.below(3_000)));
            expect("one at a time", &world, &agent, world.copies(&agent).len() <= 1)?;
        }
        settle(&mut world, Duration::from_secs(40))
    });
}

#[test]
fn larger_side_takes_over_and_smaller_side_says_why_not() {
    each_seed("majority::larger_side_takes_over", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 5));
        let agent = name("ledger");
        want(&mut world, 0, majority_only(&agent));
        assert!(all_run(&mut world, std::slice::from_ref(&agent), SOON));
        let holder = place(&world, &agent);
        let side = [holder, (holder + 1) % 5];

        world.isolate(&side);
        let stopped =
            world.run_until(Duration::from_secs(9), |world| world.copies(&agent).is_empty());
        assert!(stopped, "seed {seed}: {:?}", world.copies(&agent));
        let moved = world.run_until(TAKE_OVER, |world| world.copies(&agent).len() == 1);

        assert!(moved && !side.contains(&place(&world, &agent)), "seed {seed}");
        let said = world.agent(holder, &agent).unwrap().waiting;
        assert_eq!(said[0], "2 of 5 members are in sight, and it runs where more than half are");
        Ok(())
    });
}

/// K79 as far as it goes by time alone: of two members that do not see each other, neither runs
/// it; once they do, one does.
#[test]
fn two_members_that_are_split_both_stop() {
    each_seed("majority::two_members_that_are", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 2));
        let agent = name("ledger");
        want(&mut world, 0, majority_only(&agent));
        assert!(all_run(&mut world, std::slice::from_ref(&agent), SOON));

        let cut = world.isolate(&[0]);
        world.run_for(Duration::from_secs(30));

        assert_eq!(world.copies(&agent), [], "seed {seed}");
        world.mend(cut);
        settle(&mut world, Duration::from_secs(15)).unwrap();
        assert_eq!(world.copies(&agent).len(), 1);
        Ok(())
    });
}

/// A process that is known to be gone runs nothing: there is nothing to wait for.
#[test]
fn death_that_is_certain_is_not_waited_out() {
    each_seed("majority::death_that_is_certain_is", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("ledger");
        want(&mut world, 0, majority_only(&agent));
        assert!(all_run(&mut world, std::slice::from_ref(&agent), SOON));
        let holder = place(&world, &agent);

        world.kill(holder);

        assert!(
            all_run(&mut world, std::slice::from_ref(&agent), Duration::from_secs(2)),
            "seed {seed}"
        );
        Ok(())
    });
}

/// A start on a minority waits and says so.
#[test]
fn start_on_a_minority_waits() {
    let mut world = World::cluster(setup(1, 3));
    let cut = world.isolate(&[0]);
    world.run_for(Duration::from_secs(9));
    let agent = name("ledger");
    want(&mut world, 0, majority_only(&agent));
    world.run_for(Duration::from_secs(5));
    assert_eq!(world.copies(&agent), []);
    let said = world.agent(0, &agent).unwrap().waiting;
    assert_eq!(said[0], "1 of 3 members are in sight, and it runs where more than half are");

    world.mend(cut);

    assert!(all_run(&mut world, std::slice::from_ref(&agent), Duration::from_secs(15)));
    assert_eq!(waiting(&world, &agent), Some(Vec::new()));
}

fn majority_only(agent: &Name) -> AgentSpec {
    AgentSpec { class: Class::MajorityOnly, ..workload::spec(agent.clone()) }
}

fn expect(what: &'static str, world: &World, agent: &Name, holds: bool) -> Result<(), Violation> {
    if holds {
        return Ok(());
    }
    Err(Violation::new(what, format!("{:?} at {:?}", world.copies(agent), world.now())))
}
