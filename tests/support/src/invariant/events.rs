//! The events of every node are on every disk: all of them, the same, once.

use std::collections::BTreeMap;

use crate::{invariant::Violation, world::World};

const NAME: &str = "events complete";

/// Checks it; that each disk holds the events of an origin in order and without gaps, it asserts
/// itself when they are written.
///
/// # Errors
///
/// The first disk that holds fewer events of an origin than another, or others.
pub fn check(world: &World) -> Result<(), Violation> {
    let mut first = None;
    for machine in world.machines() {
        let mut events = BTreeMap::new();
        for event in &machine.disk.events {
            events.insert((event.origin, event.seq), event.clone());
        }
        let (with, expected) = first.get_or_insert_with(|| (machine.index, events.clone()));
        if events == *expected {
            continue;
        }
        let differ = expected
            .keys()
            .chain(events.keys())
            .find(|key| events.get(key) != expected.get(key))
            .copied();
        let (here, there) =
            differ.map_or((None, None), |key| (events.get(&key), expected.get(&key)));
        let found = format!(
            "of event {differ:?} n{} holds {here:?}, n{with} holds {there:?}",
            machine.index
        );
        return Err(Violation::new(NAME, found));
    }
    Ok(())
}
