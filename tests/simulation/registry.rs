//! Names: claimed on both sides of a split, one winner after it.

use std::time::Duration;

use covey_logic::{CommandError, Name, Outcome};
use covey_sim::{
    World,
    invariant::{self, Violation},
    workload,
};

use crate::harness::{each_seed, name, register, settle, setup};

#[test]
fn name_claimed_on_both_sides_has_one_winner_for_every_seed() {
    each_seed("registry::name_claimed", 0..1_000, |seed| {
        let name = name("printer");
        let (mut world, cut) = split(seed);
        claim(&mut world, 0, &name)?;
        claim(&mut world, 2, &name)?;

        world.mend(cut);

        settle(&mut world, Duration::from_secs(15))?;
        let owner = world.route(0, &name).map(|route| route.node);
        if ![Some(world.id(0)), Some(world.id(2))].contains(&owner) {
            return Err(Violation::new("one winner", format!("{name} goes to {owner:?}")));
        }
        Ok(())
    });
}

#[test]
fn agent_started_on_both_sides_runs_once_for_every_seed() {
    each_seed("registry::agent_started", 0..1_000, |seed| {
        let name = name("ledger");
        let (mut world, cut) = split(seed);
        for index in [0, 2] {
            let result = world.ask(index, workload::start(name.clone(), false));
            expect(&result, matches!(result, Some(Ok(Outcome::Done))))?;
        }
        let twice = world.run_until(Duration::from_secs(2), |w| w.copies(&name).len() == 2);
        expect(&world.copies(&name), twice)?;

        world.mend(cut);

        settle(&mut world, Duration::from_secs(15))?;
        expect(&world.copies(&name), world.copies(&name).len() == 1)
    });
}

#[test]
fn agent_that_survives_on_both_sides_runs_once_after_healing() {
    each_seed("registry::agent_that_survives", 0..1_000, |seed| {
        let name = name("ledger");
        let mut world = World::cluster(setup(seed, 5));
        world.ask(0, workload::start(name.clone(), false));
        settle(&mut world, Duration::from_secs(5))?;
        let holder = world.copies(&name).first().map_or(0, |(holder, _)| *holder);
        let cut = world.isolate(&[holder, (holder + 1) % 5]);
        let twice = world.run_until(Duration::from_secs(10), |w| w.copies(&name).len() == 2);
        expect(&world.copies(&name), twice)?;

        world.mend(cut);

        settle(&mut world, Duration::from_secs(15))
    });
}

#[test]
fn name_of_another_node_is_refused_and_free_once_given_up() {
    let mut world = World::cluster(setup(1, 3));
    let name = name("printer");
    claim(&mut world, 0, &name).unwrap();
    world.run_for(Duration::from_secs(1));

    let taken = world.ask(1, register(&name));

    let owner = world.id(0);
    let refusal = CommandError::NameTaken { name: name.clone(), owner };
    assert_eq!(taken, Some(Ok(Outcome::Names(vec![Err(refusal)]))));
    world.ask(0, covey_logic::Command::Deregister { names: vec![name.clone()] });
    world.run_for(Duration::from_secs(1));
    claim(&mut world, 1, &name).unwrap();
    world.run_for(Duration::from_secs(1));
    invariant::check(&world).unwrap();
    assert_eq!(world.route(2, &name).map(|route| route.node), Some(world.id(1)));
}

#[test]
fn name_of_a_dead_node_goes_nowhere() {
    let mut world = World::cluster(setup(1, 3));
    let name = name("printer");
    claim(&mut world, 2, &name).unwrap();
    world.run_for(Duration::from_secs(1));
    assert!(world.route(0, &name).is_some());

    world.kill(2);

    assert!(world.run_until(Duration::from_secs(2), |world| world.route(0, &name).is_none()));
}

/// Four nodes in two halves that each hold the other for down.
fn split(seed: u64) -> (World, u64) {
    let mut world = World::cluster(setup(seed, 4));
    let cut = world.isolate(&[0, 1]);
    world.run_for(Duration::from_secs(9));
    (world, cut)
}

fn claim(world: &mut World, index: usize, name: &Name) -> Result<(), Violation> {
    let result = world.ask(index, register(name));
    let done = matches!(&result, Some(Ok(Outcome::Names(names))) if names == &[Ok(())]);
    expect(&result, done)
}

fn expect(found: &dyn std::fmt::Debug, holds: bool) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new("arrangement", format!("{found:?}"))) }
}
