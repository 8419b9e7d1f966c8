//! Events that people and programs tell of: what was acknowledged stays, as long as it is to be kept.

use std::time::Duration;

use covey_logic::{
    Command, CommandError, Outcome, Ticket,
    event::{Class, EventType, Report},
    event_store::{Receipt, Retention},
};
use covey_sim::{
    Setup, World,
    fault::{Fault, Faults},
    invariant::{self, Violation},
};

use crate::harness::{each_seed, settle, settle_to, setup};

/// What takes a node's word or its events away for a while, and leaves every disk as it was.
const FAULTS: [Fault; 9] = [
    Fault::Kill,
    Fault::PowerOff,
    Fault::Freeze,
    Fault::Partition,
    Fault::OneWay,
    Fault::Storm,
    Fault::SlowDisk,
    Fault::Leave,
    Fault::Sleep,
];

#[test]
fn replicated_event_survives_the_loss_of_its_node() {
    each_seed("events::replicated_event", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));

        let receipt = receipt(&mut world, 0, 3, Class::Replicated)?;
        world.power_off(0);
        world.run_for(Duration::from_secs(3));

        // That it was on two disks when it was acknowledged, the oracle has seen.
        if receipt.copies < 2 {
            return Err(Violation::new("copies", format!("{receipt:?}")));
        }
        for index in 1..3 {
            let held = world.machine(index).disk.event_extents.get(&receipt.origin);
            if held.is_none_or(|held| held.last < receipt.first + 2) {
                return Err(Violation::new("survives", format!("n{index} holds {held:?}")));
            }
        }
        Ok(())
    });
}

#[test]
fn event_of_a_node_whose_cluster_is_away_says_that_there_is_one_copy() {
    each_seed("events::event_of_a_node", 0..100, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        world.power_off(1);
        world.power_off(2);
        world.run_for(Duration::from_secs(12));

        let alone = receipt(&mut world, 0, 1, Class::Replicated)?;

        if alone.copies == 1 { Ok(()) } else { Err(Violation::new("alone", format!("{alone:?}"))) }
    });
}

#[test]
fn event_whose_copies_are_cut_off_is_answered_in_time() {
    each_seed("events::event_whose_copies", 0..100, |seed| {
        let mut world = World::cluster(setup(seed, 2));
        world.isolate(&[0]);

        let ticket = world.command(0, report(1, Class::Replicated));
        world.run_for(Duration::from_millis(5_500));

        match world.reply(ticket) {
            Some(Err(CommandError::Unconfirmed { count: 1, .. })) => Ok(()),
            other => Err(Violation::new("in time", format!("{other:?}"))),
        }
    });
}

#[test]
fn events_told_together_stay_together_on_every_disk() {
    each_seed("events::events_told_together", 0..300, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        world.let_faults_strike(Faults::new(seed, &FAULTS));
        for round in 0..60_u64 {
            let index = usize::try_from((seed + round) % 4).unwrap();
            if world.node(index).is_some() {
                let class = if round % 3 == 0 { Class::Replicated } else { Class::Local };
                world.command(index, report(1 + (round * 37) % 250, class));
            }
            world.run_for(Duration::from_millis(333));
            invariant::events::whole(&world)?;
        }

        world.heal();
        settle(&mut world, Duration::from_secs(30))
    });
}

#[test]
fn member_that_was_away_goes_on_after_what_the_others_dropped() {
    each_seed("events::member_that_was_away", 0..200, |seed| {
        let mut world = World::cluster(kept(seed, 3, (Duration::from_hours(1), 20_000)));
        receipt(&mut world, 0, 10, Class::Local)?;
        world.run_for(Duration::from_secs(3));
        world.power_off(2);
        for _ in 0..5 {
            receipt(&mut world, 0, 40, Class::Replicated)?;
            world.run_for(Duration::from_secs(70));
        }

        world.boot(2);

        settle(&mut world, Duration::from_secs(30))?;
        within(&world, 20_000)
    });
}

#[test]
fn newcomer_takes_what_is_left() {
    let mut world = World::cluster(kept(1, 2, (Duration::from_hours(1), 20_000)));
    world.power_off(1);
    world.run_for(Duration::from_secs(10));
    for _ in 0..5 {
        receipt(&mut world, 0, 40, Class::Local).unwrap();
    }
    world.run_for(Duration::from_secs(70));

    // Nobody else has them: they take more than they may.
    assert!(world.machine(0).disk.event_bytes() > 20_000);
    world.boot(1);
    world.run_for(Duration::from_secs(70));

    settle(&mut world, Duration::from_secs(30)).unwrap();
    within(&world, 20_000).unwrap();
}

#[test]
fn day_of_churn_loses_nothing_that_is_to_be_kept() {
    each_seed("events::day_of_churn", 0..2, |seed| {
        let bytes = 400_000;
        let mut world = World::cluster(kept(seed, 3, (Duration::from_hours(6), bytes)));
        let mut asked: Vec<Ticket> = Vec::new();
        for minute in 0..24 * 60_u64 {
            let index = usize::try_from((seed + minute * 7) % 3).unwrap();
            if minute % 20 == 5 {
                world.let_faults_strike(Faults::new(seed + minute, &FAULTS));
            } else if minute % 20 == 7 {
                world.heal();
            }
            if world.node(index).is_some() {
                let class = if minute % 2 == 0 { Class::Replicated } else { Class::Local };
                asked.push(world.command(index, report(1 + minute % 4, class)));
            }
            world.run_for(Duration::from_secs(60));
            if minute % 20 == 19 {
                settle_to(&mut world, Duration::from_secs(30), |world| {
                    invariant::events::check(world)?;
                    invariant::converged::check(world)
                })?;
                within(&world, bytes)?;
                young_are_there(&world, Duration::from_hours(6), bytes)?;
            }
        }
        let told = asked
            .into_iter()
            .filter(|ticket| matches!(world.reply(*ticket), Some(Ok(Outcome::Reported(_)))));
        let (told, known) = (told.count(), world.oracle.reported().len());
        if told < 1_000 || told != known {
            return Err(Violation::new("told", format!("{told} of {known}")));
        }
        Ok(())
    });
}

/// Each disk holds as much as it may, and no more than a tenth more.
fn within(world: &World, bytes: u64) -> Result<(), Violation> {
    for machine in world.machines() {
        let taken = machine.disk.event_bytes();
        if taken > bytes + bytes / 10 {
            return Err(Violation::new("size", format!("n{} keeps {taken} bytes", machine.index)));
        }
    }
    Ok(())
}

/// Whatever was acknowledged and is young enough is on every disk that has room for it.
fn young_are_there(world: &World, age: Duration, bytes: u64) -> Result<(), Violation> {
    // Some minutes for the looks at the oldest, a clock that is off, and one that jumped.
    let young = world.now().saturating_sub(age) + Duration::from_mins(5);
    for machine in world.machines() {
        let disk = &machine.disk;
        let full = disk.event_bytes() > bytes - bytes / 10;
        for (at, receipt) in world.oracle.reported() {
            let at = Duration::from_millis(at.0.saturating_sub(World::EPOCH_MS));
            let held = disk.event_extents.get(&receipt.origin);
            let gone = held.is_none_or(|held| held.first > receipt.first);
            if gone && at > young && !full {
                let found = format!("n{} holds {held:?} and lost {receipt:?}", machine.index);
                return Err(Violation::new("young", found));
            }
        }
    }
    Ok(())
}

fn kept(seed: u64, machines: usize, (age, bytes): (Duration, u64)) -> Setup {
    Setup { retention: Retention { age, bytes }, ..setup(seed, machines) }
}

/// Has events told, and waits for the acknowledgement.
fn receipt(
    world: &mut World,
    index: usize,
    count: u64,
    class: Class,
) -> Result<Receipt, Violation> {
    match world.ask(index, report(count, class)) {
        Some(Ok(Outcome::Reported(receipt))) => Ok(receipt),
        other => Err(Violation::new("told", format!("{other:?}"))),
    }
}

fn report(count: u64, class: Class) -> Command {
    let report = |number: u64| Report {
        kind: EventType::new("shop.order").unwrap(),
        body: [("number".to_owned(), number.into())].into_iter().collect(),
        correlation: Some(format!("order-{}", number % 7)),
        parent: None,
        class: Class::Local,
        batch: None,
    };
    Command::Report { reports: (0..count).map(report).collect(), class }
}
