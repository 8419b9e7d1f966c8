//! Strangers become members.

use std::time::Duration;

use covey_logic::{Command, Outcome, certificate::Role, pairing::PairingSettings};
use covey_sim::World;

use crate::harness::setup;

#[test]
fn nodes_alone_find_each_other_within_three_seconds() {
    let mut world = World::new(setup(1, 3));
    world.boot_all();

    let found = world.run_until(Duration::from_secs(3), |world| {
        world.live().all(|(_, process)| process.node.pairing().nearby.len() == 2)
    });

    assert!(found);
}

#[test]
fn both_screens_show_the_same_code() {
    for seed in 0..50 {
        let (world, request) = asked(seed);

        let ask = world.node(1).unwrap().pairing().ask.unwrap();
        assert_eq!(ask.digits.as_ref(), Some(&request.digits));
        assert_eq!(ask.words, request.words);
        assert_eq!((request.digits.len(), request.words.len()), (6, 4));
    }
}

#[test]
fn accepted_node_is_a_member_within_two_seconds() {
    for seed in 0..50 {
        let (mut world, request) = asked(seed);

        world.command(0, Command::Accept { node: request.node, role: Role::Operator });

        assert!(world.run_until(Duration::from_secs(2), World::one_cluster), "seed {seed}");
        assert_eq!(world.node(1).unwrap().status().role, Role::Operator);
        assert_eq!(world.node(0).unwrap().cluster(), world.node(1).unwrap().cluster());
    }
}

#[test]
fn refused_node_stays_outside() {
    let (mut world, request) = asked(1);

    world.command(0, Command::Refuse { node: request.node });

    world.run_for(Duration::from_secs(10));
    assert_ne!(world.node(0).unwrap().cluster(), world.node(1).unwrap().cluster());
    assert!(world.node(0).unwrap().pairing().requests.is_empty());
}

#[test]
fn request_ends_by_itself() {
    let (mut world, _) = asked(1);

    world.run_for(Duration::from_secs(125));

    assert!(world.node(0).unwrap().pairing().requests.is_empty());
}

#[test]
fn invite_admits_once() {
    let mut world = World::new(setup(1, 3));
    world.boot_all();
    world.run_for(Duration::from_secs(3));
    let invite = Command::Invite { role: Role::Operator, ttl: Duration::from_secs(600) };
    let Some(Ok(Outcome::Invite { secret, .. })) = world.ask(0, invite) else {
        panic!("no invite");
    };
    let host = world.id(0);
    world.command(1, Command::UseInvite { host, secret });
    let cluster = |world: &World, index: usize| world.node(index).unwrap().cluster();
    let joined = world.run_until(Duration::from_secs(5), |w| cluster(w, 1) == cluster(w, 0));
    assert!(joined);

    world.command(2, Command::UseInvite { host, secret });

    world.run_for(Duration::from_secs(5));
    assert_ne!(cluster(&world, 2), cluster(&world, 0));
}

/// K10: three to seven nodes start at the same instant.
#[test]
fn nodes_with_one_join_key_become_one_cluster_by_themselves() {
    for seed in 0..50 {
        let mut setup = setup(seed, 3 + usize::try_from(seed % 5).unwrap());
        setup.pairing = PairingSettings {
            join_key: Some("correct horse battery staple".to_owned()),
            ask_by_itself: true,
        };
        let mut world = World::new(setup);

        world.boot_all();

        let joined = world.run_until(Duration::from_secs(60), World::one_cluster);
        let clusters: Vec<_> = world.live().map(|(_, p)| p.node.cluster()).collect();
        assert!(joined, "seed {seed}: {clusters:?}");
    }
}

#[test]
fn member_admitted_by_an_admin_is_known_to_all() {
    let mut world = World::new(setup(1, 3));
    world.boot_all();

    world.pair_all();

    for index in 0..3 {
        assert_eq!(world.node(index).unwrap().nodes().len(), 3);
    }
}

#[test]
fn pairing_succeeds_over_a_bad_radio_link() {
    for seed in 0..50 {
        let (mut world, request) = asked(seed);
        world.network.weather = covey_sim::network::Weather::STORM;

        world.command(0, Command::Accept { node: request.node, role: Role::Operator });

        let joined = world.run_until(Duration::from_secs(30), World::one_cluster);
        assert!(joined, "seed {seed}");
    }
}

#[test]
fn joiner_whose_answer_was_lost_asks_again_and_is_let_in() {
    for seed in 0..20 {
        let (mut world, request) = asked(seed);
        let cut = world.isolate(&[1]);
        let accept = Command::Accept { node: request.node, role: Role::Operator };
        world.command(0, accept.clone());
        world.run_for(Duration::from_secs(60));
        world.mend(cut);
        world.run_until(Duration::from_secs(15), |world| {
            !world.node(1).unwrap().pairing().nearby.is_empty()
        });
        let host = world.id(0);

        let again = world.ask(1, Command::Ask { peer: host });

        assert_eq!(again, Some(Ok(Outcome::Done)), "seed {seed}");
        let shown = world.run_until(Duration::from_secs(5), |world| {
            !world.node(0).unwrap().pairing().requests.is_empty() || world.one_cluster()
        });
        assert!(shown, "seed {seed}");
        world.command(0, accept);
        let joined = world.run_until(Duration::from_secs(10), |world| {
            world.node(1).unwrap().cluster() == world.node(0).unwrap().cluster()
                && world.one_cluster()
        });
        assert!(joined, "seed {seed}");
    }
}

#[test]
fn host_that_dies_before_it_answers_leaves_the_joiner_alone() {
    for seed in 0..20 {
        let (mut world, request) = asked(seed);
        world.kill(0);
        world.run_for(Duration::from_secs(30));
        world.boot(0);
        world.run_for(Duration::from_secs(150));
        assert_eq!(world.node(1).unwrap().nodes().len(), 1, "seed {seed}");
        let host = world.id(0);

        let again = world.ask(1, Command::Ask { peer: host });

        assert!(matches!(again, Some(Ok(_))), "seed {seed}: {again:?}");
        let shown = world.run_until(Duration::from_secs(5), |world| {
            let requests = world.node(0).unwrap().pairing().requests;
            requests.iter().any(|r| r.node == request.node)
        });
        assert!(shown, "seed {seed}");
    }
}

/// Two nodes, of which the second asked the first; and what the first shows.
pub(crate) fn asked(seed: u64) -> (World, covey_logic::pairing::RequestView) {
    let mut world = World::new(setup(seed, 2));
    world.boot_all();
    let request = ask(&mut world);
    (world, request)
}

/// The second of two nodes asks the first; what the first shows.
pub(crate) fn ask(world: &mut World) -> covey_logic::pairing::RequestView {
    let (seed, host) = (world.seed(), world.id(0));
    world.run_until(Duration::from_secs(3), |w| !w.node(1).unwrap().pairing().nearby.is_empty());
    world.command(1, Command::Ask { peer: host });
    let shown = world.run_until(Duration::from_secs(3), |world| {
        let ask = world.node(1).unwrap().pairing().ask;
        !world.node(0).unwrap().pairing().requests.is_empty()
            && ask.is_some_and(|ask| ask.digits.is_some())
    });
    assert!(shown, "seed {seed}: no request");
    world.node(0).unwrap().pairing().requests.remove(0)
}
