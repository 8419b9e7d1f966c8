//! What the loss of a node, of its cable, and of a moment of its cable does to an agent.

use std::time::{Duration, Instant};

use covey_cluster::{Cluster, Node, eventually, hold, processes_of, pupil, rounds};
use serde_json::Value;

/// A release build has a second; the rest is for unoptimised code on a machine that does other
/// things. The figure itself is `cargo xtask bench`'s.
const KILL_BOUND: Duration = Duration::from_secs(5);
/// Eight seconds, and two for the same reason.
const CABLE_BOUND: Duration = Duration::from_secs(10);
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
        only_one_runs(&cluster);
        cluster.nodes[lost].start();
        cluster.await_all();
        only_one_runs(&cluster);
    }
}

#[test]
fn agent_of_a_node_with_a_cut_cable_answers_elsewhere() {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    cluster.run(&pupil("pupil", &[]), None);

    for round in 1..=rounds() {
        let lost = place(&cluster);

        cluster.nodes[lost].unplug();
        let took = answered_by_survivors(&cluster, lost, CABLE_BOUND);

        println!("cable, round {round}: answers every survivor after {} ms", took.as_millis());
        cluster.nodes[lost].plug();
        cluster.await_all();
        only_one_runs(&cluster);
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
    only_one_runs(&cluster);
    for node in cluster.nodes.iter().filter(|node| node.runs()) {
        assert_eq!(node.member(cluster.nodes[leaving].id())["state"], "left");
    }
}

#[test]
fn blip_of_a_fifth_of_a_second_moves_nothing() {
    blip_moves_nothing(Duration::from_millis(200));
}

#[test]
fn blip_of_two_seconds_moves_nothing() {
    blip_moves_nothing(Duration::from_secs(2));
}

fn blip_moves_nothing(blip: Duration) {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    cluster.run(&pupil("pupil", &[]), None);
    let before = processes_of("pupil", &cluster.nodes);

    for _ in 0..rounds() {
        let node = &cluster.nodes[place(&cluster)];

        node.unplug();
        hold(blip);
        node.plug();
        cluster.await_all();

        for node in &cluster.nodes {
            eventually("the agent answers as before", PATIENCE, || answer(node));
            assert_eq!(node.agent("pupil")["restarts"], 0, "as {} sees it", node.name());
        }
    }

    assert_eq!(processes_of("pupil", &cluster.nodes), before);
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

fn only_one_runs(cluster: &Cluster) {
    eventually("one process of the agent runs", PATIENCE, || {
        match processes_of("pupil", &cluster.nodes).as_slice() {
            [_] => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
    eventually("all who run name one node", PATIENCE, || {
        let running = cluster.nodes.iter().filter(|node| node.runs());
        let all: Vec<_> = running.map(|node| node.agent("pupil")["node"].clone()).collect();
        if all.iter().all(|node| *node == all[0]) { Ok(()) } else { Err(format!("{all:?}")) }
    });
}
