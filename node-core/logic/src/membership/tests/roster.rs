//! The list of members as it is set.

use ed25519_dalek::SigningKey;

use super::watcher::{ME, Watcher, peer};
use crate::{
    certificate::{Certificate, Role},
    hlc::Stamp,
    membership::Roster,
    replica::{Shared, SharedKey, shared::SharedValues},
    time::Wall,
};

/// K27.
#[test]
fn list_set_twice_says_nothing_the_second_time() {
    let mut watcher = Watcher::connected(0);
    let roster = roster_of(3);
    watcher.node.on_roster(watcher.now, &roster, &mut watcher.out);
    let before: Vec<_> = watcher.node.peers.keys().copied().collect();
    assert_eq!(before, [peer(1), peer(2), peer(3)]);
    watcher.happened();

    watcher.node.on_roster(watcher.now, &roster, &mut watcher.out);

    let after: Vec<_> = watcher.node.peers.keys().copied().collect();
    assert_eq!(after, before);
    assert!(watcher.happened().is_empty());
    assert!(watcher.out.poll_effect().is_none());
}

fn roster_of(peers: u8) -> Roster {
    let key = SigningKey::from_bytes(&[7; 32]);
    let founder = Certificate::found(&key, ME, Wall(1));
    let admin = SigningKey::from_bytes(&[8; 32]);
    let founder_of_others =
        Certificate::found(&key, crate::NodeId(admin.verifying_key().to_bytes()), Wall(1));
    let mut shared = SharedValues::default();
    for number in 1..=peers {
        let holder = (peer(number), Role::Worker);
        let certificate = founder_of_others.issue(&admin, holder, (1, Wall(1), None));
        let value = Shared::Member(std::sync::Arc::new(certificate));
        let stamp = Stamp { wall: Wall(2), counter: 0, node: ME };
        shared.merge(SharedKey::Member(peer(number)), stamp, value);
    }
    Roster::new(&founder, &shared, Wall(3))
}
