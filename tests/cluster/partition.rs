//! Both sides of a parted network go on, and agree when it is whole again.

use std::time::Duration;

use covey_cluster::{Cluster, Node, eventually, processes_of, pupil};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(40);

#[test]
fn name_claimed_on_both_sides_has_one_holder_after_healing() {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    let [left, middle, right] = cluster.nodes.as_slice() else { panic!("three nodes") };
    cluster.run(&pupil("pupil", &[]), None);

    cluster.lan.split(&[&[1], &[2, 3]]);
    eventually("each side holds the other to be down", PATIENCE, || {
        down(left, right).and(down(left, middle)).and(down(middle, left)).and(down(right, left))
    });
    for node in [left, right] {
        let outcome = node.get("name.register", &json!({ "names": [{ "name": "printer" }] }));
        assert_eq!(outcome["outcomes"], json!([null]), "{}", node.name());
    }
    eventually("the agent runs on both sides", PATIENCE, || {
        match processes_of("pupil", &cluster.nodes).as_slice() {
            [_, _] => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
    let answers = [left, middle, right].map(|node| {
        node.call("pupil", "where", PATIENCE).unwrap()["node"].as_str().unwrap().to_owned()
    });
    assert_eq!(answers[0], left.id(), "the left side answers itself");
    assert_eq!(answers[1], answers[2], "the right side agrees");
    cluster.lan.heal();

    cluster.await_all();
    let (holder, _) = eventually("all name one holder", PATIENCE, || {
        let holders: Vec<_> = cluster.nodes.iter().map(|node| holder(node, "printer")).collect();
        let one = !holders[0].is_null() && holders.iter().all(|holder| *holder == holders[0]);
        if one { Ok(holders[0].clone()) } else { Err(json!(holders).to_string()) }
    });
    assert!(holder == left.id() || holder == right.id(), "{holder}");
    let (survivor, _) = eventually("one copy is left", PATIENCE, || {
        match processes_of("pupil", &cluster.nodes).as_slice() {
            [one] => Ok(one.clone()),
            several => Err(format!("{several:?}")),
        }
    });
    for node in &cluster.nodes {
        let what = format!("{} hears the winner", node.name());
        eventually(&what, PATIENCE, || {
            let answer = node.call("pupil", "where", Duration::from_secs(1));
            let answer = answer.map_err(|error| error.text)?;
            let of = (&answer["node"], &answer["value"]["pid"]);
            let winner = (&json!(survivor.node), &json!(survivor.pid));
            if of == winner { Ok(()) } else { Err(answer.to_string()) }
        });
        assert_eq!(node.agent("pupil")["node"], survivor.node.as_str());
    }
}

#[test]
fn name_claimed_first_stays_with_its_holder() {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    let [left, middle, right] = cluster.nodes.as_slice() else { panic!("three nodes") };

    cluster.lan.split(&[&[1], &[2], &[3]]);
    eventually("all are alone", PATIENCE, || {
        down(left, right).and(down(middle, left)).and(down(right, middle))
    });
    for node in [right, left, middle] {
        drop(node.get("name.register", &json!({ "names": [{ "name": "first" }] })));
    }
    cluster.lan.heal();

    cluster.await_all();
    for node in &cluster.nodes {
        eventually("the first one holds it", PATIENCE, || {
            let holder = holder(node, "first");
            if holder == right.id() { Ok(()) } else { Err(holder.to_string()) }
        });
    }
}

fn down(node: &Node, other: &Node) -> Result<(), String> {
    let row = node.member(other.id());
    if row["state"] == "down" { Ok(()) } else { Err(format!("{}: {row}", node.name())) }
}

/// The id of the node that holds a name as `node` sees it; null if none does.
fn holder(node: &Node, name: &str) -> Value {
    node.get("name.lookup", &json!({ "name": name }))["node"].clone()
}
