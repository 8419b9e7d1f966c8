//! Exactly one copy of each wanted agent runs, where the nodes say so, and none of any other.

use std::collections::BTreeSet;

use covey_logic::{Name, agent::Phase};

use crate::{host::Life, invariant::Violation, world::World};

const NAME: &str = "one copy";

/// Checks it; the truth is what the hosts do.
///
/// # Errors
///
/// The first agent that runs twice, not at all although it is wanted, although it is not, or
/// elsewhere than a node says.
pub fn check(world: &World) -> Result<(), Violation> {
    let mut wanted = BTreeSet::new();
    for (index, process) in world.live() {
        for view in process.node.agents() {
            let parked = matches!(view.phase, Some(Phase::Failed | Phase::Finished));
            if view.wanted && !parked {
                let holder = view.node.and_then(|node| world.index(node));
                let runs = truly(world, &view.id);
                if runs != holder.into_iter().collect::<Vec<_>>()
                    || view.phase != Some(Phase::Running)
                {
                    let found = format!(
                        "{} runs on {runs:?}; n{index} says {:?} on {holder:?}",
                        view.id, view.phase
                    );
                    return Err(Violation::new(NAME, found));
                }
                wanted.insert(view.id);
            }
        }
    }
    let strays: BTreeSet<_> = world.running().difference(&wanted).cloned().collect();
    if strays.is_empty() {
        return Ok(());
    }
    Err(Violation::new(NAME, format!("nobody wants {strays:?}, and they run")))
}

/// The machines on which a copy runs; one that does anything else counts twice, for it will end or
/// begin.
fn truly(world: &World, name: &Name) -> Vec<usize> {
    let lives = world.live().flat_map(|(index, process)| {
        process
            .host
            .lives()
            .filter(|(other, _, _)| *other == name)
            .flat_map(move |(_, _, life)| vec![index; if life == Life::Running { 1 } else { 2 }])
            .collect::<Vec<_>>()
    });
    lives.collect()
}
