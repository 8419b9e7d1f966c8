//! All nodes off, then on.

use std::time::Duration;

use covey_cluster::{Cluster, Node, builtin, eventually, processes_of, pupil};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn cluster_that_lost_all_power_comes_back_as_it_was() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    cluster.run(&pupil("pupil", &[]), None);
    drop(cluster.nodes[1].get("agent.start", &json!({ "spec": builtin("parked", "echo") })));
    eventually("the other runs", PATIENCE, || phase(&cluster.nodes[2], "parked", "running"));
    drop(cluster.nodes[2].get("agent.stop", &json!({ "name": "parked" })));
    eventually("the other is stopped everywhere", PATIENCE, || {
        cluster.nodes.iter().try_for_each(|node| wanted(node, "parked", false))
    });
    let ids: Vec<_> = cluster.nodes.iter().map(|node| node.id().to_owned()).collect();
    let epoch = processes_of("pupil", &cluster.nodes)[0].epoch;

    cluster.nodes.iter_mut().for_each(Node::kill);
    eventually("nothing runs", PATIENCE, || {
        match processes_of("pupil", &cluster.nodes).as_slice() {
            [] => Ok(()),
            left => Err(format!("{left:?}")),
        }
    });
    cluster.nodes.iter_mut().for_each(Node::launch);
    cluster.nodes.iter_mut().for_each(Node::await_door);

    let again: Vec<_> = cluster.nodes.iter().map(|node| node.id().to_owned()).collect();
    assert_eq!(again, ids);
    cluster.await_all();
    for node in &cluster.nodes {
        eventually("the agent answers again", PATIENCE, || {
            node.call("pupil", "where", Duration::from_secs(1)).map_err(|error| error.text)
        });
        wanted(node, "parked", false).unwrap();
        assert_eq!(node.get("status.get", &json!({}))["nodes_known"], 3);
        let events = node.get("event.query", &json!({ "limit": 1000 }));
        for (kind, count) in [("member_admitted", 2), ("agent_wanted", 2)] {
            let found = count_of(&events, kind);
            assert!(found >= count, "{} has {found} {kind}: {events}", node.name());
        }
    }
    // Nodes that wake at one moment may each start it before they hear of each other.
    let (left, _) = eventually("one copy is left", PATIENCE, || {
        match processes_of("pupil", &cluster.nodes).as_slice() {
            [one] => Ok(one.clone()),
            other => Err(format!("{other:?}")),
        }
    });
    assert!(left.epoch > epoch, "{left:?} is no later life than {epoch}");
}

fn phase(node: &Node, agent: &str, phase: &str) -> Result<(), String> {
    let row = node.agent(agent);
    if row["phase"] == phase { Ok(()) } else { Err(row.to_string()) }
}

fn wanted(node: &Node, agent: &str, wanted: bool) -> Result<(), String> {
    let row = node.agent(agent);
    if row["wanted"] == wanted { Ok(()) } else { Err(format!("{}: {row}", node.name())) }
}

fn count_of(page: &Value, kind: &str) -> usize {
    let events = page["events"].as_array().unwrap();
    events.iter().filter(|event| event["fact"]["kind"] == kind).count()
}
