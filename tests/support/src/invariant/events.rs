//! The events of every node are on every disk, the same and once, but for the oldest, which each
//! disk drops for itself.

use std::{collections::BTreeMap, sync::Arc};

use covey_logic::{NodeId, event::EventRecord};

use crate::{invariant::Violation, machine::Machine, world::World};

const NAME: &str = "events complete";
const WHOLE: &str = "events together";

/// Checks it; that each disk is written the events of an origin in order and without gaps, it
/// asserts itself.
///
/// # Errors
///
/// The first disk that lacks events which another holds or which were acknowledged, or holds others.
pub fn check(world: &World) -> Result<(), Violation> {
    let mut first = None;
    for machine in world.machines() {
        acknowledged(world, machine)?;
        let extents = &machine.disk.event_extents;
        let lasts: BTreeMap<NodeId, u64> =
            extents.iter().map(|(origin, held)| (*origin, held.last)).collect();
        let events = by_number(machine);
        let (with, expected, known) =
            first.get_or_insert_with(|| (machine.index, lasts.clone(), events.clone()));
        if lasts != *expected {
            let found = format!("n{} holds {lasts:?}, n{with} holds {expected:?}", machine.index);
            return Err(Violation::new(NAME, found));
        }
        let other =
            events.iter().find(|(key, event)| known.get(*key).is_some_and(|it| it != *event));
        if let Some((key, event)) = other {
            let there = known.get(key);
            let found = format!(
                "of event {key:?} n{} holds {event:?}, n{with} holds {there:?}",
                machine.index
            );
            return Err(Violation::new(NAME, found));
        }
    }
    whole(world)
}

/// Checks at any moment that each disk holds exactly its extents, and ends where what was told
/// together ends.
///
/// # Errors
///
/// The first disk that does not.
pub fn whole(world: &World) -> Result<(), Violation> {
    for machine in world.machines() {
        let events = by_number(machine);
        let count: u64 = machine.disk.event_extents.values().map(|held| held.count()).sum();
        if events.len() as u64 != count {
            let found = format!("n{} holds {} events, not {count}", machine.index, events.len());
            return Err(Violation::new(WHOLE, found));
        }
        for (origin, held) in &machine.disk.event_extents {
            let missing =
                (held.first..=held.last).find(|seq| !events.contains_key(&(*origin, *seq)));
            let torn = events.get(&(*origin, held.last)).is_some_and(|last| !last.ends_batch());
            if missing.is_some() || torn {
                let found = format!(
                    "n{} holds {held:?} of {origin:?}: {missing:?} is missing, or the last is torn \
                     from those it was told with",
                    machine.index
                );
                return Err(Violation::new(WHOLE, found));
            }
        }
    }
    Ok(())
}

/// What was acknowledged is there, or was and is among the oldest.
fn acknowledged(world: &World, machine: &Machine) -> Result<(), Violation> {
    for (_, receipt) in world.oracle.reported() {
        let last = receipt.first + u64::from(receipt.count) - 1;
        let held = machine.disk.event_extents.get(&receipt.origin);
        if held.is_none_or(|held| held.last < last) {
            let found = format!("n{} holds {held:?}, and lacks {receipt:?}", machine.index);
            return Err(Violation::new(NAME, found));
        }
    }
    Ok(())
}

fn by_number(machine: &Machine) -> BTreeMap<(NodeId, u64), Arc<EventRecord>> {
    let events = machine.disk.events.iter();
    events.map(|event| ((event.origin, event.seq), Arc::clone(event))).collect()
}
