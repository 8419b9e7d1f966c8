//! All nodes hold equal copies of the replica state.

use std::fmt::Debug;

use crate::{invariant::Violation, world::World};

const NAME: &str = "converged";

/// Checks it.
///
/// # Errors
///
/// The first two nodes that hold different things, and which.
pub fn check(world: &World) -> Result<(), Violation> {
    let mut first = None;
    for (index, process) in world.live() {
        let mut digest = process.node.digest();
        // How far back events are held is each node's own affair.
        digest.events.iter_mut().for_each(|(_, held)| held.first = 1);
        let shared = process.node.shared().digest();
        let (with, expected, with_shared) =
            first.get_or_insert_with(|| (index, digest.clone(), shared.clone()));
        if digest != *expected || shared != *with_shared {
            let differ = [
                difference("holdings", &expected.holdings, &digest.holdings),
                difference("buckets", with_shared, &shared),
                difference("events", &expected.events, &digest.events),
            ];
            let found = format!("n{with} and n{index} differ:{}", differ.concat());
            return Err(Violation::new(NAME, found));
        }
    }
    Ok(())
}

fn difference<T: PartialEq + Debug>(what: &str, here: &[T], there: &[T]) -> String {
    let lacks = |one: &[T], other: &[T]| {
        let lacking = other.iter().filter(|item| !one.contains(item));
        lacking.map(|item| format!("{item:?}")).collect::<Vec<_>>()
    };
    let (ours, theirs) = (lacks(there, here), lacks(here, there));
    if ours.is_empty() && theirs.is_empty() {
        return String::new();
    }
    format!(" {what} {ours:?} against {theirs:?}")
}
