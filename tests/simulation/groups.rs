//! Groups: what an end means for siblings on other nodes, and that it comes to rest.

use std::time::Duration;

use covey_logic::{
    Command, Name,
    agent::{AgentSpec, Group, GroupStrategy, Phase},
};
use covey_sim::{
    World,
    fault::{Fault, Faults},
    invariant::Violation,
    workload,
};

use crate::harness::{all_run, each_seed, name, place, settle, setup, starts, waiting, want};

const SOON: Duration = Duration::from_secs(5);

#[test]
fn end_of_one_starts_those_afresh_that_their_strategies_say() {
    for (strategy, expected) in [
        (GroupStrategy::OneForOne, [1, 2, 1]),
        (GroupStrategy::OneForAll, [2, 2, 2]),
        (GroupStrategy::RestForOne, [1, 2, 2]),
    ] {
        for seed in 0..10 {
            let (mut world, members) = group(seed, strategy);
            let holder = place(&world, &members[1]);

            world.crash_agent(holder, &members[1]);
            world.run_for(Duration::from_secs(2));

            assert!(all_run(&mut world, &members, SOON), "seed {seed} {strategy:?}");
            let counts: Vec<_> = members.iter().map(|it| starts(&world, it)).collect();
            assert_eq!(counts, expected, "seed {seed} {strategy:?}");
        }
    }
}

#[test]
fn loss_of_a_node_is_an_end_of_what_it_held() {
    each_seed("groups::loss_of_a_node_is_an_end_of", 0..1_000, |seed| {
        let (mut world, members) = group(seed, GroupStrategy::OneForAll);
        let holder = place(&world, &members[0]);
        let before: Vec<_> = members.iter().map(|it| world.copies(it)[0].1).collect();

        world.kill(holder);
        world.run_for(Duration::from_secs(3));

        assert!(all_run(&mut world, &members, SOON), "seed {seed}");
        for (member, old) in members.iter().zip(before) {
            assert!(world.copies(member)[0].1 > old, "seed {seed}: {member} ran on");
        }
        Ok(())
    });
}

#[test]
fn members_start_in_their_order() {
    each_seed("groups::members_start_in_their_order", 0..1_000, |seed| {
        let (world, members) = group(seed, GroupStrategy::RestForOne);
        let first = |name: &Name| world.starts.iter().find(|start| start.name == *name).unwrap().at;
        let at: Vec<_> = members.iter().map(first).collect();
        assert!(at.is_sorted(), "seed {seed}: {at:?}");
        Ok(())
    });
}

#[test]
fn parked_sibling_stops_those_that_need_it_until_a_person_restarts_it() {
    let mut world = World::cluster(setup(1, 3));
    let members: Vec<_> = ["a", "b", "c"].map(name).to_vec();
    for (order, member) in (0..).zip(&members) {
        let mut spec = member_of(member, GroupStrategy::RestForOne, order);
        spec.restart.max_restarts = 1;
        want(&mut world, 0, spec);
    }
    assert!(all_run(&mut world, &members, SOON));
    for _ in 0..2 {
        let holder = place(&world, &members[1]);
        world.crash_agent(holder, &members[1]);
        world.run_for(Duration::from_secs(2));
    }

    assert_eq!(world.agent(0, &members[1]).unwrap().phase, Some(Phase::Failed));
    assert_eq!(world.copies(&members[0]).len(), 1);
    assert_eq!(world.copies(&members[2]), []);
    let said = waiting(&world, &members[2]).unwrap();
    assert_eq!(said[0], "b of its group used up its restarts");
    world.ask(2, Command::RestartAgent { name: members[1].clone() });
    assert!(all_run(&mut world, &members, SOON));
}

/// S5: whatever ends, and however the nodes come and go, all members run in the end and none is
/// started any more.
#[test]
fn groups_come_to_rest_for_every_seed() {
    each_seed("groups::groups_come_to_rest", 0..1_000, |seed| {
        let strategies =
            [GroupStrategy::OneForAll, GroupStrategy::RestForOne, GroupStrategy::OneForOne];
        let pick = usize::try_from(seed % 3).unwrap();
        let (mut world, members) = group(seed, strategies[pick]);
        let kinds = [Fault::Kill, Fault::AgentCrash, Fault::AgentCrash, Fault::Partition];
        world.let_faults_strike(Faults::new(seed, &kinds));
        world.run_for(Duration::from_secs(6));
        world.heal();
        settle(&mut world, Duration::from_secs(30))?;
        let before = world.starts.len();

        world.run_for(Duration::from_secs(3));

        let rest =
            world.starts.len() == before && members.iter().all(|it| world.copies(it).len() == 1);
        if rest {
            return Ok(());
        }
        let found = format!("{:?}", world.starts.iter().skip(before).collect::<Vec<_>>());
        Err(Violation::new("groups rest", found))
    });
}

/// Three members, spread over three nodes, that run.
fn group(seed: u64, strategy: GroupStrategy) -> (World, Vec<Name>) {
    let mut world = World::cluster(setup(seed, 3));
    let members: Vec<_> = ["a", "b", "c"].map(name).to_vec();
    for (order, member) in (0..).zip(&members) {
        let spec = Box::new(member_of(member, strategy, order));
        world.command(0, Command::StartAgent { spec, pin: None, replace: false });
    }
    assert!(all_run(&mut world, &members, SOON), "seed {seed}");
    (world, members)
}

fn member_of(member: &Name, strategy: GroupStrategy, order: u32) -> AgentSpec {
    let group = Some(Group { name: name("team"), strategy, order });
    let mut spec = AgentSpec { group, ..workload::spec(member.clone()) };
    spec.placement.strategy = covey_logic::agent::Strategy::Spread;
    spec
}
