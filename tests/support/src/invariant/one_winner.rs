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
    world.oracle.claims().iter().try_for_each(|(name, claims)| {
        let live: Vec<_> =
            claims.iter().filter(|(machine, life)| world.machine(*machine).life == *life).collect();
        let owner = routes.values().next().and_then(|routes| routes.get(name));
        match live.as_slice() {
            [(machine, _)]
                if claims.len() == 1 && owner.map(|o| o.node) != Some(world.id(*machine)) =>
            {
                let found = format!("n{machine} alone holds {name}, which goes to {owner:?}");
                Err(Violation::new(NAME, found))
            }
            _ => Ok(()),
        }
    })
}
