//! Agents survive their machines, and a blip moves nothing.

use std::time::Duration;

use covey_logic::{Command, Name, Outcome, agent::Phase};
use covey_sim::{World, workload};

use crate::harness::{each_seed, name, run_agent, runs_everywhere, settle, setup};

const ROUNDS: usize = 10;

#[test]
fn agent_of_a_killed_node_runs_elsewhere_within_a_second() {
    each_seed("supervision::agent_of_a_killed_node", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("counter");
        let mut holder = run_agent(&mut world, 0, &agent);
        for round in 0..ROUNDS {
            world.kill(holder);

            let moved = world.run_until(Duration::from_secs(1), |w| runs_everywhere(w, &agent));

            assert!(moved, "seed {seed} round {round}: {:?}", seen(&world, &agent));
            world.boot(holder);
            settle(&mut world, Duration::from_secs(15)).unwrap();
            holder = world.copies(&agent)[0].0;
        }
        Ok(())
    });
}

#[test]
fn agent_behind_a_pulled_cable_runs_elsewhere_within_eight_seconds() {
    each_seed("supervision::agent_behind_a_pulled", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("counter");
        let mut holder = run_agent(&mut world, 0, &agent);
        for round in 0..ROUNDS {
            let cut = world.isolate(&[holder]);

            let moved = world.run_until(Duration::from_secs(8), |world| {
                world.copies(&agent).iter().any(|(machine, _)| *machine != holder)
            });

            assert!(moved, "seed {seed} round {round}: {:?}", seen(&world, &agent));
            world.run_for(Duration::from_secs(2));
            world.mend(cut);
            settle(&mut world, Duration::from_secs(15)).unwrap();
            holder = world.copies(&agent)[0].0;
        }
        Ok(())
    });
}

#[test]
fn last_node_standing_runs_every_agent() {
    each_seed("supervision::last_node_standing", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 5));
        let agents: Vec<_> = (0..6).map(|n| name(&format!("agent-{n}"))).collect();
        for agent in &agents {
            run_agent(&mut world, 0, agent);
        }

        (0..4).for_each(|index| world.power_off(index));

        let all = world.run_until(Duration::from_secs(8), |world| {
            agents.iter().all(|agent| world.copies(agent).len() == 1)
        });
        assert!(all, "seed {seed}: {:?}", world.running());
        Ok(())
    });
}

#[test]
fn hundred_agents_start_and_survive_a_kill() {
    let mut world = World::cluster(setup(1, 4));
    let agents: Vec<_> = (0..100).map(|n| name(&format!("agent-{n}"))).collect();

    for (index, agent) in agents.iter().enumerate() {
        world.command(index % 4, workload::start(agent.clone(), false));
    }

    let all =
        world.run_until(Duration::from_secs(3), |w| agents.iter().all(|a| runs_everywhere(w, a)));
    assert!(all, "{} run", world.running().len());
    world.kill(3);
    let all =
        world.run_until(Duration::from_secs(1), |w| agents.iter().all(|a| runs_everywhere(w, a)));
    assert!(all, "{} run", world.running().len());
}

#[test]
fn blip_restarts_nothing_and_moves_nothing() {
    each_seed("supervision::blip_restarts_nothing", 0..1_000, |seed| {
        for blip in [200, 2_000].map(Duration::from_millis) {
            let mut world = World::cluster(setup(seed, 3));
            let agents: Vec<_> = (0..6).map(|n| name(&format!("agent-{n}"))).collect();
            for agent in &agents {
                run_agent(&mut world, 0, agent);
            }
            let before = world.starts.clone();
            for round in 0..ROUNDS {
                let cut = world.isolate(&[round % 3]);
                world.run_for(blip);
                world.mend(cut);
                world.run_for(Duration::from_secs(8));
            }

            assert_eq!(world.starts, before, "seed {seed} blip {blip:?}");
            settle(&mut world, Duration::from_secs(10)).unwrap();
        }
        Ok(())
    });
}

#[test]
fn freeze_of_two_seconds_moves_nothing() {
    each_seed("supervision::freeze_of_two_seconds", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("counter");
        let holder = run_agent(&mut world, 0, &agent);
        let before = world.starts.clone();

        for _ in 0..ROUNDS {
            world.freeze(holder);
            world.run_for(Duration::from_secs(2));
            world.thaw(holder);
            world.run_for(Duration::from_secs(8));
        }

        assert_eq!(world.starts, before, "seed {seed}");
        Ok(())
    });
}

#[test]
fn long_freeze_ends_with_one_copy() {
    each_seed("supervision::long_freeze_ends_with", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("counter");
        let holder = run_agent(&mut world, 0, &agent);

        world.freeze(holder);
        world.run_for(Duration::from_secs(20));
        world.thaw(holder);

        settle(&mut world, Duration::from_secs(15)).unwrap_or_else(|why| panic!("{seed}: {why}"));
        Ok(())
    });
}

#[test]
fn crashed_agent_starts_again_where_it_was() {
    let mut world = World::cluster(setup(1, 3));
    let agent = name("counter");
    let holder = run_agent(&mut world, 0, &agent);

    world.crash_agent(holder, &agent);

    world.run_for(Duration::from_secs(2));
    assert!(runs_everywhere(&world, &agent));
    assert_eq!(world.copies(&agent)[0].0, holder);
    assert_eq!(world.agent(0, &agent).unwrap().restarts, 1);
}

/// K65: an agent that failed keeps its name and gets a new handle, which every node knows, and the
/// old one leads to nobody.
#[test]
fn restarted_agent_has_a_new_handle_under_the_same_name() {
    each_seed("supervision::restarted_agent_has_a", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("counter");
        let holder = run_agent(&mut world, 0, &agent);
        let old = world.copies(&agent)[0].1;

        world.crash_agent(holder, &agent);

        world.run_for(Duration::from_secs(2));
        let [(_, new)] = world.copies(&agent)[..] else { panic!("{:?}", seen(&world, &agent)) };
        assert!(new > old, "seed {seed}");
        for index in 0..3 {
            let route = world.route(index, &agent).unwrap();
            assert_eq!((route.node, route.epoch), (world.id(holder), new), "seed {seed}");
            let owner = world.node(index).unwrap().registry().owner(&agent).unwrap();
            assert_eq!(owner.epoch, new, "seed {seed}");
        }
        Ok(())
    });
}

/// K69: agents that take long to start hold up no others, and are listed at once as what they are.
#[test]
fn slow_starts_hold_nobody_up() {
    let mut world = World::cluster(setup(1, 3));
    let names = |word: &str| (0..20).map(|n| name(&format!("{word}-{n}"))).collect::<Vec<_>>();
    let (slow, quick) = (names("slow"), names("quick"));
    for (index, agent) in slow.iter().enumerate() {
        world.slow_starts.insert(agent.clone(), Duration::from_secs(60));
        world.command(index % 3, workload::start(agent.clone(), false));
    }
    let starting = |world: &World, agent: &Name| {
        (0..3).all(|index| {
            world.agent(index, agent).is_some_and(|view| view.phase == Some(Phase::Starting))
        })
    };
    let all = |world: &World| slow.iter().all(|agent| starting(world, agent));
    assert!(world.run_until(Duration::from_secs(2), all));

    for (index, agent) in quick.iter().enumerate() {
        world.command(index % 3, workload::start(agent.clone(), false));
    }

    let runs = |world: &World| quick.iter().all(|agent| runs_everywhere(world, agent));
    assert!(world.run_until(Duration::from_secs(1), runs), "{:?}", world.running());
    assert!(all(&world));
    assert_eq!(world.node(2).unwrap().agents().len(), 40);
    let stopped = world.command(0, Command::StopAgent { name: slow[0].clone() });
    world.run_for(Duration::from_millis(100));
    assert_eq!(world.reply(stopped), Some(Ok(Outcome::Done)));
}

#[test]
fn flapping_agent_is_parked_as_failed() {
    let mut world = World::cluster(setup(1, 3));
    let agent = name("flapping");
    let mut spec = workload::spec(agent.clone());
    spec.restart.max_restarts = 3;
    let start = Command::StartAgent { spec: Box::new(spec), pin: None, replace: false };
    assert_eq!(world.ask(0, start), Some(Ok(Outcome::Done)));

    for _ in 0..200 {
        world.run_for(Duration::from_millis(100));
        for (machine, _) in world.copies(&agent) {
            world.crash_agent(machine, &agent);
        }
    }

    assert_eq!(world.starts.iter().filter(|start| start.name == agent).count(), 4);
    assert_eq!(world.agent(2, &agent).unwrap().phase, Some(Phase::Failed));
}

#[test]
fn moved_agent_runs_where_it_was_moved() {
    each_seed("supervision::moved_agent_runs_where", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("counter");
        let holder = run_agent(&mut world, 0, &agent);
        let to = (holder + 1) % 3;
        let target = Some(world.id(to));

        world.ask(0, Command::MoveAgent { name: agent.clone(), to: target });

        let moved = world.run_until(Duration::from_secs(5), |world| {
            runs_everywhere(world, &agent) && world.copies(&agent)[0].0 == to
        });
        assert!(moved, "seed {seed}: {:?}", seen(&world, &agent));
        Ok(())
    });
}

#[test]
fn stopped_agent_stops_and_restarted_agent_starts() {
    let mut world = World::cluster(setup(1, 3));
    let agent = name("counter");
    run_agent(&mut world, 0, &agent);

    world.ask(2, Command::StopAgent { name: agent.clone() });
    assert!(world.run_until(Duration::from_secs(3), |world| world.copies(&agent).is_empty()));
    world.ask(1, Command::RestartAgent { name: agent.clone() });

    assert!(world.run_until(Duration::from_secs(3), |world| runs_everywhere(world, &agent)));
}

fn seen(world: &World, agent: &Name) -> impl std::fmt::Debug {
    let views = world
        .live()
        .map(|(index, _)| (index, world.agent(index, agent).map(|view| (view.phase, view.node))));
    (world.copies(agent), views.collect::<Vec<_>>())
}
