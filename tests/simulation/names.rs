//! Names under faults: who holds them, who hears of them, and what is left of them.

use std::{collections::BTreeSet, time::Duration};

use covey_logic::{
    Command, CommandError, Name, Outcome,
    certificate::Role,
    event::Fact,
    registry::{Backend, ChangeKind, Metadata, NameCommand, NameError, NameOutcome, Query, Term},
};
use covey_sim::{
    World,
    invariant::{self, Violation},
    workload,
};

use crate::{
    harness::{each_seed, name, register, run_agent, settle, settle_to, setup},
    pairing::asked,
};

/// K43: whoever asks for a taken name is told who has it, on every node that has seen it.
#[test]
fn taken_name_is_refused_on_every_node_for_every_seed() {
    each_seed("names::taken_name", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let name = name("printer");
        let first = usize::try_from(seed % 3).unwrap();
        claim(&mut world, first, &name)?;
        let seen = world.run_until(Duration::from_secs(1), |world| {
            (0..3).all(|index| world.route(index, &name).is_some())
        });
        expect("every node sees it", seen)?;

        for index in (0..3).filter(|index| *index != first) {
            let refusal = CommandError::NameTaken { name: name.clone(), owner: world.id(first) };
            let outcome = world.ask(index, register(&name));
            expect("the owner is told", outcome == Some(Ok(Outcome::Names(vec![Err(refusal)]))))?;
        }
        Ok(())
    });
}

/// K45: all names of an agent go everywhere within a second of its end.
#[test]
fn names_of_a_crashed_agent_go_everywhere_for_every_seed() {
    each_seed("names::names_of_a_crashed_agent", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let agent = name("printer");
        let machine = run_agent(&mut world, 0, &agent);
        let names = (0..20).map(|n| (name(&format!("queue-{n}")), Metadata::new())).collect();
        let wish = NameCommand::RegisterFor { holder: agent.clone(), names };
        let outcome = world.ask(machine, Command::Name(wish));
        let held =
            matches!(&outcome, Some(Ok(Outcome::Names(all))) if all.iter().all(Result::is_ok));
        expect("all are held", held)?;
        let seen = world.run_until(Duration::from_secs(1), |world| {
            all_nodes(world, |w, i| held_for(w, i, &agent) == 20)
        });
        expect("all are seen", seen)?;

        world.crash_agent(machine, &agent);

        let gone = world.run_until(Duration::from_secs(1), |world| {
            all_nodes(world, |w, i| held_for(w, i, &agent) == 0)
        });
        expect("all are gone", gone)?;
        let routes = (0..3).all(|index| world.route(index, &name("queue-7")).is_none());
        expect("no route is left", routes)
    });
}

/// K53, K52: of two clusters that both have a name, one keeps it, and the loser hears from whom it
/// lost, why, and both values, as a fact and as a change of its own kind.
#[test]
fn joined_clusters_have_one_winner_for_every_seed() {
    each_seed("names::joined_clusters", 0..1_000, |seed| {
        let (mut world, request) = asked(seed);
        let name = name("printer");
        for index in [0, 1] {
            let value = Metadata::from([("of".to_owned(), index.to_string().into())]);
            let wish = Command::Register { names: vec![(name.clone(), value)] };
            let outcome = world.ask(index, wish);
            expect("both claim it", outcome == Some(Ok(Outcome::Names(vec![Ok(())]))))?;
        }

        world.command(0, Command::Accept { node: request.node, role: Role::Operator });

        settle(&mut world, Duration::from_secs(15))?;
        let winner = world.route(0, &name).and_then(|route| world.index(route.node));
        let Some(winner) = winner else {
            return Err(Violation::new("arrangement", "nobody".into()));
        };
        let loser = 1 - winner;
        let lost = world.node(loser).unwrap().recent_events().any(|event| {
            matches!(&event.fact, Fact::ClaimLost { name: lost, winner: to, lost: ours, won, .. }
                if *lost == name && *to == world.id(winner)
                    && ours.get("of") == Some(&loser.to_string().into())
                    && won.get("of") == Some(&winner.to_string().into()))
        });
        expect("the loser is told", lost)?;
        let (changes, _) = world.node(loser).unwrap().registry().changes().after(0, "printer");
        let conflicts = changes.iter().filter(|change| {
            matches!(&change.change, ChangeKind::Conflict { winner: won, .. }
                if won.node == world.id(winner))
        });
        expect("the conflict is told once", conflicts.count() == 1)
    });
}

/// K56: names that others took over while their node was down stay theirs when what it left is
/// cleaned up and when it comes back: none of 3,000 is lost, 20 runs of 20.
#[test]
fn names_taken_over_from_a_dead_node_are_not_lost() {
    each_seed("names::names_taken_over", 0..20, |seed| take_over(seed, 3_000));
}

/// Has two nodes share the names of one that died and comes back.
pub(crate) fn take_over(seed: u64, count: usize) -> Result<(), Violation> {
    let mut world = World::cluster(setup(seed, 3));
    let names: Vec<Name> = (0..count).map(|n| name(&format!("name-{n}"))).collect();
    claim_all(&mut world, 2, &names)?;
    world.run_for(Duration::from_secs(1));

    world.kill(2);
    let gone = world.run_until(Duration::from_secs(3), |world| world.route(0, &names[0]).is_none());
    expect("the node is known to be down", gone)?;
    let (ours, theirs) = names.split_at(count / 2);
    claim_all(&mut world, 0, ours)?;
    claim_all(&mut world, 1, theirs)?;
    world.boot(2);

    settle(&mut world, Duration::from_secs(10))?;
    let owners = [world.id(0), world.id(1)];
    for (half, owner) in [ours, theirs].into_iter().zip(owners) {
        for index in 0..3 {
            let held = half
                .iter()
                .filter(|name| world.route(index, name).is_some_and(|route| route.node == owner));
            expect("every name is held", held.count() == half.len())?;
        }
    }
    Ok(())
}

/// K57: the names of a node that was away and lived on are back once it is.
#[test]
fn names_of_a_node_that_was_away_come_back_for_every_seed() {
    each_seed("names::names_of_a_node", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let names: Vec<Name> = (0..5).map(|n| name(&format!("name-{n}"))).collect();
        claim_all(&mut world, 2, &names)?;
        world.run_for(Duration::from_secs(1));
        let cut = world.isolate(&[2]);
        let gone =
            world.run_until(Duration::from_secs(10), |world| world.route(0, &names[0]).is_none());
        expect("the node is held to be down", gone)?;

        world.mend(cut);

        let id = world.id(2);
        let back = world.run_until(Duration::from_secs(5), |world| {
            all_nodes(world, |world, index| {
                names
                    .iter()
                    .all(|name| world.route(index, name).is_some_and(|route| route.node == id))
            })
        });
        expect("the names are back", back)
    });
}

/// K59: groups that nodes and agents join and leave on any node have equal members everywhere, also
/// after a split and the death of a node.
#[test]
fn group_has_equal_members_everywhere_for_every_seed() {
    each_seed("names::group_has", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let group = name("printers");
        let agent = name("till");
        let machine = run_agent(&mut world, 0, &agent);
        for (index, agent) in [(0, None), (1, None), (2, None), (machine, Some(agent.clone()))] {
            join(&mut world, index, &group, agent)?;
        }
        world.run_for(Duration::from_secs(1));
        expect(
            "four are in",
            all_nodes(&world, |world, index| members(world, index, &group) == 4),
        )?;
        let cut = world.isolate(&[1]);
        let quit = NameCommand::Quit { group: group.clone(), agent: None };
        world.ask(1, Command::Name(quit));
        world.crash_agent(machine, &agent);
        world.run_for(Duration::from_millis(seed % 9_000));
        world.mend(cut);
        world.kill(2);

        settle_to(&mut world, Duration::from_secs(15), |world| {
            invariant::converged::check(world).and_then(|()| invariant::watched::check(world))
        })?;
        let left = all_nodes(&world, |world, index| members(world, index, &group) == 1);
        expect("one is left", left)
    });
}

/// C31: a wait ends when any node registers the name, and at its own time if none does.
#[test]
fn wait_ends_on_a_registration_anywhere_for_every_seed() {
    each_seed("names::wait_ends", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        let wait = |name: Name, seconds| {
            let timeout = Duration::from_secs(seconds);
            Command::Name(NameCommand::WaitFor { name, timeout })
        };
        let printer = world.command(0, wait(name("printer"), 5));
        let nobody = world.command(0, wait(name("nobody"), 2));
        let begun = world.now();
        world.run_for(Duration::from_secs(1));

        claim(&mut world, 2, &name("printer"))?;

        world.run_for(Duration::from_millis(200));
        let owner = match world.reply(printer) {
            Some(Ok(Outcome::Name(NameOutcome::Owner(owner)))) => Some(owner.node),
            _ => None,
        };
        expect("the wait ends with the owner", owner == Some(world.id(2)))?;
        world.run_for(begun + Duration::from_millis(1_999) - world.now());
        expect("the other waits", world.reply(nobody).is_none())?;
        world.run_for(Duration::from_millis(5));
        let timed_out = NameError::TimedOut { name: name("nobody") };
        expect("the other ends in time", world.reply(nobody) == Some(Err(timed_out.into())))
    });
}

/// C15: everything in a namespace goes on all nodes, also on one that was away; what is in another
/// one stays.
#[test]
fn namespace_is_cleaned_up_everywhere_for_every_seed() {
    each_seed("names::namespace_is_cleaned_up", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        for index in 0..3 {
            for space in ["test", "shop"] {
                claim(&mut world, index, &name(&format!("{space}/printer-{index}")))?;
                world.ask(index, workload::start(name(&format!("{space}/till-{index}")), false));
            }
            join(&mut world, index, &name("test/group"), None)?;
        }
        world.run_for(Duration::from_secs(3));
        let cut = world.isolate(&[2]);
        world.run_for(Duration::from_secs(1));

        let clean = NameCommand::CleanUp { namespace: "test".to_owned() };
        world.ask(0, Command::Name(clean));
        world.run_for(Duration::from_secs(1));
        world.mend(cut);

        settle(&mut world, Duration::from_secs(15))?;
        for index in 0..3 {
            let node = world.node(index).unwrap();
            let left: BTreeSet<String> =
                node.registry().owners().map(|(name, _)| name.to_string()).collect();
            let kept = (0..3).flat_map(|n| [format!("shop/printer-{n}"), format!("shop/till-{n}")]);
            if left != kept.collect() {
                return Err(Violation::new("cleaned up", format!("n{index} has {left:?}")));
            }
            expect("nobody is in the group", members(&world, index, &name("test/group")) == 0)?;
            expect("no agent is known", node.agents().len() == 3)?;
        }
        Ok(())
    });
}

/// K51: what an owner tells of its name is known everywhere, and what it takes back no more.
#[test]
fn metadata_is_told_everywhere() {
    let mut world = World::cluster(setup(1, 3));
    let printer = name("printer");
    claim(&mut world, 0, &printer).unwrap();
    let tell = |room: Option<&str>| {
        let room = room.map(|room| ("room".to_owned(), room.into()));
        let metadata = room.into_iter().collect();
        let (name, expected) = (printer.clone(), None);
        Command::Name(NameCommand::SetMetadata { name, expected, metadata })
    };
    let rooms = |world: &World| -> BTreeSet<Option<String>> {
        let room = |index: usize| {
            let page = world.node(index).unwrap().registry().index().search(&Query::default());
            let values = page.unwrap().names[0].metadata.get("room").cloned();
            values.map(|values| values.0.concat())
        };
        (0..3).map(room).collect()
    };

    world.ask(0, tell(Some("")));
    world.run_for(Duration::from_secs(1));
    assert_eq!(rooms(&world), BTreeSet::from([Some(String::new())]));

    world.ask(0, tell(None));
    world.run_for(Duration::from_secs(1));
    assert_eq!(rooms(&world), BTreeSet::from([None]));
}

/// A namespace that is kept locally has its names on one node alone, and each node its own.
#[test]
fn local_names_stay_on_their_node() {
    let mut world = World::cluster(setup(1, 3));
    let printer = name("desk/printer");
    let keep = |backend| {
        let namespace = "desk".to_owned();
        Command::Name(NameCommand::SetBackend { namespace, backend })
    };
    world.ask(0, keep(Backend::Local));
    world.run_for(Duration::from_secs(1));
    claim(&mut world, 0, &printer).unwrap();
    claim(&mut world, 1, &printer).unwrap();
    world.run_for(Duration::from_secs(1));

    let routes: Vec<_> =
        (0..3).map(|index| world.route(index, &printer).map(|route| route.node)).collect();
    assert_eq!(routes, [Some(world.id(0)), Some(world.id(1)), None]);

    // Told to all, they meet, and one remains.
    world.ask(2, keep(Backend::Replicated));
    settle(&mut world, Duration::from_secs(5)).unwrap();
    assert_eq!(world.route(2, &printer).map(|route| route.node), Some(world.id(0)));
}

/// K58: a node that is about to leave takes no names on, and says so.
#[test]
fn leaving_node_takes_no_names() {
    let mut world = World::cluster(setup(1, 3));
    world.ask(1, Command::Leave);

    let refused = world.ask(1, register(&name("printer")));

    assert_eq!(refused, Some(Err(NameError::Draining.into())));
}

fn all_nodes(world: &World, holds: impl Fn(&World, usize) -> bool) -> bool {
    world.live().all(|(index, _)| holds(world, index))
}

/// How many names a node knows to be held for an agent.
fn held_for(world: &World, index: usize, agent: &Name) -> u32 {
    let query = Query::all(vec![Term::Holder { agent: agent.clone() }]);
    world.node(index).unwrap().registry().index().count(&query).unwrap().count
}

fn members(world: &World, index: usize, group: &Name) -> usize {
    world.node(index).unwrap().registry().members(group).len()
}

fn join(
    world: &mut World,
    index: usize,
    group: &Name,
    agent: Option<Name>,
) -> Result<(), Violation> {
    let (group, metadata) = (group.clone(), Metadata::new());
    let outcome = world.ask(index, Command::Name(NameCommand::Join { group, agent, metadata }));
    expect("it joins", outcome == Some(Ok(Outcome::Done)))
}

fn claim(world: &mut World, index: usize, name: &Name) -> Result<(), Violation> {
    claim_all(world, index, std::slice::from_ref(name))
}

fn claim_all(world: &mut World, index: usize, names: &[Name]) -> Result<(), Violation> {
    let names = names.iter().map(|name| (name.clone(), Metadata::new())).collect();
    let outcome = world.ask(index, Command::Register { names });
    let done = matches!(&outcome, Some(Ok(Outcome::Names(all))) if all.iter().all(Result::is_ok));
    expect("all are registered", done)
}

fn expect(what: &'static str, holds: bool) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new("arrangement", format!("not so: {what}"))) }
}
