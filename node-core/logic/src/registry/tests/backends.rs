//! The contract of every backend, on each.

use std::time::Duration;

use super::world::{ME, World, metadata, name, named};
use crate::{
    ids::Ticket,
    node::{CommandError, Outcome},
    outbox::Owner,
    registry::{Backend, ChangeKind, NameError, NameOutcome, Query, Registry, Term},
    replica::{PresenceKey, Shared, SharedKey},
};

const BACKENDS: [Backend; 3] = [Backend::Local, Backend::Replicated, Backend::Consensus];

/// A world whose default namespace is kept so.
fn kept(backend: Backend) -> World {
    let mut world = World::new();
    world.share(SharedKey::Namespace("default".to_owned()), Shared::Namespace(backend));
    world
}

/// K42
#[test]
fn name_is_found_at_once() {
    for backend in BACKENDS {
        let mut world = kept(backend);

        world.register().unwrap();

        assert_eq!(world.owner().map(|owner| owner.node), Some(ME), "{backend:?}");
    }
}

#[test]
fn registering_again_changes_nothing() {
    for backend in BACKENDS {
        let mut world = kept(backend);
        world.register_with(&[("room", "3")]).unwrap();
        let (revision, seq) = (world.revision(), world.registry.changes().head());

        world.register_with(&[("room", "3")]).unwrap();

        assert_eq!((world.revision(), world.registry.changes().head()), (revision, seq));
    }
}

#[test]
fn name_that_is_given_up_is_free() {
    for backend in BACKENDS {
        let mut world = kept(backend);
        world.register().unwrap();

        world.deregister().unwrap();

        assert_eq!(world.owner(), None, "{backend:?}");
        assert_eq!(world.deregister(), Err(CommandError::NotRegistered { name: name() }));
    }
}

#[test]
fn metadata_is_compared_and_set() {
    for backend in BACKENDS {
        let mut world = kept(backend);
        world.register().unwrap();
        let first = world.revision();

        let second = world.set(Some(first), &[("room", "3")]).unwrap();
        let refused = world.set(Some(first), &[("room", "7")]);

        assert!(second > first, "{backend:?}");
        let conflict = NameError::Conflict { name: name(), revision: second };
        assert_eq!(refused, Err(conflict.into()), "{backend:?}");
    }
}

#[test]
fn names_go_with_their_agent() {
    for backend in BACKENDS {
        let mut world = kept(backend);
        let agent = named("printer");
        world.runs(&agent, 7);
        world.register_for(&agent, &name()).unwrap();

        world.gone(&agent, 7);

        assert!(world.registry.index().is_empty(), "{backend:?}");
    }
}

#[test]
fn every_change_is_watched_and_searched() {
    for backend in BACKENDS {
        let mut world = kept(backend);
        let term = Term::Equals { field: "room".to_owned(), value: "3".to_owned() };
        let found = |world: &World| {
            let page = world.registry.index().search(&Query::all(vec![term.clone()])).unwrap();
            page.names.len()
        };

        world.register_with(&[("room", "3")]).unwrap();
        let after_register = found(&world);
        world.set(None, &[("room", "7")]).unwrap();
        let after_update = found(&world);
        world.deregister().unwrap();

        assert_eq!((after_register, after_update), (1, 0), "{backend:?}");
        let kinds: Vec<_> = world.changes(0).into_iter().map(|change| change.change).collect();
        assert!(
            matches!(
                kinds.as_slice(),
                [
                    ChangeKind::Registered { .. },
                    ChangeKind::Updated { .. },
                    ChangeKind::Removed { .. }
                ]
            ),
            "{backend:?}: {kinds:?}"
        );
    }
}

#[test]
fn wait_ends_when_the_name_is_registered() {
    for backend in BACKENDS {
        let mut world = kept(backend);
        assert_eq!(world.wait(&name(), 1, Duration::from_secs(5)), None);

        world.register().unwrap();

        let token = world.owner().and_then(|owner| owner.token);
        assert_eq!(token.is_some(), backend == Backend::Consensus);
        let owner = NameOutcome::Owner(Owner { node: ME, epoch: crate::Epoch(0), token });
        let answers = world.answers();
        assert_eq!(answers, [(Ticket(1), Ok(Outcome::Name(owner)))], "{backend:?}");
    }
}

#[test]
fn only_the_replicated_backend_tells_others() {
    for backend in BACKENDS {
        let mut world = kept(backend);

        world.register().unwrap();

        let told = world.replica.presence(ME, &PresenceKey::Claim(name())).is_some();
        assert_eq!(told, backend == Backend::Replicated);
    }
}

/// Names of agents are replicated whatever the namespace says: all nodes agree on who runs one.
#[test]
fn name_of_an_agent_is_always_told() {
    let mut world = kept(Backend::Local);

    world.runs(&name(), 7);

    assert!(world.replica.presence(ME, &PresenceKey::Claim(name())).is_some());
}

#[test]
fn names_stay_when_their_backend_changes() {
    let mut world = kept(Backend::Replicated);
    world.register_with(&[("room", "3")]).unwrap();
    let before = world.registry.claim(&name(), ME).cloned();

    for backend in BACKENDS {
        world.share(SharedKey::Namespace("default".to_owned()), Shared::Namespace(backend));

        assert_eq!(world.registry.claim(&name(), ME).cloned(), before, "{backend:?}");
        let told = world.replica.presence(ME, &PresenceKey::Claim(name())).is_some();
        assert_eq!(told, backend == Backend::Replicated);
    }
}

#[test]
fn clean_up_takes_what_was_there_and_nothing_else() {
    for backend in BACKENDS {
        let mut world = World::new();
        world.share(SharedKey::Namespace("test".to_owned()), Shared::Namespace(backend));
        for text in ["test/a", "test/b", "testing/a", "a"] {
            world.register_name(None, &named(text), metadata(&[])).unwrap();
        }

        let wish = (ME, "test");
        Registry::clean_up(world.now, wish, &world.replica, &mut world.out).unwrap();
        world.settle();
        world.register_name(None, &named("test/c"), metadata(&[])).unwrap();

        let left: Vec<_> = world.registry.owners().map(|(name, _)| name.to_string()).collect();
        assert_eq!(left, ["a", "test/c", "testing/a"], "{backend:?}");
    }
}
