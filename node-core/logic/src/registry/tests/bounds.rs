//! What a registry costs after much has come and gone.

use super::world::{LARGE, ME, World, metadata, name, named};
use crate::{
    node::CommandError,
    registry::{MetadataError, NameError, Registry},
    replica::{Claim, PresenceKey},
    time::Wall,
};

/// K37: a node that comes back a thousand times leaves nothing of its earlier lives.
#[test]
fn thousand_lives_leave_the_memory_of_one() {
    let mut world = World::new();
    for life in 1..=1_000 {
        for n in 0..5 {
            let key = PresenceKey::Claim(named(&format!("name-{life}-{n}")));
            let claim = Claim {
                metadata: metadata(&[("life", &life.to_string())]),
                ..Claim::bare((Wall(5), 0))
            };
            world.others_say((LARGE, life), key, Some(claim));
        }
    }

    assert_eq!(world.registry.index().len(), 5);
    assert_eq!(world.registry.claims.len(), 5);
    // A namespace, a node, a state, a field and a value.
    assert_eq!(world.registry.index().sets(), 5);
}

#[test]
fn what_was_given_up_costs_nothing() {
    let mut world = World::new();
    for n in 0..5_000 {
        let name = named(&format!("name-{n}"));
        world.register_name(None, &name, metadata(&[("n", &n.to_string())])).unwrap();
        world.deregister_name(&name).unwrap();
    }

    assert_eq!((world.registry.index().len(), world.registry.index().sets()), (0, 0));
    assert!(world.registry.claims.is_empty());
    assert_eq!(world.registry.mine, 0);
}

#[test]
fn full_node_takes_no_more_even_in_one_command() {
    let mut world = World::new();
    world.registry.mine = Registry::CAPACITY - 2;
    let names = (0..3).map(|n| (named(&format!("name-{n}")), metadata(&[]))).collect();

    let outcomes = world.register_all(None, names);

    let full = CommandError::Full { capacity: Registry::CAPACITY };
    assert_eq!(outcomes, [Ok(()), Ok(()), Err(full)]);
}

#[test]
fn metadata_beyond_its_bounds_is_refused() {
    let mut world = World::new();

    let refused = world.register_with(&[("note", &"x".repeat(5_000))]);

    let error = MetadataError::TooBig { size: 5_004, max: 4_096 };
    assert_eq!(refused, Err(NameError::Metadata(error).into()));
    assert_eq!(world.registry.claim(&name(), ME), None);
}
