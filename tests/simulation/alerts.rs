//! Alerts: one for a rule and a subject, whoever stewards it, and gone when its cause is.

use std::{collections::BTreeSet, time::Duration};

use covey_logic::{
    Command, Input, NodeId, Wall,
    event::Fact,
    monitor::{AlertCommand, AlertState, AlertView, Breach, Rule, Subject},
    supervision::placement,
};
use covey_sim::{World, dice::Dice, invariant::Violation, network::Weather};

use crate::harness::{each_seed, setup};

const MACHINES: usize = 4;

#[test]
fn lost_node_is_one_alert_everywhere_until_it_is_back() {
    each_seed("alerts::lost", 0..40, |seed| {
        let mut world = calm(seed);
        let lost = Dice::new(seed, 31).index(MACHINES);
        let subject = Subject::Node(world.id(lost));
        measure(&mut world, 3, &|_| Vec::new());
        world.kill(lost);

        measure(&mut world, 25, &|_| Vec::new());
        check(&world, &subject, Some(AlertState::Active))?;
        world.boot(lost);
        measure(&mut world, 80, &|_| Vec::new());

        check(&world, &subject, Some(AlertState::Cleared))?;
        expect("one raised, one cleared", told(&world) == (1, 1))
    });
}

/// The steward dies at a moment around the one at which it raises the alert.
#[test]
fn steward_that_dies_at_any_step_leaves_one_alert() {
    each_seed("alerts::steward", 0..120, |seed| {
        let mut world = calm(seed);
        let busy = Dice::new(seed, 32).index(MACHINES);
        let subject = Subject::Node(world.id(busy));
        let steward = steward(&world, busy);
        if steward == busy {
            return Ok(());
        }
        measure(&mut world, 3, &|_| Vec::new());
        let breach = breach(&world, busy);
        let found = |index: usize| if index == busy { vec![breach.clone()] } else { Vec::new() };

        tell(&mut world, &found);
        world.run_for(Duration::from_millis(seed * 25));
        world.kill(steward);
        measure(&mut world, 20, &found);
        check(&world, &subject, Some(AlertState::Active))?;
        world.boot(steward);
        measure(&mut world, 60, &found);
        check(&world, &subject, Some(AlertState::Active))?;
        expect("one episode", episodes(&world, Rule::Cpu).len() == 1)?;
        measure(&mut world, 10, &|_| Vec::new());

        check(&world, &subject, Some(AlertState::Cleared))?;
        expect("one episode", episodes(&world, Rule::Cpu).len() == 1)
    });
}

#[test]
fn alert_of_a_node_goes_with_the_node_that_says_it() {
    each_seed("alerts::goes", 0..20, |seed| {
        let mut world = calm(seed);
        let busy = Dice::new(seed, 33).index(MACHINES);
        let subject = Subject::Node(world.id(busy));
        let breach = breach(&world, busy);
        let found = |index: usize| if index == busy { vec![breach.clone()] } else { Vec::new() };
        measure(&mut world, 5, &found);
        check(&world, &subject, Some(AlertState::Active))?;

        world.kill(busy);
        measure(&mut world, 20, &|_| Vec::new());

        let cpu = |alert: &AlertView| alert.rule == Rule::Cpu;
        for (_, process) in world.live() {
            let alerts = process.node.alerts(Wall(0));
            let state = alerts.iter().find(|alert| cpu(alert)).map(|alert| alert.state);
            expect(&format!("{alerts:?}"), state == Some(AlertState::Cleared))?;
        }
        Ok(())
    });
}

#[test]
fn who_acknowledges_one_says_so_everywhere_and_the_next_is_nobodys() {
    each_seed("alerts::acknowledges", 0..10, |seed| {
        let mut world = calm(seed);
        let subject = Subject::Node(world.id(0));
        let breach = breach(&world, 0);
        let found = |index: usize| if index == 0 { vec![breach.clone()] } else { Vec::new() };
        measure(&mut world, 5, &found);

        let command = AlertCommand::Acknowledge;
        let asked = Command::Alert { rule: Rule::Cpu, subject: subject.clone(), command };
        let done = world.ask(1, asked.clone());
        expect(&format!("{done:?}"), matches!(done, Some(Ok(_))))?;
        measure(&mut world, 5, &found);
        check(&world, &subject, Some(AlertState::Acknowledged))?;
        measure(&mut world, 5, &|_| Vec::new());
        expect("over", matches!(world.ask(1, asked), Some(Err(_))))?;
        let again = Breach { since: Wall(breach.since.0 + 9_000), ..breach.clone() };
        measure(&mut world, 5, &|index| if index == 0 { vec![again.clone()] } else { Vec::new() });

        check(&world, &subject, Some(AlertState::Active))
    });
}

fn calm(seed: u64) -> World {
    let mut world = World::cluster(setup(seed, MACHINES));
    world.network.weather = Weather::FAIR;
    world.run_for(Duration::from_secs(5));
    world
}

/// Has everyone measure once a second.
fn measure(world: &mut World, seconds: u32, found: &dyn Fn(usize) -> Vec<Breach>) {
    for _ in 0..seconds {
        tell(world, found);
        world.run_for(Duration::from_secs(1));
    }
}

fn tell(world: &mut World, found: &dyn Fn(usize) -> Vec<Breach>) {
    let live: Vec<usize> = world.live().map(|(index, _)| index).collect();
    for index in live {
        world.tell(index, Input::Measured(found(index)));
    }
}

fn breach(world: &World, index: usize) -> Breach {
    let subject = Subject::Node(world.id(index));
    Breach { rule: Rule::Cpu, subject, since: Wall(1_000), value: 97 }
}

fn steward(world: &World, busy: usize) -> usize {
    let nodes: Vec<NodeId> = (0..MACHINES).map(|index| world.id(index)).collect();
    let key = format!("alert/cpu/{}", world.id(busy));
    let steward = placement::steward(&key, nodes).unwrap();
    world.index(steward).unwrap()
}

/// What everyone who is up shows of the alert of a subject.
fn check(world: &World, subject: &Subject, state: Option<AlertState>) -> Result<(), Violation> {
    for (index, process) in world.live() {
        let alerts = process.node.alerts(Wall(0));
        let mine: Vec<&AlertView> =
            alerts.iter().filter(|alert| alert.subject == *subject).collect();
        let shown = mine.first().map(|alert| alert.state);
        expect(&format!("{index}: {mine:?}"), shown == state && mine.len() <= 1)?;
    }
    Ok(())
}

/// How often it was told that an alert was raised, and that one was cleared.
fn told(world: &World) -> (usize, usize) {
    let facts = facts(world);
    let raised = facts.iter().filter(|(_, _, fact)| matches!(fact, Fact::AlertRaised { .. }));
    let cleared = facts.iter().filter(|(_, _, fact)| matches!(fact, Fact::AlertCleared { .. }));
    (raised.count(), cleared.count())
}

fn episodes(world: &World, wanted: Rule) -> BTreeSet<u64> {
    let episode = |(_, _, fact): (NodeId, u64, Fact)| {
        let Fact::AlertRaised { rule, episode, .. } = fact else { return None };
        (rule == wanted).then_some(episode)
    };
    facts(world).into_iter().filter_map(episode).collect()
}

/// What happened, each event once, however many keep it.
fn facts(world: &World) -> Vec<(NodeId, u64, Fact)> {
    let mut seen = BTreeSet::new();
    let events = world.machines().iter().flat_map(|machine| &machine.disk.events);
    let fresh = events.filter(|event| seen.insert((event.origin, event.seq)));
    fresh.map(|event| (event.origin, event.seq, event.fact.clone())).collect()
}

fn expect(what: &str, holds: bool) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new("alerts", what.to_owned())) }
}
