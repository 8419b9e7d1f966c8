//! Events that follow from what the cluster agreed on.

use std::{sync::Arc, time::Duration};

use super::{ME, OTHER, Stamp, Store, Wall};
use crate::{
    event::{EventRecord, Fact},
    event_store::{Extent, Piece, Standing},
    ids::{Name, NodeId},
};

/// Whose events they are: no node's.
const GROUP: NodeId = NodeId([7; 32]);

#[test]
fn change_that_comes_twice_is_kept_once_and_told_to_nobody() {
    let mut store = Store::new();
    store.agreed(&[1, 2]);
    store.agreed(&[2, 3]);
    store.hear(vec![change(3)]);

    assert_eq!(numbers(&store.sync()), [1, 2, 3]);
    assert_eq!(store.settle(Standing::Accompanied), []);
    assert!(store.sent().is_empty(), "there is nobody to tell");
    assert!(store.published().is_empty(), "the others come to it themselves");
}

#[test]
fn change_that_another_brought_first_is_not_taken_again() {
    let mut store = Store::new();
    store.hear(vec![change(1), change(2)]);

    store.agreed(&[1, 2, 3]);

    assert_eq!(numbers(&store.sync()), [1, 2, 3]);
}

#[test]
fn changes_after_a_gap_wait_for_those_that_others_have() {
    let mut store = Store::new();
    store.agreed(&[4, 5]);
    assert!(store.sync().is_empty());

    store.pass(Duration::from_secs(2));
    let held = Extent::up_to(4);
    let events = (1..=3).map(change).collect();
    store.events.on_piece(store.now, OTHER, Piece { origin: GROUP, held, events }, &mut store.out);

    assert_eq!(numbers(&store.sync()), [1, 2, 3, 4, 5]);
    assert_eq!(store.events.extents()[&GROUP], Extent::up_to(5));
}

#[test]
fn gap_that_nobody_fills_is_given_up() {
    let mut store = Store::new();
    store.agreed(&[4, 5]);
    let due = store.events.next_timeout().unwrap();
    store.pass(Duration::from_secs(3));
    assert!(due <= store.now.at);

    store.events.on_timeout(store.now, &mut store.out);

    assert_eq!(numbers(&store.sync()), [4, 5]);
    assert_eq!(store.events.extents()[&GROUP], Extent { first: 4, last: 5 });
}

impl Store {
    fn agreed(&mut self, numbers: &[u64]) {
        let events = numbers.iter().copied().map(change).collect();
        self.events.on_agreed(self.now, events, &mut self.out);
    }
}

fn change(seq: u64) -> Arc<EventRecord> {
    let stamp = Stamp { wall: Wall(seq), counter: 0, node: GROUP };
    let fact = Fact::CounterMade { counter: Name::new("hits").unwrap() };
    Arc::new(EventRecord { origin: GROUP, seq, stamp, actor: Some(ME), fact })
}

fn numbers(events: &[Arc<EventRecord>]) -> Vec<u64> {
    events.iter().map(|event| event.seq).collect()
}
