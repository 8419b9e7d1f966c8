//! What members say of each other: probes, accusations, views that differ.

use std::time::Duration;

use covey_logic::{
    Input,
    membership::{Detect, Lifesign},
    node::NodeState,
    wire::Message,
};
use covey_sim::World;

use super::{everyone_sees, expect, nobody_fell, sees};
use crate::harness::{each_seed, name, run_agent, setup};

/// K17.
#[test]
fn node_that_one_peer_cannot_reach_stays_alive_for_it() {
    each_seed("membership::words::node", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));

        world.cut(vec![(1, 2), (2, 1)]);

        let doubted = world.run_until(Duration::from_secs(9), |world| {
            !everyone_sees(world, 2, &[NodeState::Alive])
                || !everyone_sees(world, 1, &[NodeState::Alive])
        });
        expect(&(sees(&world, 1), sees(&world, 2)), !doubted)
    });
}

/// K18: the word of one who accuses wrongly reaches everyone, the accused included.
#[test]
fn false_accusation_ends_with_everyone_agreeing_on_alive() {
    each_seed("membership::words::false", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 4));
        let accused = run_agent(&mut world, 0, &name("counter"));
        let accuser = (accused + 1) % 4;
        let before = world.starts.clone();
        let sign = Lifesign { incarnation: world.machine(accused).disk.incarnation, refuted: 0 };
        let accusation = Detect::Accusation { target: world.id(accused), sign };

        for index in (0..4).filter(|index| *index != accuser) {
            let from = world.id(accuser);
            let message = Message::Detect(accusation);
            world.tell(index, Input::Message { from, message });
        }

        let fell = world.run_until(Duration::from_secs(4), |world| {
            !everyone_sees(world, accused, &[NodeState::Alive])
        });
        expect(&sees(&world, accused), !fell)?;
        expect(&world.starts, world.starts == before)?;
        nobody_fell(&world)
    });
}

/// K26: after its restart one node does not reach a member that the other hears.
#[test]
fn views_that_differ_are_shown_with_who_says_so() {
    each_seed("membership::words::views_that", 0..1_000, |seed| {
        let mut world = World::cluster(setup(seed, 3));
        world.cut(vec![(0, 2), (2, 0)]);
        world.kill(0);
        world.boot(0);

        world.run_for(Duration::from_secs(8));

        let (mine, theirs) = (world.sees(0, 2).unwrap(), world.sees(1, 2).unwrap());
        assert_eq!((mine.state, theirs.state), (NodeState::Unseen, NodeState::Alive), "{seed}");
        let say = |index: usize, other: usize| {
            let views = world.sees(index, other).unwrap().seen_by;
            views.into_iter().map(|view| (view.node, view.state)).collect::<Vec<_>>()
        };
        assert_eq!(say(0, 2), [(world.id(1), NodeState::Alive)], "seed {seed}");
        assert_eq!(say(1, 2), [(world.id(0), NodeState::Unseen)], "seed {seed}");
        Ok(())
    });
}

/// K26: nobody says anything of a cluster in which all agree.
#[test]
fn views_that_agree_are_not_shown() {
    let mut world = World::cluster(setup(1, 4));
    world.kill(3);

    world.run_for(Duration::from_secs(5));

    for (index, process) in world.live() {
        for view in process.node.nodes() {
            assert!(view.seen_by.is_empty(), "n{index}: {view:?}");
        }
    }
}
