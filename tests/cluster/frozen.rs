//! A node that stops in its tracks and goes on later.

use std::time::Duration;

use covey_cluster::{Cluster, eventually, processes_of, pupil};

/// Seven seconds of silence, and as much again for a busy machine.
const TAKEN_OVER: Duration = Duration::from_secs(13);
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn frozen_node_is_replaced_and_its_copy_stops_when_it_thaws() {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    let [first, second, third] = cluster.nodes.as_slice() else { panic!("three nodes") };
    cluster.run(&pupil("pupil", &[]), None);
    drop(first.get("agent.move", &serde_json::json!({ "name": "pupil", "to": third.id() })));
    // Who has not heard of the new copy may start another as soon as it may run anywhere.
    for (place, node) in cluster.nodes.iter().enumerate() {
        eventually(&format!("{} hears it on the third", node.name()), PATIENCE, || {
            answers_from(&cluster, place, third.id())
        });
    }
    drop(first.get("agent.move", &serde_json::json!({ "name": "pupil", "to": null })));
    let stale = processes_of("pupil", &cluster.nodes);

    third.freeze();
    for (place, node) in [(0, first), (1, second)] {
        eventually(
            &format!("{} hears it elsewhere", node.name()),
            TAKEN_OVER,
            || match answers_from(&cluster, place, third.id()) {
                Ok(()) => Err("the frozen node answered".to_owned()),
                Err(other) if [first.id(), second.id()].contains(&other.as_str()) => Ok(()),
                Err(other) => Err(other),
            },
        );
    }
    assert_eq!(processes_of("pupil", &cluster.nodes).len(), 2, "the frozen copy and its successor");
    third.thaw();

    cluster.await_all();
    let (left, _) = eventually("one copy is left", PATIENCE, || {
        match processes_of("pupil", &cluster.nodes).as_slice() {
            [one] => Ok(one.clone()),
            several => Err(format!("{several:?}")),
        }
    });
    assert!(!stale.contains(&left), "the stale copy won: {left:?}");
    for node in &cluster.nodes {
        assert_eq!(node.agent("pupil")["node"], left.node.as_str(), "as {} sees it", node.name());
    }
}

/// Whether the agent answers the node at `place` from the node `id`; if not, from where, or why not.
fn answers_from(cluster: &Cluster, place: usize, id: &str) -> Result<(), String> {
    let answer = cluster.nodes[place].call("pupil", "where", Duration::from_millis(500));
    let answer = answer.map_err(|error| error.text)?;
    let from = answer["node"].as_str().unwrap();
    if from == id { Ok(()) } else { Err(from.to_owned()) }
}
