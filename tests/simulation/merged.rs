//! Counters and variables that every side of a split changes by itself.

use std::time::Duration;

use covey_logic::{
    Command, CommandError, Outcome, Ticket,
    coordination::{Refused, Scope, Strategy, Terms},
    merged::{Merge, MergedCommand, MergedOutcome, Reach, VariableAct},
};
use covey_sim::{
    Setup, World,
    fault::{Fault, Faults},
    invariant::Violation,
    network::Weather,
    planted::Planted,
};

use crate::harness::{each_seed, first_failure, name, settle, setup};

/// Everything but a disk that refuses: a write on it is refused, and the node with it.
const FAULTS: [Fault; 11] = [
    Fault::Kill,
    Fault::PowerOff,
    Fault::Freeze,
    Fault::Partition,
    Fault::OneWay,
    Fault::Cut,
    Fault::Storm,
    Fault::SlowDisk,
    Fault::ClockJump,
    Fault::Leave,
    Fault::Sleep,
];
const SETTLE: Duration = Duration::from_secs(30);

/// C3: what was acknowledged is counted once on every node, what was not once or not at all.
#[test]
fn acknowledged_changes_are_counted_once_whatever_goes_wrong_for_every_seed() {
    each_seed("merged::acknowledged_changes", 0..500, |seed| count_through(seed, None));
}

/// The test finds what it looks for: a node that acknowledges before it is on disk.
#[test]
fn change_acknowledged_before_it_is_on_disk_is_missed() {
    let found = first_failure(0..200, |seed| {
        let result = count_through(seed, Some(Planted::EarlyAcknowledgement));
        // The event of a change that was lost is missed as well.
        result.or_else(|why| if why.invariant == "counted" { Err(why) } else { Ok(()) })
    });

    assert!(found.is_some_and(|(_, why)| why.contains("counted")));
}

#[test]
fn minority_goes_on_counting_and_nothing_is_lost_when_the_split_heals() {
    each_seed("merged::minority", 0..300, |seed| {
        let mut world = World::cluster(setup(seed, 5));
        let cut = world.isolate(&[0, 1]);
        world.run_for(Duration::from_secs(12));

        for index in 0..5 {
            for by in [3, -1] {
                let reply = world.ask(index, add(by));
                if !matches!(reply, Some(Ok(_))) {
                    return Err(Violation::new("available", format!("n{index}: {reply:?}")));
                }
            }
        }
        let apart = [0, 2].map(|index| value(&world, index));
        world.mend(cut);
        settle(&mut world, SETTLE)?;

        alike(&world, |value| value == 10)?;
        let hears_its_side = |value: i128| (2..10).contains(&value);
        if apart.into_iter().all(hears_its_side) {
            Ok(())
        } else {
            Err(Violation::new("apart", format!("{apart:?}")))
        }
    });
}

#[test]
fn what_a_node_added_stays_when_it_is_put_out() {
    each_seed("merged::what_a_node_added", 0..200, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        done(world.ask(2, add(7)))?;
        done(world.ask(1, add(1)))?;
        settle(&mut world, SETTLE)?;

        let gone = world.id(2);
        done(world.ask(0, Command::Revoke { node: gone }))?;
        world.power_off(2);
        world.run_for(Duration::from_secs(5));
        done(world.ask(1, add(1)))?;
        world.run_for(Duration::from_secs(5));

        alike(&world, |value| value == 9)
    });
}

#[test]
fn writes_of_both_sides_are_merged_alike_on_all_nodes() {
    each_seed("merged::writes_of_both_sides", 0..300, |seed| {
        let strategies = Strategy::MERGING;
        let pick = usize::try_from(seed).unwrap_or(0) % strategies.len();
        let strategy = strategies[pick];
        let mut world = World::cluster(setup(seed, 4));
        done(world.ask(0, register(strategy)))?;
        settle(&mut world, SETTLE)?;
        let cut = world.isolate(&[0, 1]);
        world.run_for(Duration::from_secs(10));
        done(world.ask(0, set("[1]")))?;
        world.run_for(Duration::from_secs(1));
        done(world.ask(3, set("[2]")))?;

        world.mend(cut);
        settle(&mut world, SETTLE)?;

        for (index, process) in world.live() {
            let view = process.node.merged_variable(&name("mode"), Reach::Global);
            let fits = view.as_ref().is_some_and(|view| {
                let expected = match strategy {
                    Strategy::LastWriteWins => view.conflict.last().map(|it| it.value.as_str()),
                    Strategy::Greatest => Some("[2]"),
                    Strategy::Least => Some("[1]"),
                    Strategy::Union => Some("[1,2]"),
                    Strategy::KeepAll | Strategy::Consensus => None,
                };
                view.value.as_deref() == expected && view.conflict.len() == 2
            });
            if !fits {
                return Err(Violation::new("merged", format!("n{index} {strategy:?}: {view:?}")));
            }
        }
        Ok(())
    });
}

#[test]
fn variable_that_was_removed_during_a_split_does_not_come_back() {
    each_seed("merged::variable_that_was_removed", 0..200, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        done(world.ask(3, register(Strategy::Greatest)))?;
        settle(&mut world, SETTLE)?;
        let cut = world.isolate(&[3]);
        let erase = VariableAct::Erase { expected: None };
        done(world.ask(0, change("mode", Reach::Global, erase)))?;
        world.run_for(Duration::from_secs(10));

        world.kill(3);
        world.boot(3);
        world.mend(cut);
        settle(&mut world, SETTLE)?;

        let there = |node: &covey_logic::Node| node.merged_variable(&name("mode"), Reach::Global);
        match world.live().find_map(|(_, process)| there(&process.node)) {
            None => Ok(()),
            back => Err(Violation::new("removed", format!("{back:?}"))),
        }
    });
}

#[test]
fn variable_of_one_node_is_on_no_other_and_outlives_a_restart() {
    let mut world = World::cluster(setup(1, 3));
    let set = |value: &str| VariableAct::Write { value: value.to_owned(), expected: None };
    world.ask(0, change("own", Reach::Local, set("here"))).unwrap().unwrap();
    world.ask(1, change("own", Reach::Local, set("there"))).unwrap().unwrap();
    let other = world.ask(0, change("own", Reach::Global, set("everywhere")));

    world.power_off(0);
    world.boot(0);
    world.run_for(Duration::from_secs(3));

    let own = |index: usize| {
        let view = world.node(index)?.merged_variable(&name("own"), Reach::Local)?;
        view.value
    };
    assert_eq!([own(0), own(1), own(2)], [Some("here".into()), Some("there".into()), None]);
    let refused = Refused::OtherScope { name: name("own"), scope: Scope::Local };
    assert_eq!(other, Some(Err(CommandError::Merged(refused))));
}

/// Everyone counts while everything goes wrong; then all nodes must be at one value that holds what
/// was acknowledged, and of the rest whole changes.
fn count_through(seed: u64, planted: Option<Planted>) -> Result<(), Violation> {
    let mut world = World::cluster(Setup { weather: Weather::STORM, ..setup(seed, 5) });
    if let Some(planted) = planted {
        world.plant(planted);
    }
    world.let_faults_strike(Faults::new(seed, &FAULTS));
    let mut asked: Vec<(Ticket, i64)> = Vec::new();
    for round in 0..90_u64 {
        let index = usize::try_from((seed + round * 3) % 5).unwrap_or(0);
        if world.node(index).is_some() {
            asked.push((world.command(index, add(1)), 1));
        }
        world.run_for(Duration::from_millis(333));
    }
    world.heal();
    let settled = settle(&mut world, SETTLE);

    let (mut least, mut most) = (0, 0);
    for (ticket, by) in asked {
        most += i128::from(by);
        match world.reply(ticket) {
            Some(Ok(Outcome::Merged(MergedOutcome::Counted { .. }))) => least += i128::from(by),
            Some(Err(_)) | None => {}
            Some(Ok(other)) => return Err(Violation::new("outcome", format!("{other:?}"))),
        }
    }
    if least == 0 {
        return Err(Violation::new("load", "nothing was acknowledged".to_owned()));
    }
    alike(&world, |value| (least..=most).contains(&value))
        .map_err(|why| Violation::new("counted", format!("{least} to {most}, but {why}")))?;
    settled
}

/// All live nodes hold one value, and it is as it should be.
fn alike(world: &World, fits: impl Fn(i128) -> bool) -> Result<(), Violation> {
    let values: Vec<_> = world.live().map(|(index, _)| value(world, index)).collect();
    let first = values.first().copied().unwrap_or_default();
    if values.iter().all(|value| *value == first) && fits(first) {
        return Ok(());
    }
    Err(Violation::new("counted", format!("{values:?}")))
}

fn value(world: &World, index: usize) -> i128 {
    let found = world.node(index).and_then(|node| node.merged_counter(&name("hits")));
    found.map_or(0, |view| view.value.parse().unwrap())
}

fn done(reply: Option<Result<Outcome, CommandError>>) -> Result<(), Violation> {
    match reply {
        Some(Ok(_)) => Ok(()),
        other => Err(Violation::new("done", format!("{other:?}"))),
    }
}

fn add(by: i64) -> Command {
    Command::Merged(MergedCommand::Count { counter: name("hits"), by })
}

fn register(strategy: Strategy) -> Command {
    let merge = Merge { terms: Terms::default(), strategy };
    change("mode", Reach::Global, VariableAct::Register { value: "[0]".to_owned(), merge })
}

fn set(value: &str) -> Command {
    let act = VariableAct::Write { value: value.to_owned(), expected: None };
    change("mode", Reach::Global, act)
}

fn change(variable: &str, reach: Reach, act: VariableAct) -> Command {
    Command::Merged(MergedCommand::Variable { variable: name(variable), reach, act })
}
