//! One shard and its copies, without anything between them.

use super::copy::{ID, claim, key};
use crate::{
    limits::PUSH_SIZE,
    replica::{ShardDelta, shard::Shard},
    wire,
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

/// K32.
#[test]
fn removal_older_than_memory_sends_the_shard_whole() {
    let mut shard = Shard::new(ID);
    for n in 0..Shard::MAX_REMOVALS + 2 {
        shard.write(key(&format!("n{n}")), Some(claim(1)));
        shard.write(key(&format!("n{n}")), None);
    }
    shard.write(key("last"), Some(claim(1)));

    let pieces = shard.changes_after(1, PUSH_SIZE);

    assert!(matches!(&pieces[..], [ShardDelta { whole: true, changes, .. }] if changes.len() == 1));
}

#[test]
fn large_shard_is_cut_into_pieces_that_continue_one_another() {
    let mut shard = Shard::new(ID);
    for n in 0..5_000 {
        shard.write(key(&format!("n{n}")), Some(claim(1)));
    }

    let pieces = shard.changes_after(0, PUSH_SIZE);

    assert!(pieces.len() > 1);
    let mut reached = 0;
    for piece in &pieces {
        assert!(wire::encode(piece).len() < PUSH_SIZE + 1_024);
        let ShardDelta { from, to, .. } = piece;
        assert_eq!(*from, reached);
        reached = *to;
    }
    assert_eq!(reached, 5_000);
}

/// K30: 12,000 writes for one copy and 6,000 for two, in pieces of any size, of which any may be
/// lost, doubled or late while the writer goes on.
#[test]
fn no_entry_is_lost_at_any_cut() {
    for (seed, (size, writes, copies)) in
        (1..).zip([(1, 6_000, 2), (40, 12_000, 1), (700, 12_000, 1), (PUSH_SIZE, 6_000, 2)])
    {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut dice = move |sides: u64| rng.next_u64() % sides;
        let mut writer = Shard::new(ID);
        let mut copies = vec![Shard::new(ID); copies];
        let mut late = Vec::new();
        for write in 0..writes {
            let value = (dice(5) > 0).then(|| claim(write));
            writer.write(key(&format!("n{}", dice(2_000))), value);
            if write % 50 > 0 {
                continue;
            }
            for copy in &mut copies {
                let mut pieces = writer.changes_after(copy.digest().version, size);
                if let Some(second) = pieces.get(1) {
                    late.push(second.clone());
                }
                if dice(4) == 0 {
                    let lost = usize::try_from(dice(pieces.len() as u64 + 1)).unwrap();
                    pieces.truncate(lost);
                }
                pieces.extend(late.pop());
                pieces.into_iter().for_each(|piece| offer(copy, piece));
            }
        }

        for copy in &mut copies {
            for piece in writer.changes_after(copy.digest().version, size) {
                offer(copy, piece);
            }
            assert_eq!(copy.digest(), writer.digest(), "at a cut of {size}");
            assert!(copy.iter().eq(writer.iter()));
        }
    }
}

/// What a receiver does with a range: one that does not continue what it holds is left alone.
fn offer(copy: &mut Shard, piece: ShardDelta) {
    let held = copy.digest().version;
    if piece.whole && piece.to > held {
        copy.replace(piece.to, piece.changes);
    } else if piece.from <= held && piece.to > held {
        copy.extend(piece.to, piece.changes);
    }
}
