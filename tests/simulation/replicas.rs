//! Several copies of one agent, each for itself.

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{
    Command, CommandError, Name, Outcome,
    agent::{AgentSpec, SpecError, Strategy},
};
use covey_sim::{World, workload};

use crate::harness::{all_run, each_seed, name, place, settle, setup, starts, want};

const SOON: Duration = Duration::from_secs(5);

#[test]
fn replicas_are_spread_and_scale_up_and_down() {
    each_seed("replicas::replicas_are_spread_and", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        want(&mut world, 0, replicated("web", 6));
        assert!(all_run(&mut world, &names("web", 6), SOON), "seed {seed}");
        assert_eq!(shares(&world, 6), [2, 2, 2], "seed {seed}");
        assert_eq!(world.node(1).unwrap().agents().len(), 6);

        scale(&mut world, "web", 2);
        let fewer = world.run_until(SOON, |world| world.running().len() == 2);
        assert!(fewer, "seed {seed}: {:?}", world.running());
        assert_eq!(world.node(2).unwrap().agents().len(), 2);

        scale(&mut world, "web", 9);
        assert!(all_run(&mut world, &names("web", 9), SOON), "seed {seed}");
        assert_eq!(shares(&world, 9), [3, 3, 3], "seed {seed}");
        world.kill(1);
        assert!(all_run(&mut world, &names("web", 9), SOON), "seed {seed}");

        world.boot(1);
        settle(&mut world, Duration::from_secs(15)).unwrap();
        world.ask(2, Command::RemoveAgent { name: name("web") });
        assert!(world.run_until(SOON, |world| world.running().is_empty()));
        settle(&mut world, Duration::from_secs(15)).unwrap();
        assert_eq!(world.node(0).unwrap().agents(), []);
        Ok(())
    });
}

#[test]
fn replicas_are_spread_over_the_values_of_a_label() {
    let mut world = World::cluster(setup(3, 4));
    for (index, room) in ["lab", "lab", "lab", "attic"].into_iter().enumerate() {
        let labels = BTreeMap::from([("room".to_owned(), room.to_owned())]);
        world.ask(index, Command::SetLabels { labels });
    }
    world.run_for(Duration::from_secs(1));
    let mut spec = replicated("web", 4);
    spec.placement.strategy = Strategy::Spread;
    spec.placement.spread_by = Some("room".to_owned());

    want(&mut world, 0, spec);

    assert!(all_run(&mut world, &names("web", 4), SOON));
    assert_eq!(shares(&world, 4)[3], 2, "{:?}", shares(&world, 4));
}

#[test]
fn one_replica_is_stopped_restarted_and_crashed_alone() {
    let mut world = World::cluster(setup(1, 3));
    want(&mut world, 0, replicated("web", 3));
    let all = names("web", 3);
    assert!(all_run(&mut world, &all, SOON));

    world.ask(1, Command::StopAgent { name: all[1].clone() });
    assert!(world.run_until(SOON, |world| world.copies(&all[1]).is_empty()));
    world.ask(2, Command::RestartAgent { name: all[1].clone() });
    assert!(all_run(&mut world, &all, SOON));
    let holder = place(&world, &all[2]);
    world.crash_agent(holder, &all[2]);
    world.run_for(Duration::from_secs(1));
    assert!(all_run(&mut world, &all, SOON));

    assert_eq!(all.iter().map(|it| starts(&world, it)).collect::<Vec<_>>(), [1, 2, 2]);
    world.ask(0, Command::RestartAgent { name: name("web") });
    world.run_for(Duration::from_secs(1));
    assert!(all_run(&mut world, &all, SOON));
    assert_eq!(all.iter().map(|it| starts(&world, it)).collect::<Vec<_>>(), [2, 3, 3]);
    let refused = world.ask(0, Command::RemoveAgent { name: all[0].clone() });
    let replica = SpecError::Replica { of: name("web") };
    assert_eq!(refused, Some(Err(CommandError::Spec(replica))));
}

#[test]
fn names_of_replicas_are_taken_and_must_be_free() {
    let mut world = World::cluster(setup(1, 2));
    want(&mut world, 0, replicated("web", 2));
    want(&mut world, 0, workload::spec(name("db.2")));

    let inside = start(&mut world, workload::spec(name("web.2")));
    let over = start(&mut world, replicated("db", 3));
    let beside = start(&mut world, workload::spec(name("web.3")));

    assert_eq!(inside, Err(CommandError::AgentExists { name: name("web.2") }));
    assert_eq!(over, Err(CommandError::AgentExists { name: name("db.2") }));
    assert_eq!(beside, Ok(Outcome::Done));
}

fn start(world: &mut World, spec: AgentSpec) -> Result<Outcome, CommandError> {
    let start = Command::StartAgent { spec: Box::new(spec), pin: None, replace: false };
    world.ask(0, start).unwrap()
}

fn scale(world: &mut World, base: &str, copies: u32) {
    let spec = Box::new(replicated(base, copies));
    let start = Command::StartAgent { spec, pin: None, replace: true };
    assert_eq!(world.ask(1, start), Some(Ok(Outcome::Done)));
    world.run_for(Duration::from_secs(1));
}

fn replicated(base: &str, replicas: u32) -> AgentSpec {
    AgentSpec { replicas, ..workload::spec(name(base)) }
}

fn names(base: &str, copies: u32) -> Vec<Name> {
    (1..=copies).map(|number| name(&format!("{base}.{number}"))).collect()
}

/// How many replicas run on each machine.
fn shares(world: &World, copies: u32) -> Vec<u32> {
    let mut shares = vec![0; world.machines().len()];
    for name in names("web", copies) {
        shares[place(world, &name)] += 1;
    }
    shares
}
