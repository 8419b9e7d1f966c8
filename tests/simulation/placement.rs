//! Where agents go: strategies, weights, caps, relations of place, and what is said of it.

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{
    Command, CommandError, Name, NodeId, Outcome,
    agent::{AgentSpec, Placement, SpecError, Strategy},
    credits::Ask,
};
use covey_sim::{
    World,
    dice::Dice,
    invariant::{self, Violation},
    workload,
    world::Start,
};

use crate::harness::{
    all_run, each_seed, name, place, run_agent, runs_everywhere, settle, setup, starts, waiting,
    want,
};

const SOON: Duration = Duration::from_secs(5);

/// K60: with every strategy, exactly one copy runs, where the asker is told, and, where the choice
/// is a function of the members alone, on the node that it names.
#[test]
fn agent_runs_where_its_strategy_says() {
    each_seed("placement::agent_runs_where_its", 0..100, |seed| {
        for strategy in [
            Strategy::Rendezvous,
            Strategy::LeastLoaded,
            Strategy::Spread,
            Strategy::Random,
            Strategy::Auction,
        ] {
            let mut world = World::cluster(setup(seed, 4));
            let agent = name("counter");
            want(&mut world, 1, placed(&agent, strategy));

            assert!(
                all_run(&mut world, std::slice::from_ref(&agent), SOON),
                "seed {seed} {strategy:?}"
            );
            let holder = place(&world, &agent);
            assert_eq!(world.route(1, &agent).map(|route| route.node), Some(world.id(holder)));
            if strategy == Strategy::Rendezvous {
                let explained = world.node(1).unwrap().explain(&agent).unwrap();
                assert_eq!(explained.candidates[0].node, world.id(holder));
                assert!(explained.candidates[0].holds);
            }
        }
        Ok(())
    });
}

/// By auction the node gets it that asks least, as its loads are known when it starts.
#[test]
fn lowest_ask_gets_the_agent() {
    each_seed("placement::lowest_ask_gets_the_agent", 0..50, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        world.run_for(Duration::from_secs(5));
        let agent = name("counter");
        let asks = |world: &World| -> BTreeMap<NodeId, Option<Ask>> {
            world.node(1).unwrap().nodes().into_iter().map(|node| (node.id, node.ask)).collect()
        };
        let before = asks(&world);
        want(&mut world, 1, placed(&agent, Strategy::Auction));
        assert!(all_run(&mut world, std::slice::from_ref(&agent), SOON), "seed {seed}");

        let after = asks(&world);
        let holder = world.id(place(&world, &agent));
        let lowest =
            |asks: &BTreeMap<NodeId, Option<Ask>>| asks[&holder] == *asks.values().min().unwrap();
        assert!(lowest(&before) || lowest(&after), "seed {seed}: {before:?} {after:?}");
        Ok(())
    });
}

/// K61: asked a thousand times, every node names the same place for an agent while the members stay.
#[test]
fn every_node_names_the_same_place_each_time() {
    let mut world = World::cluster(setup(1, 4));
    let agents: Vec<_> = (0..10).map(|n| name(&format!("agent-{n}"))).collect();
    for agent in &agents {
        run_agent(&mut world, 0, agent);
    }
    let best = |index: usize, agent: &Name| {
        world.node(index).unwrap().explain(agent).unwrap().candidates[0].node
    };
    let first: Vec<_> = agents.iter().map(|agent| best(0, agent)).collect();

    for index in 0..4 {
        for ask in 0..1_000 {
            assert_eq!(best(index, &agents[ask % 10]), first[ask % 10]);
        }
    }

    assert!(first.iter().any(|place| *place != first[0]), "{first:?}");
}

/// K70: a start is no message that goes from node to node, but a wish that every node judges for
/// itself. Asked of nodes that disagree on who is there, it is refused, or each node starts it once
/// at most; when they agree again it moves three times at most, and one copy is left.
#[test]
fn start_amid_disagreement_runs_once_for_every_seed() {
    each_seed("placement::start_amid", 0..1_000, start_amid_disagreement);
}

/// Has agents started while nodes disagree on who is there: each side of a split on the other, or
/// each node by which directions are cut.
pub(crate) fn start_amid_disagreement(seed: u64) -> Result<(), Violation> {
    let mut world = World::cluster(setup(seed, 5));
    let mut dice = Dice::new(seed, 9);
    let sides: Vec<_> = (0..5).map(|_| dice.below(3)).collect();
    let pairs = (0..5).flat_map(|from| (0..5).map(move |to| (from, to)));
    let apart = |(from, to): &(usize, usize)| {
        if seed.is_multiple_of(2) { sides[*from] != sides[*to] } else { dice.chance(400) }
    };
    let cut = pairs.filter(|(from, to)| from != to).filter(apart).collect();
    let cut = world.cut(cut);
    // Some have judged by then, and others have not.
    world.run_for(Duration::from_micros(dice.micros(6_000_000, 12_000_000)));
    let agents: Vec<_> = (0..10).map(|n| name(&format!("agent-{n}"))).collect();
    let mut start =
        |agent: &Name| world.command(dice.index(5), workload::start(agent.clone(), false));
    let asked: Vec<_> = agents.iter().map(&mut start).collect();
    let again = start(&agents[0]);
    world.run_for(Duration::from_micros(dice.micros(1_000, 6_000_000)));
    let apart = world.starts.len();
    world.mend(cut);

    settle(&mut world, Duration::from_secs(30))?;
    let again = world.reply(again);
    let taken = again == Some(Err(CommandError::AgentExists { name: agents[0].clone() }));
    let mut answers = asked.into_iter().map(|ticket| world.reply(ticket));
    let done = answers.all(|answer| answer == Some(Ok(Outcome::Done)));
    if !done || !(taken || again == Some(Ok(Outcome::Done))) {
        return Err(Violation::new("run or refused", format!("{again:?}")));
    }
    for agent in &agents {
        let lives = |starts: &[Start]| starts.iter().filter(|it| it.name == *agent).count();
        let (before, after) = world.starts.split_at(apart);
        if lives(before) > 5 || lives(after) > 3 {
            return Err(Violation::new("three moves", format!("{agent}: {:?}", world.starts)));
        }
    }
    Ok(())
}

/// K64: shares fit the weights, and no node passes its cap, not even for a moment.
#[test]
fn shares_fit_weights_and_caps_hold() {
    let mut setup = setup(1, 4);
    setup.shares = BTreeMap::from([(0, (5, 100_000)), (1, (10, 100_000)), (2, (20, 100_000))]);
    setup.shares.insert(3, (10, 30));
    let mut world = World::cluster(setup);
    let agents: Vec<_> = (0..1_000).map(|n| name(&format!("agent-{n}"))).collect();
    for (n, agent) in agents.iter().enumerate() {
        let spec = placed(agent, Strategy::Spread);
        let start = Command::StartAgent { spec: Box::new(spec), pin: None, replace: false };
        world.command(n % 4, start);
    }

    let all = world.run_until(Duration::from_secs(20), |world| {
        assert!(on_each(world)[3] <= 30, "{:?}", on_each(world));
        world.running().len() == 1_000
    });

    assert!(all, "{} run", world.running().len());
    world.run_for(Duration::from_secs(3));
    let counts = on_each(&world);
    for (count, share) in counts.iter().zip([970 / 7, 970 * 2 / 7, 970 * 4 / 7, 30]) {
        assert!(count.abs_diff(share) * 10 <= share, "{counts:?}");
    }
}

/// K64: a full node is passed over by those who place by score as well.
#[test]
fn cap_holds_for_every_strategy() {
    let strategies =
        [Strategy::Rendezvous, Strategy::LeastLoaded, Strategy::Random, Strategy::Auction];
    for strategy in strategies {
        let mut setup = setup(2, 3);
        setup.shares = BTreeMap::from([(1, (10, 5)), (2, (10, 0))]);
        let mut world = World::cluster(setup);
        let agents: Vec<_> = (0..60).map(|n| name(&format!("agent-{n}"))).collect();
        for (n, agent) in agents.iter().enumerate() {
            let spec = placed(agent, strategy);
            let start = Command::StartAgent { spec: Box::new(spec), pin: None, replace: false };
            world.command(n % 3, start);
        }

        let all = world.run_until(Duration::from_secs(20), |world| {
            let counts = on_each(world);
            assert!(counts[1] <= 5 && counts[2] == 0, "{strategy:?} {counts:?}");
            agents.iter().all(|agent| runs_everywhere(world, agent))
        });
        assert!(all, "{strategy:?}: {:?}", on_each(&world));
    }
}

/// K62: what fits nowhere waits, says so on every node, and starts by itself when it can.
#[test]
fn agent_that_fits_nowhere_says_why_and_starts_when_it_can() {
    let mut world = World::cluster(setup(1, 3));
    let agent = name("camera");
    let mut spec = workload::spec(agent.clone());
    spec.placement.capabilities = vec!["lens".to_owned()];
    want(&mut world, 0, spec);
    world.run_for(Duration::from_secs(3));

    let explained = world.node(2).unwrap().explain(&agent).unwrap();
    assert!(
        explained.candidates.iter().all(|it| it.excluded == ["it does not offer lens"]),
        "{explained:?}"
    );
    assert_eq!(waiting(&world, &agent), Some(vec!["every node is excluded by a rule".to_owned()]));
    let labels = BTreeMap::from([("lens".to_owned(), "wide".to_owned())]);
    world.ask(2, Command::SetLabels { labels });

    assert!(all_run(&mut world, std::slice::from_ref(&agent), SOON));
    assert_eq!(place(&world, &agent), 2);
    assert_eq!(waiting(&world, &agent), Some(Vec::new()));
}

#[test]
fn pinned_agent_waits_for_its_node() {
    let mut world = World::cluster(setup(1, 3));
    let agent = name("printer");
    let start = |pin| Command::StartAgent {
        spec: Box::new(placed(&name("printer"), Strategy::Pinned)),
        pin,
        replace: false,
    };
    let refused = world.ask(0, start(None));
    assert!(
        matches!(refused, Some(Err(CommandError::Spec(SpecError::Needs { .. })))),
        "{refused:?}"
    );
    let pin = Some(world.id(2));
    assert_eq!(world.ask(0, start(pin)), Some(Ok(Outcome::Done)));
    assert!(all_run(&mut world, std::slice::from_ref(&agent), SOON));

    world.kill(2);
    world.run_for(Duration::from_secs(10));

    assert_eq!(world.copies(&agent), []);
    let said = waiting(&world, &agent).unwrap_or_default().concat();
    assert!(said.contains("machine 2 alone"), "{said}");
    world.boot(2);
    assert!(all_run(&mut world, std::slice::from_ref(&agent), Duration::from_secs(10)));
    assert_eq!(place(&world, &agent), 2);
}

#[test]
fn agents_apart_never_share_a_node_and_agents_near_always_do() {
    each_seed("placement::agents_apart_never_share", 0..100, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        let (a, b, c) = (name("a"), name("b"), name("c"));
        let mut apart = workload::spec(b.clone());
        apart.placement.apart = vec![a.clone()];
        let mut near = workload::spec(c.clone());
        near.placement.near = vec![b.clone()];
        want(&mut world, 2, near);
        world.run_for(Duration::from_secs(1));
        let said = waiting(&world, &c).unwrap_or_default();
        assert_eq!(
            said,
            ["it waits for b, and there is no such agent", "every node is excluded by a rule"]
        );
        want(&mut world, 0, apart);
        want(&mut world, 1, workload::spec(a.clone()));

        for round in 0..3 {
            assert!(
                all_run(&mut world, &[a.clone(), b.clone(), c.clone()], Duration::from_secs(10)),
                "seed {seed} round {round}: {:?} {:?} {:?}",
                waiting(&world, &a),
                waiting(&world, &b),
                waiting(&world, &c)
            );
            assert_ne!(place(&world, &a), place(&world, &b), "seed {seed} round {round}");
            assert_eq!(place(&world, &b), place(&world, &c), "seed {seed} round {round}");
            let holder = place(&world, &b);
            world.kill(holder);
            world.run_for(Duration::from_secs(3));
            world.boot(holder);
            settle(&mut world, Duration::from_secs(15)).unwrap();
        }
        Ok(())
    });
}

/// The steward is one of many: agents that take one are placed after it is lost, too.
#[test]
fn next_steward_places_what_the_last_one_did_not() {
    each_seed("placement::next_steward_places_what", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        for round in 0..3 {
            let agent = name(&format!("agent-{round}"));
            world.kill(round);
            want(&mut world, (round + 1) % 3, placed(&agent, Strategy::Spread));
            assert!(all_run(&mut world, &[agent], Duration::from_secs(3)), "seed {seed}");
            world.boot(round);
            settle(&mut world, Duration::from_secs(15)).unwrap();
        }
        Ok(())
    });
}

/// K76: a node that joins moves nothing; when one dies, only its agents do.
#[test]
fn nothing_moves_but_what_a_dead_node_held() {
    each_seed("placement::nothing_moves_but_what_a", 0..100, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        world.kill(3);
        world.run_for(Duration::from_secs(2));
        let agents: Vec<_> = (0..20).map(|n| name(&format!("agent-{n}"))).collect();
        for agent in &agents {
            run_agent(&mut world, 0, agent);
        }
        let before: Vec<_> = agents.iter().map(|agent| world.copies(agent)).collect();

        world.boot(3);
        settle(&mut world, Duration::from_secs(15)).unwrap();

        let joined: Vec<_> = agents.iter().map(|agent| world.copies(agent)).collect();
        assert_eq!(before, joined, "seed {seed}");
        world.kill(1);
        assert!(all_run(&mut world, &agents, SOON), "seed {seed}");
        for (agent, old) in agents.iter().zip(&before) {
            assert!(old[0].0 == 1 || world.copies(agent) == *old, "seed {seed} {agent}");
        }
        Ok(())
    });
}

/// K73: 600 agents on three nodes, one killed: all run once each and are named.
#[test]
fn six_hundred_agents_survive_a_kill() {
    each_seed("placement::six_hundred_agents", 0..100, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agents: Vec<_> = (0..600).map(|n| name(&format!("agent-{n}"))).collect();
        for (n, agent) in agents.iter().enumerate() {
            world.command(n % 3, workload::start(agent.clone(), false));
        }
        let all = |world: &mut World| {
            world.run_until(Duration::from_secs(5), |world| {
                on_each(world).iter().sum::<usize>() == 600
                    && agents.iter().all(|agent| world.route(0, agent).is_some())
            })
        };
        assert!(all(&mut world), "{:?}", on_each(&world));

        world.kill(2);
        world.run_for(Duration::from_secs(1));

        assert!(all(&mut world), "seed {seed}: {:?}", on_each(&world));
        for agent in &agents {
            let [(holder, epoch)] = world.copies(agent)[..] else {
                panic!("seed {seed}: {agent} runs as {:?}", world.copies(agent))
            };
            let route = world.route(1, agent).unwrap();
            assert_eq!((route.node, route.epoch), (world.id(holder), epoch));
        }
        Ok(())
    });
}

/// K72: agents are listed at once, whoever is out of reach, and what is missing is said.
#[test]
fn list_is_whole_while_a_member_is_out_of_reach() {
    let mut world = World::cluster(setup(1, 3));
    let agents: Vec<_> = (0..9).map(|n| name(&format!("agent-{n}"))).collect();
    for agent in &agents {
        let mut spec = workload::spec(agent.clone());
        spec.placement.strategy = Strategy::Spread;
        want(&mut world, 0, spec);
    }
    assert!(all_run(&mut world, &agents, SOON));

    world.freeze(2);
    world.run_for(Duration::from_secs(3));

    let node = world.node(0).unwrap();
    assert_eq!(node.agents().len(), 9);
    let suspect = world.sees(0, 2).unwrap();
    assert_eq!(suspect.state, covey_logic::node::NodeState::Suspect);
    assert_eq!(node.agents().iter().filter(|it| it.node == Some(suspect.id)).count(), 3);
}

/// What would be lost with a node is what is then found.
#[test]
fn refuge_foretold_is_the_one_taken() {
    each_seed("placement::refuge_foretold_is_the", 0..100, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        let agents: Vec<_> = (0..12).map(|n| name(&format!("agent-{n}"))).collect();
        for agent in &agents {
            run_agent(&mut world, 0, agent);
        }
        let id = world.id(3);
        let foretold = world.node(1).unwrap().what_if_lost(id).unwrap();
        assert_eq!(foretold.len(), on_each(&world)[3]);

        world.kill(3);

        assert!(all_run(&mut world, &agents, SOON), "seed {seed}");
        for refuge in foretold {
            assert_eq!(refuge.to, Some(world.id(place(&world, &refuge.agent))), "seed {seed}");
        }
        Ok(())
    });
}

/// K71: an agent stopped from any node ends, is named nowhere, and is not started again.
#[test]
fn agent_stopped_from_any_node_stays_stopped() {
    for index in 0..3 {
        let mut world = World::cluster(setup(1, 3));
        let agent = name("counter");
        let holder = run_agent(&mut world, 0, &agent);

        world.ask(index, Command::StopAgent { name: agent.clone() });

        let gone = world.run_until(Duration::from_secs(3), |world| {
            world.copies(&agent).is_empty() && (0..3).all(|n| world.route(n, &agent).is_none())
        });
        assert!(gone);
        world.kill(holder);
        world.boot(holder);
        world.run_for(Duration::from_secs(10));
        assert_eq!(starts(&world, &agent), 1);
    }
}

/// K67: a start that is refused leaves nothing behind.
#[test]
fn refused_start_leaves_nothing() {
    let mut world = World::cluster(setup(1, 3));
    let mut spec = workload::spec(name("a"));
    spec.placement.spread_by = Some("room".to_owned());
    let before = world.machine(0).disk.shared.clone();

    let start = Command::StartAgent { spec: Box::new(spec), pin: None, replace: false };
    let refused = world.ask(0, start);

    assert!(matches!(refused, Some(Err(CommandError::Spec(_)))), "{refused:?}");
    world.run_for(Duration::from_secs(1));
    assert!(world.machines().iter().all(|machine| machine.disk.shared.len() == before.len()));
    assert_eq!(world.machine(0).disk.shared, before);
    invariant::one_copy::check(&world).unwrap();
}

fn placed(name: &Name, strategy: Strategy) -> AgentSpec {
    let placement = Placement { strategy, ..Placement::default() };
    AgentSpec { placement, ..workload::spec(name.clone()) }
}

/// How many agents run on each machine, in truth.
fn on_each(world: &World) -> Vec<usize> {
    let mut counts = vec![0; world.machines().len()];
    for (index, process) in world.live() {
        counts[index] = process.host.lives().count();
    }
    counts
}
