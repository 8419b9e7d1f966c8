//! Two clusters of one node become one: what comes along, what is archived, and what is replayed.

use std::time::Duration;

use covey_cluster::{Lan, Node, eventually, pair};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(40);

/// K95: one group goes on; the other's entries are replayed or listed as conflicts; its old log stays.
#[test]
fn joiner_brings_its_agents_and_replays_what_the_cluster_lacks() {
    let Some(lan) = Lan::new(2) else { return };
    let mut nodes = [Node::new(&lan, 1, "host", ""), Node::new(&lan, 2, "guest", "")];
    nodes.iter_mut().for_each(Node::launch);
    nodes.iter_mut().for_each(Node::await_door);
    let [host, guest] = &nodes;
    for (node, whose) in [(host, "host's"), (guest, "guest's")] {
        fill(node, whose);
    }
    does(guest, &["counter", "add", "own", "3"]);
    does(guest, &["counter", "add", "merged", "4", "--scope", "global"]);
    does(guest, &["variable", "set", "alone", "kept", "--scope", "local"]);
    let lone = json!({ "name": "lone", "runtime": { "kind": "builtin", "agent": "counter" } });
    guest.get("agent.start", &json!({ "spec": lone }));
    let folder = guest.get("status.get", &json!({}))["cluster"].as_str().unwrap().to_owned();

    let plan = guest.does(&["join", "--plan"]);
    pair(guest, host);

    let names = |what: &str| plan[what]["names"].clone();
    assert_eq!(names("agents"), json!(["lone", "shared"]), "{plan}");
    assert_eq!((names("locals"), names("settings")), (json!(["alone"]), json!(["locks.lease"])));
    assert_eq!((names("places"), names("decisions")), (json!(["the lock door"]), json!(["who"])));
    assert_eq!(
        (names("counters"), names("variables")),
        (json!(["hits", "own", "merged"]), json!(["mode"]),)
    );
    eventually("the agents are one set on both", PATIENCE, || one_set(&nodes));
    eventually("the conflict is told", PATIENCE, || {
        let query = json!({ "kinds": ["agent_conflicted"] });
        let events = host.get("event.query", &query)["events"].clone();
        if events[0]["fact"]["name"] == "shared" { Ok(()) } else { Err(events.to_string()) }
    });
    assert!(guest.data().join("group").join(folder).is_dir(), "the old log stays");
    assert_eq!(guest.does(&["variable", "get", "alone"])["found"]["value"], "kept");

    let archives = guest.does(&["coordination", "archive"]);
    let id = archives[0]["id"].to_string();
    let archive = guest.does(&["coordination", "archive", &id]);
    assert_eq!(archive["group"]["places"][0]["place"]["name"], "door", "{archive}");
    assert_eq!(archive["belongings"]["agents"].as_array().map(Vec::len), Some(2));
    eventually("the group has let it in", PATIENCE, || {
        guest.ask("counter.get", &json!({ "counter": "hits" })).map_err(|error| error.text)
    });
    for (made, there) in [(["own", "merged"].as_slice(), 0), (&[], 2)] {
        let replayed = guest.does(&["coordination", "replay", &id]);
        assert_eq!(of(&replayed["made"]), made, "{replayed}");
        assert_eq!(of(&replayed["there"]).len(), there, "{replayed}");
        let conflicts = of(&replayed["conflicts"]);
        assert_eq!(conflicts, ["locks.lease", "hits", "mode", "who"], "{replayed}");
    }

    let values = ["hits", "own", "merged"].map(|counter| value_of(host, counter));
    assert_eq!(values, ["1", "3", "4"], "the host's stands, what it lacked is there");
    assert_eq!(host.does(&["variable", "get", "mode"])["found"]["value"], "host's");
}

/// Things that both clusters have under one name.
fn fill(node: &Node, whose: &str) {
    let count = whose.len() - "host's".len() + 1;
    does(node, &["counter", "add", "hits", &count.to_string()]);
    does(node, &["variable", "set", "mode", whose]);
    does(node, &["decision", "propose", "who", whose]);
    does(node, &["lock", "acquire", "door"]);
    does(node, &["setting", "set", &format!("locks.lease={}0s", count + 1)]);
    let runtime = json!({ "kind": "builtin", "agent": "counter" });
    let spec = json!({ "name": "shared", "runtime": runtime, "capabilities": [node.name()] });
    node.get("agent.start", &json!({ "spec": spec }));
}

fn does(node: &Node, arguments: &[&str]) {
    eventually("the group agrees", PATIENCE, || {
        let answer = node.cli(arguments);
        if answer.code == Some(0) { Ok(()) } else { Err(format!("{answer:?}")) }
    });
}

fn one_set(nodes: &[Node]) -> Result<(), String> {
    for node in nodes {
        for (name, capabilities) in [("shared", json!(["host"])), ("lone", json!([]))] {
            let agent = node.agent(name);
            if agent["capabilities"] != capabilities || agent["phase"] != "running" {
                return Err(format!("{}: {agent}", node.name()));
            }
        }
    }
    Ok(())
}

fn of(items: &Value) -> Vec<&str> {
    let items = items.as_array().into_iter().flatten();
    items.filter_map(|item| item["name"].as_str()).collect()
}

fn value_of(node: &Node, counter: &str) -> String {
    let (value, _) = eventually("it is read", PATIENCE, || {
        let read = node.ask("counter.get", &json!({ "counter": counter }));
        let value = read.map_err(|error| error.text)?["found"]["value"].clone();
        let there = value.as_str().filter(|value| *value != "0");
        there.map(str::to_owned).ok_or_else(|| value.to_string())
    });
    value
}
