//! Every node is up, and every node says so of every other.

use covey_logic::node::NodeState;

use crate::{invariant::Violation, world::World};

const NAME: &str = "membership agrees";

/// Checks it.
///
/// # Errors
///
/// The first node that sees another otherwise.
pub fn check(world: &World) -> Result<(), Violation> {
    let machines = world.machines().len();
    for (index, process) in world.live() {
        let views = process.node.nodes();
        let up = views.iter().filter(|view| view.state == NodeState::Alive).count();
        if up != machines || views.len() != machines {
            let seen: Vec<_> = views
                .iter()
                .map(|view| (world.index(view.id), view.state))
                .filter(|(_, state)| *state != NodeState::Alive)
                .collect();
            let found = format!("n{index} sees {up} of {machines} nodes alive; others {seen:?}");
            return Err(Violation::new(NAME, found));
        }
    }
    Ok(())
}
