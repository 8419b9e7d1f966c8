//! Seeds that failed once, each named for what it found.

use std::time::Duration;

use covey_logic::{Command, certificate::Role, node::NodeState};
use covey_sim::World;

use crate::{membership::death, pairing::asked, rolling};

/// Two answers in a row were lost, and the joiner gave up although it had been accepted.
#[test]
fn joiner_outlasts_a_network_that_is_gone_for_twelve_seconds() {
    let (mut world, request) = asked(46);
    let cut = world.isolate(&[1]);
    world.command(0, Command::Accept { node: request.node, role: Role::Operator });
    world.run_for(Duration::from_secs(12));

    world.mend(cut);

    assert!(world.run_until(Duration::from_secs(10), World::one_cluster));
}

/// The heartbeats of the next life were taken for the last words of the one that said goodbye.
#[test]
fn node_that_left_is_seen_in_its_next_life() {
    let mut world = World::cluster(crate::harness::setup(1, 2));
    world.ask(1, Command::Leave);
    world.run_for(Duration::from_secs(3));

    world.kill(1);
    world.boot(1);

    assert!(world.run_until(Duration::from_secs(5), World::one_cluster));
}

/// A last heartbeat came late and made the witnesses' word void; those who had judged by then said
/// that they knew nothing.
#[test]
fn node_whose_last_heartbeat_came_after_the_refusals_is_dead_in_time() {
    death::killed(350).unwrap();
}

/// Its heartbeat came before anything it said of itself, and the claims of its earlier life, the
/// older ones, took the names back from those who had taken them over.
#[test]
fn claims_of_an_earlier_life_take_no_name_back() {
    crate::names::take_over(13, 3_000).unwrap();
}

/// A node that was told of a sleep of a second said nothing for five more.
#[test]
fn node_speaks_as_soon_as_its_machine_wakes_from_a_short_sleep() {
    for seed in 0..20 {
        let mut world = World::cluster(crate::harness::setup(seed, 3));
        world.sleep(1, true);
        world.run_for(Duration::from_millis(1_200));

        world.wake_up(1, seed % 2 == 0);

        let speaks = |world: &World| {
            [0, 2].iter().all(|index| {
                world.sees(*index, 1).is_some_and(|view| view.state == NodeState::Waking)
            })
        };
        assert!(world.run_until(Duration::from_secs(3), speaks), "seed {seed}");
    }
}

/// After a split each node that came back started what it did not see yet, and the higher epoch of
/// each start ended the copy before: an agent went round five times.
#[test]
fn agent_does_not_go_round_while_a_split_heals() {
    crate::placement::start_amid_disagreement(741).unwrap();
}

/// The word of who keeps a copy was lost, and each refusal of the copy, which told as much, was
/// answered with the same copy again.
#[test]
fn who_is_told_that_a_copy_is_kept_looks_again() {
    rolling::restart(206).unwrap();
}

/// An agent that was handed over was started a second time by one who took an early word of its new
/// node for the one that says that it runs.
#[test]
fn agent_that_claims_its_name_before_it_is_heard_of_is_waited_for() {
    rolling::restart(1762).unwrap();
}

/// The new nodes' last words were late, and a node that had nothing left said goodbye as if nothing
/// had gone.
#[test]
fn goodbye_waits_for_agents_whose_new_nodes_said_nothing_yet() {
    rolling::restart(5726).unwrap();
}
