//! Faults that are planted in who asks and who says: each is found.

use super::bazaar::{Bazaar, Planted, Storm};
use crate::harness::first_failure;

#[test]
fn repeating_under_another_key_doubles_what_was_acknowledged() {
    let found = found(Planted::FreshKeys);

    assert!(found.is_some_and(|why| why.contains("acknowledged")));
}

#[test]
fn steward_that_nobody_follows_leaves_auctions_open() {
    let found = found(Planted::NoSuccessor);

    assert!(found.is_some_and(|why| why.contains("ends")));
}

#[test]
fn clock_of_the_node_in_place_of_the_entry_has_nodes_differ() {
    let found = found(Planted::OwnClock);

    assert!(found.is_some_and(|why| why.contains("alike")));
}

fn found(planted: Planted) -> Option<String> {
    let failure = first_failure(0..50, |seed| {
        let mut bazaar = Bazaar::new(seed, Storm { planted: Some(planted), ..Storm::everything() });
        bazaar.mixed_traffic();
        bazaar.run()?;
        bazaar.all_is_over()
    });
    failure.map(|(_, why)| why)
}
