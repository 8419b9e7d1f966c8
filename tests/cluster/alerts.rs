//! A node that is lost is an alert on every other, once, and what it measured is a gap from then
//! on.

use std::{collections::BTreeSet, time::Duration};

use covey_cluster::{Cluster, Node, eventually};
use serde_json::{Value, json};

/// Down within seconds, ten more until that is an alert, and as much for a machine that does other
/// things.
const RAISED_BOUND: Duration = Duration::from_secs(30);
/// Half a minute up, and what it takes to come back.
const CLEARED_BOUND: Duration = Duration::from_secs(90);

#[test]
fn killed_node_is_one_alert_on_every_other_until_it_is_back() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    eventually("everyone has measured", CLEARED_BOUND, || {
        let heat = cluster.nodes[0].get("metrics.heat", &json!({ "metric": "memory_share" }));
        let rows = heat["rows"].as_array().unwrap();
        let measured = |row: &Value| row["values"].as_array().unwrap().iter().any(Value::is_number);
        if rows.len() == 3 && rows.iter().all(measured) { Ok(()) } else { Err(heat.to_string()) }
    });
    cluster.nodes[2].kill();

    for node in &cluster.nodes[..2] {
        let (_, took) = eventually("it is raised", RAISED_BOUND, || lost(node, "active"));
        println!("{} shows the alert after {} ms", node.name(), took.as_millis());
    }
    let heat = cluster.nodes[0].get("metrics.heat", &json!({ "metric": "memory_share" }));
    let rows = heat["rows"].as_array().unwrap();
    let known = |row: &Value| {
        row["values"].as_array().map_or(0, |all| all.iter().filter(|it| it.is_number()).count())
    };
    assert_eq!(rows.len(), 3);
    for row in rows {
        assert_eq!(known(row) > 0, row["answered"] == true, "{row}");
    }
    assert_eq!(rows.iter().filter(|row| row["answered"] == true).count(), 2);
    assert!(rows.iter().all(|row| known(row) < 180), "nobody has measured for so long");

    cluster.nodes[2].start();
    cluster.await_all();

    for node in &cluster.nodes {
        eventually("it is over", CLEARED_BOUND, || lost(node, "cleared"));
    }
    for node in &cluster.nodes {
        eventually("it is told", RAISED_BOUND, || {
            let told = (told(node, "alert_raised"), told(node, "alert_cleared"));
            if told == (1, 1) { Ok(()) } else { Err(format!("{told:?}")) }
        });
        let past = node.get("alert.history", &json!({}));
        let losses = past.as_array().unwrap().iter().filter(|alert| alert["rule"] == "node_lost");
        assert_eq!(losses.count(), 1, "{past}");
    }
}

fn lost(node: &Node, state: &str) -> Result<(), String> {
    let alerts = node.get("alert.list", &json!({}));
    let all = alerts.as_array().unwrap();
    let mut lost = all.iter().filter(|alert| alert["rule"] == "node_lost");
    let held = lost.next().is_some_and(|alert| alert["state"] == state) && lost.next().is_none();
    if held { Ok(()) } else { Err(alerts.to_string()) }
}

/// Episodes of the loss of a node that were told of.
fn told(node: &Node, kind: &str) -> usize {
    let page = node.get("event.query", &json!({ "kinds": [kind], "limit": 1_000 }));
    let events = page["events"].as_array().unwrap();
    let mine = events.iter().filter(|event| event["fact"]["rule"] == "node_lost");
    mine.map(|event| event["fact"]["episode"].to_string()).collect::<BTreeSet<_>>().len()
}
