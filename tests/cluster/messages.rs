//! What agents send each other, wherever they run.

use std::time::Duration;

use covey_cluster::{Cluster, eventually, messenger};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);
const NAMES: [&str; 3] = ["m1", "m2", "m3"];

/// One agent on each of three nodes: they call and notify each other, publish and hear.
#[test]
fn agents_on_three_nodes_send_each_other_messages() {
    let Some(cluster) = scene() else { return };

    let called = ask(&cluster, 0, "agent.call", &json!({ "name": "m3", "method": "who" }));
    assert_eq!(called["result"]["value"], "m3");
    let foreign = json!({ "name": "m3", "method": "who", "session": "m2" });
    assert!(ask(&cluster, 0, "agent.call", &foreign)["error"]["code"].is_i64(), "not its own name");

    for number in 0..100 {
        let notice = json!({ "name": "m2", "method": "note", "params": number });
        let told = ask(&cluster, 0, "agent.notify", &notice);
        assert_eq!(told["result"]["node"], cluster.nodes[1].id());
    }
    let kept = heard(&cluster, 1);
    assert_eq!(kept, json!((0..100).collect::<Vec<_>>()), "in their order, each once");

    let all = json!({ "capabilities": ["hear"], "method": "who" });
    let outcomes = cluster.nodes[2].get("agent.broadcast", &all);
    let said: Vec<_> =
        outcomes.as_array().unwrap().iter().map(|it| &it["answer"]["value"]).collect();
    assert_eq!(said, NAMES.map(Value::from).iter().collect::<Vec<_>>());
}

/// A call that is made again under its key, through another node, is not done again.
#[test]
fn call_under_a_key_is_done_once_through_whichever_node() {
    let Some(cluster) = scene() else { return };
    let call = |key: &str| json!({ "name": "m2", "method": "note", "params": key, "key": key });

    for node in &cluster.nodes {
        assert_eq!(node.get("agent.call", &call("one"))["value"], 1);
    }
    assert_eq!(cluster.nodes[2].get("agent.call", &call("two"))["value"], 2);
    let other = json!({ "name": "m2", "method": "note", "params": 7, "key": "one" });
    assert_eq!(cluster.nodes[0].ask("agent.call", &other).unwrap_err().code, "key_reused");

    assert_eq!(heard(&cluster, 1), json!(["one", "two"]));
}

/// Who subscribed hears what is published on whichever node; who is lost is no subscriber any more,
/// and its next life is one once it subscribed anew.
#[test]
fn subscribers_on_all_nodes_hear_what_is_published() {
    let Some(mut cluster) = scene() else { return };
    for place in 0..3 {
        ask(&cluster, place, "topic.subscribe", &json!({ "topic": "news" }));
    }
    await_subscribers(&cluster, 3);

    let publish = |cluster: &Cluster, place: usize, body: u32| {
        let wish = json!({ "topic": "news", "body": body });
        ask(cluster, place, "topic.publish", &wish)["result"].clone()
    };
    for (place, body) in [(0, 1), (1, 2), (2, 3)] {
        assert_eq!(publish(&cluster, place, body), json!({ "delivered": 3, "failed": [] }));
    }
    for place in 0..3 {
        let bodies: Vec<_> = heard(&cluster, place)
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["body"].clone())
            .collect();
        assert_eq!(bodies, [1, 2, 3].map(Value::from));
    }
    assert_eq!(heard(&cluster, 0)[1]["from"], "m2");

    cluster.nodes[2].kill();
    await_subscribers(&cluster, 2);
    assert_eq!(publish(&cluster, 0, 4)["delivered"], 2);
}

fn scene() -> Option<Cluster> {
    let cluster = Cluster::new(3, 0)?;
    for (name, node) in NAMES.iter().zip(&cluster.nodes) {
        cluster.run(&messenger(name), Some(node));
    }
    Some(cluster)
}

/// What the agent at a place was answered when it asked its node.
fn ask(cluster: &Cluster, place: usize, method: &str, params: &Value) -> Value {
    let asked = json!({ "method": method, "params": params });
    let call = json!({ "name": NAMES[place], "method": "ask", "params": asked });
    cluster.nodes[place].get("agent.call", &call)["value"].clone()
}

fn heard(cluster: &Cluster, place: usize) -> Value {
    cluster.nodes[place].call(NAMES[place], "heard", PATIENCE).unwrap()["value"].clone()
}

fn await_subscribers(cluster: &Cluster, count: usize) {
    for node in cluster.nodes.iter().filter(|node| node.runs()) {
        eventually("they are subscribed", PATIENCE, || {
            let members = node.get("group.members", &json!({ "group": "topic/news" }));
            let there = members.as_array().unwrap().len();
            if there == count { Ok(()) } else { Err(members.to_string()) }
        });
    }
}
