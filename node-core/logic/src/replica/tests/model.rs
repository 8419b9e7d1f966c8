//! Three nodes write at random; whatever becomes of what they push, they end up with what a plain
//! map would hold.

use std::collections::BTreeMap;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::copy::{A, B, C, Copy, claim, converse, key};
use crate::{
    hlc::Stamp,
    ids::NodeId,
    replica::{Delta, Presence, PresenceKey, Shared, SharedKey},
    time::Wall,
};

const SEEDS: u64 = 1_000;
const WRITES: u64 = 60;

/// K28.
#[test]
fn copies_equal_the_model_after_any_interleaving() {
    for seed in 0..SEEDS {
        run(seed, |_, copies, from, delta| {
            for copy in copies.iter_mut().filter(|copy| copy.me != from) {
                copy.take(from, delta.clone());
            }
        });
    }
}

/// K29: a third of the pushes is lost, a third doubled, and any may come late.
#[test]
fn copies_equal_the_model_though_pushes_are_lost_doubled_and_late() {
    for seed in 0..SEEDS {
        let mut late: Vec<(NodeId, Delta)> = Vec::new();
        run(seed, move |dice, copies, from, delta| {
            late.push((from, delta));
            for _ in 0..dice(3) {
                let pick = usize::try_from(dice(late.len() as u64)).unwrap();
                let (from, delta) = late[pick].clone();
                if dice(2) == 0 {
                    late.swap_remove(pick);
                }
                let to = usize::try_from(dice(3)).unwrap();
                if copies[to].me != from {
                    copies[to].take(from, delta);
                }
                if late.is_empty() {
                    return;
                }
            }
        });
    }
}

type Dice<'a> = &'a mut dyn FnMut(u64) -> u64;

fn run(seed: u64, mut deliver: impl FnMut(Dice<'_>, &mut [Copy; 3], NodeId, Delta)) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut dice = move |sides: u64| rng.next_u64() % sides;
    let mut copies = [A, B, C].map(Copy::new);
    let mut said: BTreeMap<(NodeId, PresenceKey), Presence> = BTreeMap::new();
    let mut shared: BTreeMap<SharedKey, (Stamp, Shared)> = BTreeMap::new();
    for write in 1..=WRITES {
        let writer = usize::try_from(dice(3)).unwrap();
        let copy = &mut copies[writer];
        if dice(3) == 0 {
            let key = SharedKey::Revoked(NodeId([u8::try_from(dice(4)).unwrap(); 32]));
            let value = if dice(2) == 0 { Shared::Revoked } else { Shared::Deleted };
            let stamp = Stamp { wall: Wall(dice(50)), counter: 0, node: copy.me };
            let entry = (key.clone(), stamp, value.clone());
            copy.replica.adopt(copy.now, entry, &mut copy.out);
            let held = shared.entry(key).or_insert((stamp, value.clone()));
            if held.0 < stamp {
                *held = (stamp, value);
            }
        } else {
            let name = key(&format!("n{}", dice(6)));
            let value = (dice(3) > 0).then(|| claim(write));
            copy.say(name.clone(), value.clone());
            match value {
                Some(value) => said.insert((copy.me, name), value),
                None => said.remove(&(copy.me, name)),
            };
        }
        if dice(3) == 0 {
            let (from, deltas) = (copies[writer].me, copies[writer].pushed());
            for delta in deltas {
                deliver(&mut dice, &mut copies, from, delta);
            }
        }
    }
    settle(&mut copies);

    for copy in &copies {
        let held: BTreeMap<_, _> = [A, B, C]
            .into_iter()
            .flat_map(|origin| copy.replica.presences(origin).map(move |entry| (origin, entry)))
            .map(|(origin, (key, value))| ((origin, key.clone()), value.clone()))
            .collect();
        assert_eq!(held, said, "seed {seed}");
        let held: BTreeMap<_, _> = copy
            .replica
            .shared()
            .entries()
            .map(|(key, stamp, value)| (key.clone(), (stamp, value.clone())))
            .collect();
        assert_eq!(held, shared, "seed {seed}");
    }
}

/// Pushes end, and everyone compares with everyone.
fn settle([a, b, c]: &mut [Copy; 3]) {
    for _ in 0..2 {
        meet(a, b);
        meet(b, c);
        meet(a, c);
    }
}

fn meet(one: &mut Copy, other: &mut Copy) {
    one.tick(2_000);
    other.tick(2_000);
    converse(one, other);
}
