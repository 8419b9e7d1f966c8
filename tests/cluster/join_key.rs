//! Nodes that nobody attends.

use std::{fs, time::Duration};

use covey_cluster::{Lan, Node, eventually};
use serde_json::{Value, json};

#[test]
fn nodes_with_one_join_key_become_one_cluster() {
    let Some(lan) = Lan::new(3) else { return };
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, "3f9a1c77e0b24d58\n").unwrap();
    let mut nodes =
        [(1, "a"), (2, "b"), (3, "c")].map(|(host, name)| Node::new(&lan, host, name, ""));

    for node in &mut nodes {
        node.launch_with(&["--join-key-file", key.to_str().unwrap()]);
    }
    nodes.iter_mut().for_each(Node::await_door);

    let cluster = |node: &Node| node.get("status.get", &json!({}));
    eventually("all are in one cluster", Duration::from_secs(60), || {
        let all: Vec<Value> = nodes.iter().map(cluster).collect();
        let one = all
            .iter()
            .all(|status| status["nodes_alive"] == 3 && status["cluster"] == all[0]["cluster"]);
        if one { Ok(()) } else { Err(json!(all).to_string()) }
    });
}

#[test]
fn node_with_another_join_key_stays_outside() {
    let Some(lan) = Lan::new(3) else { return };
    let key = |key: &str| format!("join_key = {key:?}");
    let ours = key("3f9a1c77e0b24d58");
    let mut nodes = [
        Node::new(&lan, 1, "a", &ours),
        Node::new(&lan, 2, "b", &ours),
        Node::new(&lan, 3, "stranger", &key("another-key-of-sixteen")),
    ];

    nodes.iter_mut().for_each(Node::launch);
    nodes.iter_mut().for_each(Node::await_door);

    let status = |node: &Node| node.get("status.get", &json!({}));
    eventually("those with the key are members", Duration::from_secs(60), || {
        let alive = (&status(&nodes[0])["nodes_alive"], &status(&nodes[1])["nodes_alive"]);
        if alive == (&json!(2), &json!(2)) { Ok(()) } else { Err(format!("{alive:?}")) }
    });
    eventually("the stranger tried and was seen", Duration::from_secs(30), || {
        let seen = nodes[2].get("pairing.get", &json!({}));
        let near = seen["nearby"].as_array().map_or(0, Vec::len);
        if near == 2 { Ok(()) } else { Err(seen.to_string()) }
    });
    assert_eq!(status(&nodes[2])["nodes_known"], 1);
    assert_eq!(status(&nodes[0])["nodes_known"], 2);
}
