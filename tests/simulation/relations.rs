//! Agents that need others, on whatever nodes they run.

use std::time::Duration;

use covey_logic::{
    Command, CommandError, Name,
    agent::{
        AgentSpec, Class, Dependency, Group, GroupStrategy, OnLoss, Phase, RestartPolicy,
        SpecError, Strategy,
    },
    registry::{Metadata, NameCommand},
};
use covey_sim::{
    World,
    fault::{Fault, Faults},
    invariant::Violation,
    workload,
};

use crate::harness::{
    all_run, each_seed, name, place, run_agent, settle, setup, starts, waiting, want,
};

const SOON: Duration = Duration::from_secs(5);

#[test]
fn agent_starts_once_what_it_needs_runs() {
    each_seed("relations::agent_starts_once_what", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let (db, web) = (name("db"), name("web"));
        want(&mut world, 1, needing(&web, &db, OnLoss::Ignore));
        world.run_for(Duration::from_secs(2));
        assert_eq!(
            waiting(&world, &web).unwrap()[0],
            "it waits for db, and there is no such agent"
        );
        assert_eq!(world.copies(&web), []);

        want(&mut world, 2, workload::spec(db.clone()));

        assert!(all_run(&mut world, &[db.clone(), web.clone()], SOON), "seed {seed}");
        let at = |name: &Name| world.starts.iter().find(|start| start.name == *name).unwrap().at;
        assert!(at(&db) < at(&web));
        Ok(())
    });
}

#[test]
fn loss_does_to_an_agent_what_it_said() {
    for (loss, meanwhile, lives) in
        [(OnLoss::Ignore, 1, 1), (OnLoss::Stop, 0, 2), (OnLoss::Restart, 1, 2)]
    {
        for seed in 0..5 {
            let mut world = World::cluster(setup(seed, 3));
            let (db, web) = (name("db"), name("web"));
            run_agent(&mut world, 0, &db);
            want(&mut world, 1, needing(&web, &db, loss));
            assert!(all_run(&mut world, std::slice::from_ref(&web), SOON));

            world.ask(2, Command::StopAgent { name: db.clone() });
            world.run_for(Duration::from_secs(2));
            assert_eq!(world.copies(&web).len(), meanwhile, "seed {seed} {loss:?}");
            world.ask(0, Command::RestartAgent { name: db.clone() });
            world.run_for(Duration::from_secs(2));

            assert!(all_run(&mut world, &[db, web.clone()], SOON), "seed {seed} {loss:?}");
            assert_eq!(starts(&world, &web), lives, "seed {seed} {loss:?}");
        }
    }
}

#[test]
fn cycle_of_waits_is_refused() {
    let mut world = World::cluster(setup(1, 2));
    let (a, b, c) = (name("a"), name("b"), name("c"));
    want(&mut world, 0, needing(&a, &b, OnLoss::Stop));
    let mut near = workload::spec(b.clone());
    near.placement.near = vec![c.clone()];
    want(&mut world, 0, near);

    let spec = Box::new(needing(&c, &a, OnLoss::Ignore));
    let refused = world.ask(0, Command::StartAgent { spec, pin: None, replace: false });

    let path = vec![c.clone(), a, b, c];
    assert_eq!(refused, Some(Err(CommandError::Spec(SpecError::Cycle { path }))));
}

/// K66: one agent that crash-loops is parked alone, and shown; the others run on.
#[test]
fn flapping_agent_is_parked_alone() {
    let mut world = World::cluster(setup(1, 3));
    let others: Vec<_> = (0..9).map(|n| name(&format!("agent-{n}"))).collect();
    for other in &others {
        run_agent(&mut world, 0, other);
    }
    let flapping = name("flapping");
    let mut spec = workload::spec(flapping.clone());
    spec.restart.max_restarts = 3;
    want(&mut world, 0, spec);

    for _ in 0..100 {
        world.run_for(Duration::from_millis(100));
        for (machine, _) in world.copies(&flapping) {
            world.crash_agent(machine, &flapping);
        }
    }

    assert_eq!(world.agent(1, &flapping).unwrap().phase, Some(Phase::Failed));
    let said = waiting(&world, &flapping).unwrap();
    assert_eq!(said, ["it used up its restarts, until a person restarts it"]);
    assert!(others.iter().all(|it| starts(&world, it) == 1 && world.copies(it).len() == 1));
}

/// K68: a temporary agent is never started again, a transient one only after an end that is not
/// clean; what has ended is no longer wanted, holds no name, and stays on show.
#[test]
fn temporary_and_transient_agents_end_by_their_policy() {
    for (policy, lives, phase) in [
        (RestartPolicy::Temporary, 1, Phase::Finished),
        (RestartPolicy::Transient, 2, Phase::Running),
        (RestartPolicy::Permanent, 2, Phase::Running),
    ] {
        let mut world = World::cluster(setup(1, 3));
        let agent = name("job");
        let mut spec = workload::spec(agent.clone());
        spec.restart.policy = policy;
        want(&mut world, 0, spec);
        assert!(all_run(&mut world, std::slice::from_ref(&agent), SOON));

        let holder = place(&world, &agent);
        world.crash_agent(holder, &agent);
        world.run_for(Duration::from_secs(5));

        assert_eq!(starts(&world, &agent), lives, "{policy:?}");
        for index in 0..3 {
            let view = world.agent(index, &agent).unwrap();
            assert_eq!(view.phase, Some(phase), "{policy:?}");
            let named = world.route(index, &agent).is_some();
            assert_eq!((view.wanted, named), (phase == Phase::Running, phase == Phase::Running));
        }
    }
}

/// K54: a life that loses takes along what hangs on it: the names that were held for it, its place in
/// groups, and the lives of those that it ran for; one whole tree is left. What a program started
/// goes with its process group, as `grandchildren_die_with_the_agent` shows.
#[test]
fn losing_life_takes_its_tree_along_for_every_seed() {
    each_seed("relations::losing_life", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        let (db, web) = (name("db"), name("web"));
        let first = run_agent(&mut world, 0, &db);
        want(&mut world, 1, needing(&web, &db, OnLoss::Restart));
        let runs = all_run(&mut world, std::slice::from_ref(&web), SOON);
        hang_on(&mut world, first, &db);
        let cut = world.isolate(&[first]);
        let twice = |world: &World| [&db, &web].iter().all(|it| world.copies(it).len() == 2);
        let split = world.run_until(Duration::from_secs(15), twice);
        world.run_for(Duration::from_secs(3));
        for (machine, _) in world.copies(&db) {
            hang_on(&mut world, machine, &db);
        }

        world.mend(cut);

        settle(&mut world, Duration::from_secs(20))?;
        let (holder, epoch) = world.copies(&db)[0];
        let id = world.id(holder);
        let whole = (0..4).all(|index| {
            let registry = world.node(index).unwrap().registry();
            let names = (0..4).map(|machine| name(&format!("queue-{machine}")));
            let mut owners = names.filter_map(|queue| registry.owner(&queue));
            let members = registry.members(&name("stores"));
            owners.all(|owner| owner.node == id)
                && members.iter().all(|member| (member.node, member.epoch) == (id, epoch))
        });
        if runs && split && whole && world.copies(&web)[0].1 > epoch {
            return Ok(());
        }
        let found = format!("{runs} {split} {whole} {:?}", world.copies(&web));
        Err(Violation::new("whole tree", found))
    });
}

/// Has the life of an agent on a machine hold a name and join a group.
fn hang_on(world: &mut World, machine: usize, agent: &Name) {
    let names = vec![(name(&format!("queue-{machine}")), Metadata::new())];
    let hold = NameCommand::RegisterFor { holder: agent.clone(), names };
    world.ask(machine, Command::Name(hold));
    let (group, agent) = (name("stores"), Some(agent.clone()));
    world
        .ask(machine, Command::Name(NameCommand::Join { group, agent, metadata: Metadata::new() }));
}

/// K77: whatever strategies, replicas, groups and needs agents have, and whatever strikes, exactly
/// one of each runs once the cluster is healed.
#[test]
fn related_agents_are_whole_again_for_every_seed() {
    each_seed("relations::related_agents", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        for spec in zoo(seed) {
            want(&mut world, 0, spec);
        }
        let kinds = [
            Fault::Kill,
            Fault::Partition,
            Fault::AgentCrash,
            Fault::Freeze,
            Fault::Leave,
            Fault::Cut,
        ];
        world.let_faults_strike(Faults::new(seed, &kinds));
        world.run_for(Duration::from_secs(6));
        world.heal();

        settle(&mut world, Duration::from_secs(40))
    });
}

/// Agents of all sorts; which of them are there depends on the seed.
fn zoo(seed: u64) -> Vec<AgentSpec> {
    let mut specs = vec![workload::spec(name("db"))];
    let strategies = [Strategy::Spread, Strategy::LeastLoaded, Strategy::Random];
    let mut web = needing(&name("web"), &name("db"), OnLoss::Stop);
    web.placement.strategy = strategies[usize::try_from(seed % 3).unwrap()];
    specs.push(web);
    let strategy =
        if seed.is_multiple_of(2) { GroupStrategy::OneForAll } else { GroupStrategy::RestForOne };
    for (order, member) in ["left", "right"].into_iter().enumerate() {
        let order = u32::try_from(order).unwrap();
        let group = Some(Group { name: name("team"), strategy, order });
        specs.push(AgentSpec { group, ..workload::spec(name(member)) });
    }
    if seed.is_multiple_of(3) {
        specs.push(AgentSpec { replicas: 3, ..workload::spec(name("copy")) });
    }
    let mut cache = needing(&name("cache"), &name("web"), OnLoss::Restart);
    cache.placement.apart = vec![name("db")];
    if seed.is_multiple_of(5) {
        cache.class = Class::MajorityOnly;
    }
    specs.push(cache);
    specs
}

fn needing(agent: &Name, on: &Name, loss: OnLoss) -> AgentSpec {
    let depends_on = vec![Dependency { on: on.clone(), loss }];
    AgentSpec { depends_on, ..workload::spec(agent.clone()) }
}
