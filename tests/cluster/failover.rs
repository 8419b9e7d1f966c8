//! What the loss of a node, of its cable, and of a moment of its cable does to an agent.

use std::{
    thread,
    time::{Duration, Instant},
};

use covey_cluster::{Cluster, Node, eventually, hold, processes_of, pupil, rounds};
use serde_json::Value;

/// A release build has a second; the rest is for unoptimised code on a machine that does other
/// things. The figure itself is `cargo xtask bench`'s.
const KILL_BOUND: Duration = Duration::from_secs(5);
/// Nine seconds of silence are a death where nobody else suspects it, and three times as many to a
/// node whose own timers run late, as on a machine that nine of them share; and two for the start.
/// That a quiet machine takes less than eight is `cargo xtask bench`'s to say, too.
const CABLE_BOUND: Duration = Duration::from_secs(29);
/// Networks that share the rounds of a fault that is mostly waited for.
const NETWORKS: u32 = 3;
/// How long the rest may take that has no bound of its own.
const PATIENCE: Duration = Duration::from_secs(30);
/// One call among those that wait for an answer.
const CALL: Duration = Duration::from_millis(500);

#[test]
fn agent_of_a_killed_node_answers_elsewhere() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    cluster.run(&pupil("pupil", &[]), None);

    for round in 1..=rounds() {
        let lost = place(&cluster);

        cluster.nodes[lost].kill();
        let took = answered_by_survivors(&cluster, lost, KILL_BOUND);

        println!("kill, round {round}: answers every survivor after {} ms", took.as_millis());
        one_answers_all(&cluster);
        cluster.nodes[lost].start();
        cluster.await_all();
        one_answers_all(&cluster);
    }
}

#[test]
fn agent_of_a_node_with_a_cut_cable_answers_elsewhere() {
    on_several_networks(cable_is_cut);
}

fn cable_is_cut(rounds: u32) {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    cluster.run(&pupil("pupil", &[]), None);

    for round in 1..=rounds {
        let lost = place(&cluster);

        cluster.nodes[lost].unplug();
        let took = answered_by_survivors(&cluster, lost, CABLE_BOUND);

        println!("cable, round {round}: answers every survivor after {} ms", took.as_millis());
        cluster.nodes[lost].plug();
        cluster.await_all();
        one_answers_all(&cluster);
    }
}

#[test]
fn agent_of_a_node_that_says_goodbye_answers_elsewhere() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    cluster.run(&pupil("pupil", &[]), None);
    let leaving = place(&cluster);

    cluster.nodes[leaving].does(&["stop"]);
    let took = answered_by_survivors(&cluster, leaving, KILL_BOUND);

    println!("goodbye: answers every survivor after {} ms", took.as_millis());
    assert_eq!(cluster.nodes[leaving].ended(PATIENCE), Some(0));
    one_answers_all(&cluster);
    for node in cluster.nodes.iter().filter(|node| node.runs()) {
        assert_eq!(node.member(cluster.nodes[leaving].id())["state"], "left");
    }
}

#[test]
fn blip_of_a_fifth_of_a_second_moves_nothing() {
    on_several_networks(|rounds| blip_moves_nothing(Duration::from_millis(200), rounds));
}

#[test]
fn blip_of_two_seconds_moves_nothing() {
    on_several_networks(|rounds| blip_moves_nothing(Duration::from_secs(2), rounds));
}

#[test]
fn blip_of_five_seconds_moves_nothing() {
    on_several_networks(|rounds| blip_moves_nothing(Duration::from_secs(5), rounds));
}

fn blip_moves_nothing(blip: Duration, rounds: u32) {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    cluster.run(&pupil("pupil", &[]), None);
    let before = processes_of("pupil", &cluster.nodes);

    for round in 1..=rounds {
        let node = &cluster.nodes[place(&cluster)];

        node.unplug();
        hold(blip);
        node.plug();
        cluster.await_all();

        for node in &cluster.nodes {
            eventually("the agent answers as before", PATIENCE, || answer(node));
            assert_eq!(node.agent("pupil")["restarts"], 0, "as {} sees it", node.name());
        }
        assert_eq!(processes_of("pupil", &cluster.nodes), before, "after blip {round}");
    }
}

/// Shares the rounds among networks that have nothing in common and run side by side.
fn on_several_networks(rounds_on_one: impl Fn(u32) + Sync) {
    let share = |network| (rounds() + network) / NETWORKS;
    assert_eq!((0..NETWORKS).map(share).sum::<u32>(), rounds(), "each round is on one network");
    thread::scope(|scope| {
        for rounds in (0..NETWORKS).map(share).filter(|rounds| *rounds > 0) {
            let one = &rounds_on_one;
            scope.spawn(move || one(rounds));
        }
    });
}

/// Where the agent is, among the nodes.
fn place(cluster: &Cluster) -> usize {
    let (id, _) = eventually("the agent answers", PATIENCE, || answer(&cluster.nodes[0]));
    cluster.place_of(&id)
}

/// How long every other node has to wait until the agent answers it from another node than `lost`.
fn answered_by_survivors(cluster: &Cluster, lost: usize, bound: Duration) -> Duration {
    let start = Instant::now();
    for (place, node) in cluster.nodes.iter().enumerate().filter(|(place, _)| *place != lost) {
        let what = format!("node {place} hears the agent from a survivor");
        eventually(&what, bound.saturating_sub(start.elapsed()), || {
            answer(node).and_then(|from| {
                if from == cluster.nodes[lost].id() {
                    Err("the lost node".to_owned())
                } else {
                    Ok(())
                }
            })
        });
    }
    start.elapsed()
}

/// The node that answers a call of the agent from `node`.
fn answer(node: &Node) -> Result<String, String> {
    let answer = node.call("pupil", "where", CALL).map_err(|error| error.text)?;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    assert_eq!(text(&answer["value"]["COVEY_NODE"]), text(&answer["node"]));
    Ok(text(&answer["node"]))
}

/// One process of the agent is left, and every node that runs is answered by it: nothing is lost,
/// nothing doubled.
fn one_answers_all(cluster: &Cluster) {
    let (left, _) = eventually("one process of the agent runs", PATIENCE, || {
        match processes_of("pupil", &cluster.nodes).as_slice() {
            [left] => Ok(left.clone()),
            other => Err(format!("{other:?}")),
        }
    });
    for node in cluster.nodes.iter().filter(|node| node.runs()) {
        let name = node.name();
        eventually(&format!("{name} is answered by that process"), PATIENCE, || {
            let answer = node.call("pupil", "where", CALL).map_err(|error| error.text)?;
            let ours = answer["value"]["pid"] == left.pid && answer["node"] == left.node.as_str();
            if ours { Ok(()) } else { Err(format!("{answer}, and not {left:?}")) }
        });
        eventually(&format!("{name} names its node"), PATIENCE, || {
            let named = node.agent("pupil")["node"].clone();
            if named == left.node.as_str() { Ok(()) } else { Err(named.to_string()) }
        });
    }
    assert_eq!(processes_of("pupil", &cluster.nodes), [left], "it was replaced meanwhile");
}
