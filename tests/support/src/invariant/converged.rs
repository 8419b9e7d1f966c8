//! All nodes hold equal copies of the replica state.

use crate::{invariant::Violation, world::World};

const NAME: &str = "converged";

/// Checks it.
///
/// # Errors
///
/// The first two nodes that hold different things.
pub fn check(world: &World) -> Result<(), Violation> {
    let mut first = None;
    for (index, process) in world.live() {
        let digest = process.node.digest();
        let (with, expected) = first.get_or_insert_with(|| (index, digest.clone()));
        if digest != *expected {
            let found = format!("n{with} holds {expected:?}, n{index} holds {digest:?}");
            return Err(Violation::new(NAME, found));
        }
    }
    Ok(())
}
