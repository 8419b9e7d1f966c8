//! All nodes name the same owner of each name, and the owner lives.

use std::collections::{BTreeMap, BTreeSet};

use covey_logic::{Name, comms::Route};

use crate::{invariant::Violation, world::World};

const NAME: &str = "one winner";

/// Checks it.
///
/// # Errors
///
/// The first name of which two nodes name different owners, whose owner is not there, or that has
/// none although one node alone was told that it holds it.
pub fn check(world: &World) -> Result<(), Violation> {
    let routes: BTreeMap<usize, &BTreeMap<Name, Route>> =
        world.live().map(|(index, process)| (index, &process.routes)).collect();
    let names: BTreeSet<&Name> = routes.values().flat_map(|routes| routes.keys()).collect();
    for name in names {
        let owners: BTreeMap<usize, Option<Route>> =
            routes.iter().map(|(index, routes)| (*index, routes.get(name).copied())).collect();
        let distinct: BTreeSet<_> =
            owners.values().map(|route| route.map(|route| (route.node, route.epoch))).collect();
        if distinct.len() != 1 {
            let found = format!("{name} goes to different nodes: {owners:?}");
            return Err(Violation::new(NAME, found));
        }
    }
    for (name, (machine, life)) in world.oracle.undisputed() {
        let owner = routes.values().next().and_then(|routes| routes.get(name));
        let lives = world.machine(machine).life == life && world.node(machine).is_some();
        if lives && owner.map(|owner| owner.node) != Some(world.id(machine)) {
            let found = format!("n{machine} alone holds {name}, which goes to {owner:?}");
            return Err(Violation::new(NAME, found));
        }
    }
    Ok(())
}
