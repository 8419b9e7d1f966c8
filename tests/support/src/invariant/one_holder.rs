//! No two nodes say at one moment that they alone hold a name; and once all is calm, all say who does.

use std::collections::BTreeMap;

use covey_logic::{Epoch, Name, NodeId};

use crate::{invariant::Violation, world::World};

const NAME: &str = "one holder";

/// Checks at any moment that each of `names` has one holder at most, and gives the token of each that
/// has one.
///
/// # Errors
///
/// The first name that two nodes hold.
pub fn check_now<'a>(
    world: &World,
    names: &'a [Name],
) -> Result<BTreeMap<&'a Name, (usize, u64)>, Violation> {
    let mut holders = BTreeMap::new();
    for name in names {
        let believe = |machine: usize| Some((machine, world.believes(machine, name)?));
        let all: Vec<(usize, u64)> = (0..world.machines().len()).filter_map(believe).collect();
        if let [_, _, ..] = all.as_slice() {
            let found = format!("{name} is held by {all:?} at {:?}", world.now());
            return Err(Violation::new(NAME, found));
        }
        holders.extend(all.first().map(|one| (name, *one)));
    }
    Ok(holders)
}

/// Checks that every node says of each name what the group agreed.
///
/// # Errors
///
/// The first node that says otherwise.
pub fn check(world: &World) -> Result<(), Violation> {
    let agreed: BTreeMap<&Name, (NodeId, Option<u64>)> =
        world.holdings().iter().map(|(name, held)| (name, (held.node, Some(held.token)))).collect();
    for (machine, process) in world.live() {
        let said: BTreeMap<&Name, (NodeId, Option<u64>)> = process
            .node
            .registry()
            .owners()
            .filter(|(_, owner)| owner.epoch == Epoch(0))
            .map(|(name, owner)| (name, (owner.node, owner.token)))
            .collect();
        if said != agreed {
            let found = format!("n{machine} says {said:?}, agreed is {agreed:?}");
            return Err(Violation::new(NAME, found));
        }
    }
    Ok(())
}
