//! The data folder: one node at a time, and never reset in silence.

use std::{fs, time::Duration};

use covey_cluster::{Lan, Node};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn second_node_on_one_folder_says_that_it_is_used() {
    let Some(lan) = Lan::new(1) else { return };
    let mut node = Node::new(&lan, 1, "a", "");
    node.start();

    let second = node.cli(&["node"]);

    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.stderr.contains("is used by another instance"), "{second:?}");
    assert_eq!(node.does(&["status"])["name"], "a");
}

#[test]
fn damaged_identity_stops_the_start_and_is_left_alone() {
    let Some(lan) = Lan::new(1) else { return };
    let mut node = Node::new(&lan, 1, "a", "");
    node.start();
    node.kill();
    let identity = node.data().join("identity");
    fs::write(&identity, "no key").unwrap();

    let start = node.cli(&["node"]);

    assert_eq!(start.code, Some(1), "{start:?}");
    assert!(start.stderr.contains("identity"), "{start:?}");
    assert_eq!(fs::read(&identity).unwrap(), b"no key");
}

#[test]
fn damaged_store_stops_the_start_and_is_left_alone() {
    let Some(lan) = Lan::new(1) else { return };
    let mut node = Node::new(&lan, 1, "a", "");
    node.start();
    node.does(&["agent", "start", "counter", "--builtin", "counter"]);
    node.does(&["stop"]);
    assert_eq!(node.ended(PATIENCE), Some(0));
    let store = node.data().join("covey.db");
    assert!(!node.data().join("covey.db-wal").exists(), "a clean stop leaves one file");
    fs::write(&store, vec![0xa5; 64 * 1024]).unwrap();

    let start = node.cli(&["node"]);

    assert_eq!(start.code, Some(1), "{start:?}");
    assert!(start.stderr.contains("covey.db"), "it names the file: {start:?}");
    assert_eq!(fs::read(&store).unwrap(), vec![0xa5; 64 * 1024]);
}

#[test]
fn node_keeps_its_identity_and_its_agents_over_a_clean_stop() {
    let Some(lan) = Lan::new(1) else { return };
    let mut node = Node::new(&lan, 1, "a", "");
    node.start();
    let id = node.id().to_owned();
    node.does(&["agent", "start", "counter", "--builtin", "counter"]);
    node.does(&["stop"]);
    assert_eq!(node.ended(PATIENCE), Some(0));

    node.start();

    assert_eq!(node.id(), id);
    covey_cluster::eventually("its agent runs again", PATIENCE, || {
        let agent = node.agent("counter");
        if agent["phase"] == "running" { Ok(()) } else { Err(agent.to_string()) }
    });
    assert_eq!(node.get("status.get", &json!({}))["writable"], true);
}
