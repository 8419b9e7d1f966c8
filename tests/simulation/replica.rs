//! Copies across a cluster: nothing is lost, nothing comes back, and what it costs.

use std::time::Duration;

use covey_logic::{
    Command, Name, NodeId, Outcome,
    node::ProblemView,
    replica::{Presence, PresenceKey, shard::Shard},
    wire,
};
use covey_sim::{
    Setup, World,
    fault::{Fault, Faults},
    invariant::{self, Violation},
    network::Weather,
    workload::{self, Workload},
};

use crate::harness::{each_seed, name, run_while, settle, setup};

/// K29: gossip is lost, doubled and late, links break and machines die, and no copy ever skips a
/// change; K40: nor does any machine that lost its power use a version again that others have seen,
/// or two copies of one version would differ.
#[test]
fn copies_of_one_version_are_alike_whatever_goes_wrong_for_every_seed() {
    each_seed("replica::copies_of_one_version", 0..1_000, |seed| {
        let machines = 3 + usize::try_from(seed % 2).unwrap();
        let mut setup = setup(seed, machines);
        setup.weather = Weather::STORM;
        let mut world = World::cluster(setup);
        world.let_people_want(Workload::new(seed));
        world.let_faults_strike(Faults::new(
            seed,
            &[Fault::Kill, Fault::Partition, Fault::PowerOff],
        ));

        run_while(&mut world, Duration::from_secs(10), invariant::contiguous::check)
    });
}

/// K33: more names are removed during a split than removals are remembered.
#[test]
fn name_removed_during_a_split_does_not_come_back() {
    each_seed("replica::name_removed", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let gone = names("gone", Shard::MAX_REMOVALS + 500);
        let kept = names("kept", 20);
        register(&mut world, 0, &gone);
        register(&mut world, 0, &kept);
        settle(&mut world, Duration::from_secs(10))?;
        let cut = world.isolate(&[2]);
        for batch in gone.chunks(1_000) {
            world.ask(0, Command::Deregister { names: batch.to_vec() });
        }
        world.run_for(Duration::from_secs(8));

        world.mend(cut);

        settle(&mut world, Duration::from_secs(20))?;
        let owner = |name: &Name| world.route(2, name).map(|route| route.node);
        let back = gone.iter().find(|name| owner(name).is_some());
        let lost = kept.iter().find(|name| owner(name) != Some(world.id(0)));
        match (back, lost) {
            (None, None) => Ok(()),
            found => Err(Violation::new("removal", format!("came back, were lost: {found:?}"))),
        }
    });
}

/// K36: the bytes are those of every message with everything around it on the wire.
#[test]
fn ten_idle_nodes_with_ten_thousand_names_say_little() {
    let mut world = measured(1, 10);
    for index in 0..10 {
        register(&mut world, index, &names(&format!("n{index}"), 1_000));
    }
    assert!(world.run_until(Duration::from_secs(20), one_fingerprint));
    world.run_for(Duration::from_secs(5));
    let before = world.tallies();

    world.run_for(Duration::from_secs(30));

    let sent = world.tallies() - before;
    let rate = (sent.repair.bytes + sent.gossip.bytes) / (30 * 10);
    assert!(rate < 3_000, "{rate} bytes a second a node");
}

/// K41.
#[test]
fn clock_ten_minutes_ahead_is_refused_and_flagged_while_the_others_work_on() {
    each_seed("replica::clock_ten_minutes", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        world.jump_clock(2, 600_000);
        let ahead = name("ahead");

        world.ask(2, workload::start(ahead.clone(), false));
        world.run_for(Duration::from_secs(3));

        for index in [0, 1] {
            let id = world.id(2);
            let flagged = |problem: &ProblemView| matches!(problem, ProblemView::ClockAhead { node, .. } if *node == id);
            let problems = world.node(index).map(|node| node.status().problems).unwrap_or_default();
            if !problems.iter().any(flagged) || world.agent(index, &ahead).is_some() {
                return Err(Violation::new("clock", format!("n{index} shows {problems:?}")));
            }
        }
        run_agent_on_two(&mut world, &name("right"))
    });
}

/// B7, second half: who was away for a thousand changes gets these, not the twenty thousand names
/// that were there before.
#[test]
fn one_that_was_away_gets_what_changed() {
    let mut world = measured(1, 3);
    register(&mut world, 0, &names("before", 20_000));
    assert!(world.run_until(Duration::from_secs(30), one_fingerprint));
    let cut = world.isolate(&[2]);
    world.run_for(Duration::from_secs(10));
    let missed = names("missed", 1_000);
    register(&mut world, 0, &missed);
    world.run_for(Duration::from_secs(2));
    let before = world.tallies();

    world.mend(cut);
    assert!(world.run_until(Duration::from_secs(10), one_fingerprint));

    let sent = world.tallies() - before;
    let id = world.id(0);
    let size: usize = missed.iter().map(|name| size_of_claim(&world, id, name)).sum();
    let sent = usize::try_from(sent.repair.bytes + sent.gossip.bytes).unwrap();
    assert!(sent < 2 * size, "{sent} bytes for changes of {size}");
}

fn size_of_claim(world: &World, node: NodeId, name: &Name) -> usize {
    let key = PresenceKey::Claim(name.clone());
    let claim = world.node(2).and_then(|node_2| node_2.registry().claim(name, node)).cloned();
    let value = claim.map(|claim| Presence::Claim(std::sync::Arc::new(claim)));
    wire::encode(&(1_u64, key, value)).len()
}

/// An agent runs although one member's clock is wrong; the wrong one does not hear of it in time.
fn run_agent_on_two(world: &mut World, agent: &Name) -> Result<(), Violation> {
    let result = world.ask(0, workload::start(agent.clone(), false));
    let runs = world.run_until(Duration::from_secs(5), |world| {
        !world.copies(agent).is_empty() && world.route(1, agent).is_some()
    });
    match (result, runs) {
        (Some(Ok(Outcome::Done)), true) => Ok(()),
        found => Err(Violation::new("clock", format!("{agent} does not run: {found:?}"))),
    }
}

/// Nodes that are members from the start and want nothing of each other, with their bytes counted.
fn measured(seed: u64, machines: usize) -> World {
    let mut world = World::grown(Setup { measured: true, ..Setup::new(seed, machines) });
    world.rest();
    world.boot_all();
    assert!(world.run_until(Duration::from_secs(10), |world| {
        world.live().all(|(_, process)| process.node.present() == machines)
    }));
    world
}

fn one_fingerprint(world: &World) -> bool {
    let mut prints = world.live().map(|(_, process)| process.node.fingerprint());
    let first = prints.next();
    prints.all(|print| Some(print) == first)
}

fn names(prefix: &str, count: usize) -> Vec<Name> {
    (0..count).map(|number| name(&format!("{prefix}-{number}"))).collect()
}

fn register(world: &mut World, index: usize, names: &[Name]) {
    for batch in names.chunks(1_000) {
        let names = batch.iter().map(|name| (name.clone(), Default::default())).collect();
        let result = world.ask(index, Command::Register { names });
        let all = |outcomes: &Vec<Result<(), _>>| outcomes.iter().all(Result::is_ok);
        assert!(matches!(result, Some(Ok(Outcome::Names(outcomes))) if all(&outcomes)));
    }
}
