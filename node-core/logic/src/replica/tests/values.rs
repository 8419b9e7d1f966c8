//! Shared values: the later stamp wins.

use super::copy::{A, B, Copy, NOW};
use crate::{
    hlc::Stamp,
    replica::{Delta, Shared, SharedKey},
    time::Wall,
};

#[test]
fn later_stamp_wins_in_any_order_of_arrival() {
    let write = |wall, node| {
        let stamp = Stamp { wall: Wall(wall), counter: 0, node };
        (SharedKey::Revoked(A), stamp, if wall == 2 { Shared::Revoked } else { Shared::Deleted })
    };
    let (mut x, mut y) = (Copy::new(A), Copy::new(B));

    x.take(B, Delta::Shared(vec![write(1, A), write(2, B)]));
    y.take(A, Delta::Shared(vec![write(2, B), write(1, A)]));

    assert_eq!(x.replica.shared().get(&SharedKey::Revoked(A)), Some(&Shared::Revoked));
    assert_eq!(x.replica.shared().digest(), y.replica.shared().digest());
}

/// K41: ten minutes ahead.
#[test]
fn stamp_far_ahead_is_refused() {
    let mut b = Copy::new(B);
    let stamp = Stamp { wall: Wall(NOW.wall.0 + 600_000), counter: 0, node: A };

    b.take(A, Delta::Shared(vec![(SharedKey::Revoked(B), stamp, Shared::Revoked)]));

    assert_eq!(b.replica.shared().get(&SharedKey::Revoked(B)), None);
}
