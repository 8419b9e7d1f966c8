//! Counters and variables that need no majority, on real nodes and disks.

use std::time::Duration;

use covey_cluster::{Cluster, Node, eventually};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(40);

/// C3, C4: one that is alone goes on, what it agrees on is refused, and after healing nothing that
/// was acknowledged is lost or doubled, though it was killed meanwhile.
#[test]
fn minority_goes_on_counting_and_all_come_to_one_sum() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    let note = ["variable", "register", "note", "[]", "--scope", "global", "--strategy", "union"];
    cluster.nodes[0].does(&note);
    eventually("all have the variable", PATIENCE, || all_read(&cluster, "note", &json!("[]")));
    // The first alone votes yet: the one that is cut off is another.
    cluster.lan.split(&[&[1, 2], &[3]]);
    eventually("the last holds the others to be down", PATIENCE, || {
        let alive = cluster.nodes[2].get("status.get", &json!({}))["nodes_alive"].clone();
        if alive == 1 { Ok(()) } else { Err(alive.to_string()) }
    });

    for node in &cluster.nodes {
        for _ in 0..5 {
            node.does(&["counter", "add", "visits", "2", "--scope", "global"]);
        }
    }
    let kept = json!({ "counter": "kept", "by": 1, "scope": "cluster" });
    let refused = cluster.nodes[2].ask("counter.add", &kept).unwrap_err();
    assert!(["no_quorum", "no_leader"].contains(&refused.code.as_str()), "{}", refused.code);
    cluster.nodes[0].does(&["variable", "set", "note", r#"["left"]"#]);
    cluster.nodes[2].does(&["variable", "set", "note", r#"["right"]"#]);
    cluster.nodes[2].kill();
    cluster.nodes[2].start();
    cluster.lan.heal();
    cluster.await_all();

    eventually("all are at one sum", PATIENCE, || {
        let sums: Vec<_> = cluster.nodes.iter().map(visits).collect();
        if sums.iter().all(|sum| sum == "30") { Ok(()) } else { Err(json!(sums).to_string()) }
    });
    let merged = json!(r#"["left","right"]"#);
    eventually("all merged the writes", PATIENCE, || all_read(&cluster, "note", &merged));
    let shown = cluster.nodes[1].get("coordination.get", &json!({}));
    assert_eq!(shown["variables"][0]["writes"], 2);
    let other = json!({ "counter": "visits", "by": 1, "scope": "cluster" });
    assert_eq!(cluster.nodes[1].ask("counter.add", &other).unwrap_err().code, "disagreed");
}

#[test]
fn variable_of_one_node_is_there_after_a_restart_and_nowhere_else() {
    let Some(mut cluster) = Cluster::new(2, 0) else { return };
    cluster.nodes[0].does(&["variable", "set", "scratch", "mine", "--scope", "local"]);

    cluster.nodes[0].kill();
    cluster.nodes[0].start();
    cluster.await_all();

    assert_eq!(read(&cluster.nodes[0], "scratch")["value"], "mine");
    assert_eq!(read(&cluster.nodes[1], "scratch"), Value::Null);
}

fn visits(node: &Node) -> Value {
    node.get("counter.get", &json!({ "counter": "visits" }))["found"]["value"].clone()
}

fn read(node: &Node, variable: &str) -> Value {
    node.get("variable.get", &json!({ "variable": variable }))["found"].clone()
}

fn all_read(cluster: &Cluster, variable: &str, value: &Value) -> Result<(), String> {
    let ask = json!({ "variable": variable, "scope": "global" });
    let read = |node: &Node| node.get("variable.get", &ask)["found"]["value"].clone();
    let values: Vec<_> = cluster.nodes.iter().map(read).collect();
    if values.iter().all(|it| it == value) { Ok(()) } else { Err(json!(values).to_string()) }
}
