//! Copies of one shard that hold as many changes hold the same ones, whatever is going wrong (R1).

use std::collections::BTreeMap;

use crate::{invariant::Violation, world::World};

const NAME: &str = "contiguous";

/// Checks it; it holds at every moment, not only once faults have ended.
///
/// # Errors
///
/// The first shard of which two nodes hold equal versions with different content.
pub fn check(world: &World) -> Result<(), Violation> {
    let mut seen = BTreeMap::new();
    for (index, process) in world.live() {
        for held in process.node.digest().holdings {
            for (kind, shard) in held.shards.into_iter().enumerate() {
                let key = (held.origin, held.incarnation, kind, shard.version);
                let (with, hash) = *seen.entry(key).or_insert((index, shard.hash));
                if hash != shard.hash {
                    let found =
                        format!("n{with} and n{index} hold different changes of one {key:?}");
                    return Err(Violation::new(NAME, found));
                }
            }
        }
    }
    Ok(())
}
