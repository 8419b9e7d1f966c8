//! What was acknowledged is on every disk, or something later is, and all disks are equal.

use crate::{invariant::Violation, world::World};

const NAME: &str = "durable";

/// Checks it.
///
/// # Errors
///
/// The first key that a disk lacks, holds in an older state, or holds otherwise than another disk.
pub fn check(world: &World) -> Result<(), Violation> {
    let mut first = None;
    for machine in world.machines() {
        let shared = &machine.disk.shared;
        for (key, least) in world.oracle.written() {
            let held = shared.get(key).map(|(stamp, _)| *stamp);
            if held.is_none_or(|held| held < *least) {
                let found =
                    format!("n{} holds {key:?} of {held:?}, not of {least:?}", machine.index);
                return Err(Violation::new(NAME, found));
            }
        }
        let (with, expected) = *first.get_or_insert((machine.index, shared));
        if shared != expected {
            let differ: Vec<_> = expected
                .keys()
                .chain(shared.keys())
                .filter(|key| shared.get(key) != expected.get(key))
                .collect();
            let found = format!("the disks of n{with} and n{} differ in {differ:?}", machine.index);
            return Err(Violation::new(NAME, found));
        }
    }
    Ok(())
}
