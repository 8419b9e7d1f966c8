//! Agents take their counts along: from node to node, and out of copies after a crash.

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{
    Command, CommandError, Name, NodeId, Outcome,
    agent::{AgentSpec, Handoff, Phase},
    event::Fact,
    moving::{MoveState, Rebalance},
    node::NodeState,
    registry::NameError,
    replica::Moved,
};
use covey_sim::{
    World,
    fault::{Fault, Faults},
    host::{Life, count_of},
    invariant::Violation,
    network::Weather,
    workload,
};

use crate::harness::{each_seed, name, runs_everywhere, settle, setup};

#[test]
fn moved_agent_keeps_its_count_and_answers_all_but_a_moment() {
    each_seed("moving::moved_agent_keeps_its_count", 0..1_000, |seed| {
        let (mut world, agent) = counting(seed, 3);
        let holder = holder_of(&world, &agent);
        let to = (holder + 1) % 3;
        let target = Some(world.id(to));
        world.command(holder, Command::MoveAgent { name: agent.clone(), to: target });

        let (mut calls, mut gap, mut last) = (100, 0, 0);
        for step in 0..1_000 {
            world.run_for(Duration::from_millis(1));
            if world.call(2, &agent).is_some() {
                calls += 1;
                gap = gap.max(step - last);
                last = step;
            }
        }

        assert_eq!(world.copies(&agent).len(), 1, "seed {seed}");
        assert_eq!(holder_of(&world, &agent), to, "seed {seed}");
        assert_eq!(world.count(&agent), Some(calls), "seed {seed}");
        // Up to 50 ms for the calls in hand, 20 ms to take the state over, and the way.
        assert!(gap < 120, "seed {seed}: no answer for {gap} ms");
        let lost = events(&world, holder, |fact| matches!(fact, Fact::ClaimLost { .. }));
        assert_eq!(lost, 0, "seed {seed}");
        Ok(())
    });
}

/// C120, V1 and V3: whatever dies, and whenever, one copy is left, with at least what two nodes kept.
#[test]
fn hand_off_with_a_kill_at_any_step_leaves_one_copy_for_every_seed() {
    each_seed("moving::hand_off_with", 0..1_000, |seed| {
        let machines = [3, 4, 5][usize::try_from(seed % 3).unwrap()];
        let (mut world, agent) = counting(seed, machines);
        world.run_for(Duration::from_millis(2_500));
        let source = holder_of(&world, &agent);
        let target = (source + 1) % machines;
        let to = Some(world.id(target));
        world.command(source, Command::MoveAgent { name: agent.clone(), to });
        // A hand-off takes some 100 ms; the step it is in when something happens is the seed's.
        world.run_for(Duration::from_micros(seed * 6_131 % 130_000));

        let cut = match seed % 5 {
            0 | 1 => {
                world.kill(source);
                None
            }
            2 | 3 => {
                world.kill(target);
                None
            }
            _ => Some(world.isolate(&[target])),
        };
        world.run_for(Duration::from_secs(10));
        if let Some(cut) = cut {
            world.mend(cut);
        }
        world.boot_all();

        settle(&mut world, Duration::from_secs(20))?;
        // The side of a split that reaches no copy begins afresh, and the later life wins.
        if cut.is_some() { Ok(()) } else { at_least(&world, &agent, 100) }
    });
}

/// K81, V2: a state that cannot be given or taken leaves the agent where it was, with its count, and
/// people are told.
#[test]
fn failed_hand_off_leaves_the_agent_running_with_its_count() {
    each_seed("moving::failed_hand_off_leaves_the", 0..1_000, |seed| {
        let (mut world, agent) = counting(seed, 3);
        let holder = holder_of(&world, &agent);
        let to = (holder + 1) % 3;
        world.bad_states = if seed % 2 == 0 { 1_000 } else { 400 };
        let target = Some(world.id(to));
        world.command(0, Command::MoveAgent { name: agent.clone(), to: target });

        let mut calls = 100;
        for _ in 0..2_000 {
            world.run_for(Duration::from_millis(1));
            calls += u64::from(world.call(2, &agent).is_some());
        }

        let failed = events(&world, holder, |fact| matches!(fact, Fact::HandOverFailed { .. }));
        assert!(failed == 1 || seed % 2 == 1, "no state was taken, and nobody was told");
        let stays = if failed == 1 { holder } else { to };
        assert_eq!(world.copies(&agent).len(), 1, "seed {seed}");
        assert_eq!(holder_of(&world, &agent), stays, "seed {seed}");
        assert_eq!(world.count(&agent), Some(calls), "seed {seed}");
        assert_eq!(world.agent(2, &agent).unwrap().phase, Some(Phase::Running), "seed {seed}");
        Ok(())
    });
}

/// C121: the count after a crash is at least the newest that another node kept on disk.
#[test]
fn crashed_agent_goes_on_from_the_newest_copy_for_every_seed() {
    each_seed("moving::crashed_agent", 0..1_000, |seed| {
        let machines = [3, 4, 5][usize::try_from(seed % 3).unwrap()];
        let (mut world, agent) = counting(seed, machines);
        for _ in 0..3 {
            for _ in 0..seed * 37 % 150 {
                world.run_for(Duration::from_millis(10));
                world.call(0, &agent);
            }
            let holder = holder_of(&world, &agent);
            let said = newest_elsewhere(&world, &agent, holder);

            world.kill(holder);

            let runs =
                world.run_until(Duration::from_secs(3), |world| runs_everywhere(world, &agent));
            if !runs {
                return Err(Violation::new("arrangement", format!("{:?}", world.copies(&agent))));
            }
            at_least(&world, &agent, said)?;
            world.boot(holder);
            settle(&mut world, Duration::from_secs(20))?;
            at_least(&world, &agent, said)?;
        }
        Ok(())
    });
}

#[test]
fn copies_outlive_all_nodes_off() {
    each_seed("moving::copies_outlive", 0..1_000, |seed| {
        let (mut world, agent) = counting(seed, 4);
        world.run_for(Duration::from_millis(2_500));

        (0..4).for_each(|index| world.power_off(index));
        world.run_for(Duration::from_secs(5));
        world.boot_all();

        settle(&mut world, Duration::from_secs(20))?;
        at_least(&world, &agent, 100)
    });
}

/// Two nodes keep a copy and no third does, once nothing changes.
#[test]
fn two_nodes_keep_the_copy() {
    each_seed("moving::two_nodes_keep_the_copy", 0..200, |seed| {
        let (mut world, agent) = counting(seed, 5);
        let holder = holder_of(&world, &agent);
        world.kill(holder);
        world.run_for(Duration::from_secs(3));
        world.call((holder + 1) % 5, &agent);
        world.boot(holder);
        settle(&mut world, Duration::from_secs(20)).unwrap();

        let keepers: Vec<_> = (0..5).filter_map(|index| world.node(index)?.kept(&agent)).collect();

        assert_eq!(keepers.len(), 2, "seed {seed}: {keepers:?}");
        assert_eq!(keepers[0], keepers[1], "seed {seed}");
        Ok(())
    });
}

/// K55, V5: of two lives that a split let run, the one that stops has its last state given to the one
/// that stays, once and before it stops.
#[test]
fn state_of_the_losing_life_is_offered_to_the_winner_once_for_every_seed() {
    each_seed("moving::state_of_the_losing", 0..1_000, |seed| {
        let (mut world, agent) = counting(seed, 5);
        let loser = holder_of(&world, &agent);
        let cut = world.isolate(&[loser]);
        let both = world.run_until(Duration::from_secs(10), |world| running(world, &agent) == 2);
        for _ in 0..=seed % 7 {
            world.call(loser, &agent);
        }
        // By then both sides have judged: the one that stops is the one that was cut off.
        world.run_for(Duration::from_micros(3_000_000 + seed * 6_131 % 1_000_000));
        let counted = world.machine(loser).process.as_ref().and_then(|it| it.host.count(&agent));
        world.mend(cut);

        settle(&mut world, Duration::from_secs(20))?;
        let offered = world.merges.iter().filter(|it| Some(it.count) == counted);
        // Each other life that ran is one that lost.
        let once = offered.count() == 1 && world.merges.len() < world.starts.len();
        if both && once {
            return Ok(());
        }
        let found = format!("{:?} of {:?}, not {counted:?}", world.merges, world.starts);
        Err(Violation::new("offered once", found))
    });
}

/// A person who restarts an agent wants it afresh.
#[test]
fn agent_that_a_person_restarts_begins_afresh() {
    let (mut world, agent) = counting(1, 3);
    world.run_for(Duration::from_millis(2_500));

    world.ask(1, Command::RestartAgent { name: agent.clone() });

    world.run_for(Duration::from_secs(3));
    assert_eq!(world.count(&agent), Some(0));
}

/// K74, C5: each agent leaves as soon as it is ready, the quick ones before the slow, and none runs
/// twice; progress is seen from everywhere.
#[test]
fn drained_node_hands_over_each_agent_as_soon_as_it_is_ready() {
    each_seed("moving::drained_node_hands_over", 0..200, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agents: Vec<_> = (0..12).map(|n| name(&format!("agent-{n}"))).collect();
        for (n, agent) in agents.iter().enumerate() {
            let slow = if n < 3 { 5_000 } else { 500 };
            world.slow_calls.insert(agent.clone(), Duration::from_millis(slow));
            start_on(&mut world, stateful(agent), 1);
        }
        let mut calls = BTreeMap::new();
        for agent in &agents {
            calls.insert(agent, u64::from(world.call(0, agent).is_some()));
        }
        let node = world.id(1);

        let deadline = Duration::from_secs(60);
        assert_eq!(world.ask(0, Command::Drain { node, deadline }), Some(Ok(Outcome::Done)));

        let mut left = Vec::new();
        for _ in 0..1_200 {
            world.run_for(Duration::from_millis(10));
            for agent in &agents {
                assert!(running(&world, agent) <= 1, "seed {seed}: {agent} runs twice");
                *calls.get_mut(agent).unwrap() += u64::from(world.call(2, agent).is_some());
            }
            left.push(held_by(&world, 1));
        }
        // Nine quick ones, eight at a time with the slow ones among them.
        assert!(left[200] <= 3, "seed {seed}: {} agents are left after 2 s", left[200]);
        assert_eq!(left.last(), Some(&0), "seed {seed}");
        for agent in &agents {
            assert_eq!(world.count(agent), Some(calls[agent]), "seed {seed}: {agent}");
        }
        let drain = world.sees(2, 1).unwrap().scheduling.unwrap().drain.unwrap();
        assert_eq!((drain.left, drain.moved), (0, 12), "seed {seed}");
        assert!(drain.failed.is_empty(), "seed {seed}: {:?}", drain.failed);
        Ok(())
    });
}

/// At the deadline the rest is stopped and started elsewhere; the count survives in copies.
#[test]
fn drain_stops_what_is_left_at_its_deadline() {
    each_seed("moving::drain_stops_what_is_left_at", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let stuck = name("stuck");
        world.slow_calls.insert(stuck.clone(), Duration::from_secs(14));
        start_on(&mut world, stateful(&stuck), 1);
        let plain = name("plain");
        start_on(&mut world, workload::spec(plain.clone()), 1);
        for _ in 0..5 {
            let _answered_later = world.call(0, &stuck);
        }
        world.run_for(Duration::from_millis(2_500));
        world.bad_states = 1_000;
        let node = world.id(1);

        world.ask(0, Command::Drain { node, deadline: Duration::from_secs(6) });
        world.run_for(Duration::from_secs(2));
        assert_eq!(held_by(&world, 1), 1, "seed {seed}: the plain one is gone at once");
        // The clocks of the two nodes differ by two seconds at most.
        world.run_for(Duration::from_secs(6));
        world.bad_states = 0;
        world.run_for(Duration::from_secs(3));

        assert_eq!(held_by(&world, 1), 0, "seed {seed}");
        assert_eq!(world.count(&stuck), Some(5), "seed {seed}");
        assert_eq!(running(&world, &plain), 1, "seed {seed}");
        Ok(())
    });
}

/// K58; and uncordoning ends the drain.
#[test]
fn draining_node_takes_no_names_and_no_agents_until_it_is_uncordoned() {
    let mut world = World::cluster(setup(1, 3));
    let node = world.id(1);
    world.ask(0, Command::Drain { node, deadline: Duration::from_secs(5) });
    world.run_for(Duration::from_secs(1));

    let refused = world.ask(1, crate::harness::register(&name("printer")));
    for n in 0..20 {
        start(&mut world, stateful(&name(&format!("agent-{n}"))));
    }

    assert_eq!(refused, Some(Err(NameError::Draining.into())));
    assert_eq!(held_by(&world, 1), 0);
    assert_eq!(world.ask(2, Command::Cordon { node, on: false }), Some(Ok(Outcome::Done)));
    world.run_for(Duration::from_secs(1));
    assert!(world.sees(0, 1).unwrap().scheduling.is_none());
    let done = world.ask(1, crate::harness::register(&name("printer")));
    assert_eq!(done, Some(Ok(Outcome::Names(vec![Ok(())]))));
}

/// K24, C35: a goodbye hands its agents over; nothing is lost, it is seen as left at once, and no
/// alarm is raised.
#[test]
fn node_that_leaves_hands_its_agents_over_first() {
    for seed in 0..30 {
        let (mut world, agent) = counting(seed, 3);
        let holder = holder_of(&world, &agent);
        let others: Vec<_> = (0..3).filter(|index| *index != holder).collect();
        let ticket = world.command(holder, Command::Leave);
        let mut calls = 100;
        let mut replied = None;
        for step in 0..3_000 {
            world.run_for(Duration::from_millis(1));
            calls += u64::from(world.call(others[0], &agent).is_some());
            if replied.is_none() && world.reply(ticket).is_some() {
                replied = Some(step);
            }
        }

        assert!(replied.is_some_and(|step| step < 1_000), "seed {seed}: {replied:?}");
        assert_eq!(world.count(&agent), Some(calls), "seed {seed}");
        for index in others {
            assert_eq!(world.sees(index, holder).unwrap().state, NodeState::Left, "seed {seed}");
            let alarm = |fact: &Fact| {
                matches!(fact, Fact::MemberDown { .. } | Fact::MemberSuspected { .. })
            };
            assert_eq!(events(&world, index, alarm), 0, "seed {seed}");
        }
    }
}

/// C5: at once if there is nothing to hand over.
#[test]
fn node_without_agents_leaves_at_once() {
    let mut world = World::cluster(setup(1, 3));
    let before = world.now();

    assert_eq!(world.ask(2, Command::Leave), Some(Ok(Outcome::Done)));

    assert!(world.now() - before < Duration::from_millis(100));
    let left = world.run_until(Duration::from_secs(1), |world| {
        (0..2).all(|index| world.sees(index, 2).unwrap().state == NodeState::Left)
    });
    assert!(left);
}

/// K75, K76, K82: a node that joins gets its share of the agents that say so and hand their state
/// over, two at a time, with their state; everything else stays.
#[test]
fn newcomer_gets_its_share_and_nothing_else_for_every_seed() {
    each_seed("moving::newcomer", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        world.kill(3);
        world.run_for(Duration::from_secs(2));
        let kinds = [(true, true), (true, false), (false, true)];
        let mut before = BTreeMap::new();
        for (state, redistribute) in kinds {
            for n in 0..8 {
                let agent = name(&format!("agent-{n}-{state}-{redistribute}"));
                let mut spec = workload::spec(agent.clone());
                spec.handoff.state = state;
                spec.placement.redistribute = redistribute;
                start(&mut world, spec);
                let count = (0..n).filter_map(|_| world.call(0, &agent)).last().unwrap_or(0);
                before.insert(agent.clone(), (holder_of(&world, &agent), count));
            }
        }
        let starts = world.starts.len();

        world.boot(3);
        for _ in 0..1_000 {
            world.run_for(Duration::from_millis(15));
            let mut on_their_way = BTreeMap::<usize, usize>::new();
            for (agent, (holder, _)) in &before {
                let arrives = world.agent(0, agent).is_some_and(|view| view.moving_to.is_some());
                *on_their_way.entry(*holder).or_default() += usize::from(arrives);
            }
            // One that is about to begin beside two whose end is not yet heard of here.
            if on_their_way.values().any(|count| *count > 3) {
                return Err(Violation::new("two at a time", format!("{on_their_way:?}")));
            }
        }

        let newcomer = world.id(3);
        let mut moved = 0;
        for (agent, (holder, count)) in &before {
            let places = world.node(0).unwrap().explain(agent).unwrap();
            let mapped =
                places.candidates[0].node == newcomer && agent.as_str().ends_with("true-true");
            let expected = if mapped { 3 } else { *holder };
            moved += usize::from(mapped);
            if holder_of(&world, agent) != expected || world.count(agent) != Some(*count) {
                let found = (world.copies(agent), world.count(agent), expected, count);
                return Err(Violation::new("share", format!("{agent}: {found:?}")));
            }
        }
        if world.starts.len() - starts != moved {
            return Err(Violation::new("share", format!("{moved} moved, more were started")));
        }
        Ok(())
    });
}

#[test]
fn planned_moves_even_the_cluster_out_at_their_rate() {
    let mut world = World::cluster(setup(1, 3));
    for n in 0..12 {
        start_on(&mut world, stateful(&name(&format!("agent-{n}"))), 1);
    }
    for n in 0..12 {
        world.ask(0, Command::MoveAgent { name: name(&format!("agent-{n}")), to: None });
    }
    world.run_for(Duration::from_secs(1));

    let moves = world.node(2).unwrap().preview_rebalance();

    assert_eq!(moves.len(), 8);
    let interval = Duration::from_secs(1);
    let start = Command::Rebalance(Rebalance::Start { moves, interval });
    assert_eq!(world.ask(0, start), Some(Ok(Outcome::Done)));
    world.run_for(Duration::from_millis(3_500));
    let done = |world: &World| {
        let plan = world.node(2).unwrap().rebalance().unwrap();
        plan.moves.iter().filter(|step| step.state == MoveState::Done).count()
    };
    // One at once, and one each second: the clocks of the nodes differ by a second each way.
    assert!((2..=6).contains(&done(&world)), "{} are done", done(&world));
    assert_eq!(world.ask(1, Command::Rebalance(Rebalance::Pause)), Some(Ok(Outcome::Done)));
    world.run_for(Duration::from_secs(1));
    let paused = done(&world);
    world.run_for(Duration::from_secs(20));
    assert_eq!(done(&world), paused);
    world.ask(1, Command::Rebalance(Rebalance::Resume));
    world.run_for(Duration::from_secs(15));
    assert_eq!(done(&world), 8);
    assert_eq!([0, 1, 2].map(|index| held_by(&world, index)), [4, 4, 4]);
    assert!(world.node(0).unwrap().preview_rebalance().is_empty());
}

#[test]
fn aborted_plan_moves_nothing_more() {
    let mut world = World::cluster(setup(2, 3));
    for n in 0..6 {
        start_on(&mut world, stateful(&name(&format!("agent-{n}"))), 1);
        world.ask(0, Command::MoveAgent { name: name(&format!("agent-{n}")), to: None });
    }
    let moves = world.node(0).unwrap().preview_rebalance();
    let interval = Duration::from_secs(30);
    world.ask(0, Command::Rebalance(Rebalance::Start { moves, interval }));
    world.run_for(Duration::from_secs(2));

    world.ask(2, Command::Rebalance(Rebalance::Abort));

    world.run_for(Duration::from_secs(100));
    assert_eq!(held_by(&world, 1), 5);
    let refused = world.ask(2, Command::Rebalance(Rebalance::Resume));
    assert_eq!(refused, Some(Err(CommandError::NoPlan)));
}

/// Everything goes wrong while agents are moved about.
#[test]
fn agents_that_move_about_survive_every_fault_for_every_seed() {
    each_seed("moving::agents_that_move", 0..1_000, move_about);
}

/// A node says goodbye with a state on its way, and the target does not come to run it: so long the
/// others believe that it does.
#[test]
fn agent_that_a_leaver_sent_in_vain_starts_once_the_leaver_is_believed_no_more() {
    move_about(800).unwrap();
}

fn move_about(seed: u64) -> Result<(), Violation> {
    let first = usize::try_from(seed).unwrap_or(0);
    let machines = 3 + first % 3;
    let mut setup = setup(seed, machines);
    setup.weather = Weather::FAIR;
    let mut world = World::cluster(setup);
    let agents: Vec<_> = (0..4).map(|n| name(&format!("agent-{n}"))).collect();
    for agent in &agents {
        start(&mut world, stateful(agent));
    }
    world.bad_states = 50;
    world.let_faults_strike(Faults::new(seed, &Fault::ALL));
    for step in 0..40 {
        world.run_for(Duration::from_millis(200));
        let pick = first + step;
        let agent = &agents[pick % agents.len()];
        let to = Some(world.id(pick / 3 % machines));
        world.command(pick % machines, Command::MoveAgent { name: agent.clone(), to });
        for agent in &agents {
            world.call(pick % machines, agent);
        }
    }
    world.heal();
    world.bad_states = 0;

    // The last words of a leaver count for so long, and then a start takes its time.
    settle(&mut world, Moved::LIFETIME + Duration::from_secs(5))
}

fn at_least(world: &World, agent: &Name, least: u64) -> Result<(), Violation> {
    match world.count(agent) {
        Some(count) if count >= least => Ok(()),
        count => Err(Violation::new("never older", format!("{agent}: {count:?}, not {least}"))),
    }
}

/// The newest count of an agent on the disks of other machines.
fn newest_elsewhere(world: &World, agent: &Name, holder: usize) -> u64 {
    let others = world.live().filter(|(index, _)| *index != holder);
    let counts = others.filter_map(|(index, _)| {
        Some(count_of(&world.machine(index).disk.snapshots.get(agent)?.state))
    });
    counts.max().unwrap_or(0)
}

/// How many lives of an agent take messages.
fn running(world: &World, agent: &Name) -> usize {
    let lives = world.live().flat_map(|(_, process)| process.host.lives());
    lives.filter(|(name, _, life)| *name == agent && *life == Life::Running).count()
}

/// How many agents a node says that it holds.
fn held_by(world: &World, index: usize) -> usize {
    let id = world.id(index);
    let agents = world.node(0).unwrap().agents();
    agents.iter().filter(|agent| agent.node == Some(id)).count()
}

/// An agent that hands its state over and has handled a hundred messages.
fn counting(seed: u64, machines: usize) -> (World, Name) {
    let mut world = World::cluster(setup(seed, machines));
    let agent = name("counter");
    start(&mut world, stateful(&agent));
    for _ in 0..100 {
        assert!(world.call(0, &agent).is_some());
    }
    (world, agent)
}

fn start(world: &mut World, spec: AgentSpec) {
    start_at(world, spec, None);
}

fn start_on(world: &mut World, spec: AgentSpec, index: usize) {
    let pin = world.id(index);
    start_at(world, spec, Some(pin));
}

fn start_at(world: &mut World, spec: AgentSpec, pin: Option<NodeId>) {
    let agent = spec.name.clone();
    let start = Command::StartAgent { spec: Box::new(spec), pin, replace: false };
    assert_eq!(world.ask(0, start), Some(Ok(Outcome::Done)));
    let runs = world.run_until(Duration::from_secs(5), |world| runs_everywhere(world, &agent));
    assert!(runs, "{agent} does not run: {:?}", world.agent(0, &agent));
}

fn stateful(name: &Name) -> AgentSpec {
    let handoff = Handoff { state: true, ..Handoff::default() };
    AgentSpec { handoff, ..workload::spec(name.clone()) }
}

fn holder_of(world: &World, agent: &Name) -> usize {
    world.copies(agent)[0].0
}

fn events(world: &World, index: usize, which: impl Fn(&Fact) -> bool) -> usize {
    world.machine(index).disk.events.iter().filter(|event| which(&event.fact)).count()
}
