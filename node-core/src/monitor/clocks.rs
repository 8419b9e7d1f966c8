//! How far the clocks of the others are ahead of this node's.
//!
//! Asked as in Cristian, *Probabilistic Clock Synchronization*, 1989: the other's clock as it was
//! half way through the round trip. What is told is the middle of what the others say, so that one
//! wrong clock among three or more is its own and nobody else's.

use std::time::{Duration, Instant};

use covey_logic::{NodeId, Wall};
use futures::future::join_all;

use super::{Answer, Question, question};
use crate::{clock, driver::NodeComms};

/// Others that are asked at once.
const ASKED: usize = 8;
/// A slower answer tells too little.
const TIMEOUT: Duration = Duration::from_millis(1_000);

/// How far the others are ahead, in milliseconds, in the middle; none if nobody answers.
pub(super) async fn offset(comms: &NodeComms, turn: usize) -> Option<i64> {
    let peers = comms.peers();
    let some = peers.iter().cycle().skip(turn).take(ASKED.min(peers.len()));
    let asked = some.map(|peer| ask(comms, *peer));
    let mut offsets: Vec<i64> = join_all(asked).await.into_iter().flatten().collect();
    middle(&mut offsets)
}

async fn ask(comms: &NodeComms, peer: NodeId) -> Option<i64> {
    let question = question::encode(&Question::Clock)?;
    let (began, wall) = (Instant::now(), clock::wall());
    let answer = comms.question(peer, &question, TIMEOUT).await?;
    let Answer::Clock(theirs) = question::decode(&answer)? else { return None };
    Some(ahead(theirs, wall, began.elapsed()))
}

fn ahead(theirs: Wall, began: Wall, took: Duration) -> i64 {
    let half = i64::try_from(took.as_millis() / 2).unwrap_or(i64::MAX);
    theirs.0.cast_signed().saturating_sub(began.0.cast_signed()).saturating_sub(half)
}

/// Of an even number the one that is nearer nought: of two that differ, either may be wrong.
fn middle(offsets: &mut [i64]) -> Option<i64> {
    offsets.sort_unstable();
    let upper = offsets.get(offsets.len() / 2).copied()?;
    if offsets.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = offsets.get(offsets.len() / 2 - 1).copied()?;
    Some(if lower.abs() < upper.abs() { lower } else { upper })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_is_compared_with_half_the_round_trip() {
        let took = Duration::from_millis(40);

        assert_eq!(ahead(Wall(5_020), Wall(5_000), took), 0);
        assert_eq!(ahead(Wall(2_020), Wall(5_000), took), -3_000);
    }

    #[test]
    fn one_wrong_clock_of_three_others_is_not_ours() {
        assert_eq!(middle(&mut [1, 90_000, -2]), Some(1));
        assert_eq!(middle(&mut [90_000, 3]), Some(3));
        assert_eq!(middle(&mut []), None);
    }
}
