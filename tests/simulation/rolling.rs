//! Nodes that leave and come back one after the other, while everyone calls their counters.

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{
    Command, Name,
    agent::{AgentSpec, Handoff},
};
use covey_sim::{World, invariant::Violation, network::Weather, workload};

use crate::harness::{all_run, each_seed, name, settle, setup, want};

const COUNTERS: usize = 12;
/// An overloaded machine: one message in ten is lost.
const BUSY: Weather = Weather { loss: 100, duplication: 50, spikes: 20, ..Weather::CALM };
/// How long after a call the copies of a count are made at the latest.
const COPIED: Duration = Duration::from_secs(2);
/// How long a node may take to hand its agents over and go.
const LEAVE: Duration = Duration::from_secs(15);

/// B6, C5: gossip may be lost, and nobody takes an agent for lost that was handed over: it would
/// begin from an older copy.
#[test]
fn rolling_restart_keeps_every_count_for_every_seed() {
    each_seed("rolling::rolling_restart", 0..1_000, restart);
}

/// Every node leaves and comes back, and every call is counted.
pub(crate) fn restart(seed: u64) -> Result<(), Violation> {
    let mut setup = setup(seed, 4);
    setup.weather = if seed.is_multiple_of(3) { Weather::FAIR } else { BUSY };
    let mut world = World::cluster(setup);
    let counters: Vec<Name> = (0..COUNTERS).map(|n| name(&format!("counter-{n}"))).collect();
    for counter in &counters {
        let handoff = Handoff { state: true, ..Handoff::default() };
        want(&mut world, 0, AgentSpec { handoff, ..workload::spec(counter.clone()) });
    }
    assert!(all_run(&mut world, &counters, Duration::from_secs(20)));
    let mut counts = BTreeMap::new();

    for index in 0..4 {
        let ticket = world.command(index, Command::Leave);
        let end = world.now() + LEAVE;
        while world.reply(ticket).is_none() {
            call_all(&mut world, &counters, &mut counts)?;
            if world.now() > end {
                return Err(Violation::new("leaving", format!("n{index} does not go")));
            }
        }
        world.kill(index);
        world.boot(index);
        for _ in 0..100 {
            call_all(&mut world, &counters, &mut counts)?;
        }
    }
    // The last counts are copied first: who keeps them says so, and that may be lost too.
    world.run_for(COPIED);
    settle(&mut world, Duration::from_secs(20))?;
    call_all(&mut world, &counters, &mut counts)
}

/// Calls every counter from the next node that runs; an answer is the next number.
fn call_all(
    world: &mut World,
    counters: &[Name],
    counts: &mut BTreeMap<Name, u64>,
) -> Result<(), Violation> {
    let live: Vec<usize> = world.live().map(|(index, _)| index).collect();
    for (turn, counter) in counters.iter().enumerate() {
        let count = counts.entry(counter.clone()).or_default();
        if let Some(answer) = world.call(live[turn % live.len()], counter) {
            *count += 1;
            if answer != *count {
                let why = format!("{counter} is at {answer}, not {count}, at {:?}", world.now());
                return Err(Violation::new("no count is lost", why));
            }
        }
    }
    world.run_for(Duration::from_millis(20));
    Ok(())
}
