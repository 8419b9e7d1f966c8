//! A node whose database is damaged: one word, and it is back in its cluster and filled by the others.

use std::{fs, time::Duration};

use covey_cluster::{Cluster, Node, eventually};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(40);
/// Events, each a commit of its own in the log of the database, and the least that one takes there.
const ORDERS: u64 = 30;
const FRAME: u64 = 4_096 + 24;

/// D8: the founder's database is damaged. It does not start, and names the one action; after that it
/// is the same member, has what the others hold, also of its own events, and repeats no number.
#[test]
fn damaged_database_of_a_member_is_filled_by_the_others() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    let [first, second, _] = cluster.nodes.as_slice() else { panic!("three nodes") };
    first.does(&["label", "rack=7"]);
    first.does(&["agent", "start", "tally", "--builtin", "counter"]);
    first.does(&["counter", "add", "visits", "2", "--scope", "global"]);
    first.does(&["event", "append", "shop.order", "{\"order\": 7}", "--replicated"]);
    eventually("the second has the sum", PATIENCE, || visits(second, "2"));
    let (id, status) = (first.id().to_owned(), first.get("status.get", &json!({})));
    let order = order_of(second, &id).unwrap();
    cluster.nodes[0].kill();
    let database = cluster.nodes[0].data().join("covey.db");
    let damaged = spoil(&database);

    let start = cluster.nodes[0].cli(&["node"]);
    assert_eq!(start.code, Some(1), "{start:?}");
    assert!(start.stderr.contains("covey store set-aside"), "{start:?}");
    assert_eq!(fs::read(&database).unwrap(), damaged, "it is left alone");
    let done = cluster.nodes[0].does(&["store", "set-aside"]);
    assert_eq!(done["knows_cluster"], true);
    assert!(fs::exists(done["aside"].as_str().unwrap()).unwrap(), "{done}");

    cluster.nodes[0].start();
    cluster.await_all();
    let [first, second, third] = cluster.nodes.as_slice() else { panic!("three nodes") };
    assert_eq!(first.id(), id);
    let again = first.get("status.get", &json!({}));
    assert_eq!((&again["cluster"], &again["role"]), (&status["cluster"], &status["role"]));
    assert_eq!(first.member(&id)["labels"]["rack"], "7");
    eventually("it has the sum", PATIENCE, || visits(first, "2"));
    first.does(&["counter", "add", "visits", "3", "--scope", "global"]);
    for node in &cluster.nodes {
        eventually("all have the new sum", PATIENCE, || visits(node, "5"));
    }
    let agent = first.agent("tally");
    assert_eq!(agent["wanted"], true, "{agent}");
    eventually("it has its own events again", PATIENCE, || order_of(first, &id).map(drop));
    let lost = eventually("it says that it lost its disk", PATIENCE, || lost_of(third, &id)).0;
    assert!(lost > order, "event {lost} after {order}");
    for node in [first, second, third] {
        assert_eq!(order_of(node, &id), Ok(order), "{} keeps the event", node.name());
        let check = node.get("event.check", &json!({}));
        assert_eq!(check["faults"], json!([]), "{}: {check}", node.name());
    }
    eventually("it takes events again", PATIENCE, || {
        let told =
            first.ask("event.append", &json!({ "events": [{ "type": "shop.paid", "body": {} }] }));
        told.map(drop).map_err(|refused| refused.text)
    });
}

/// D8: a disk lost the end of what it had acknowledged, and looks as after a crash. The others know
/// better: the node says so, writes nothing more, does not start again on it, and is filled.
#[test]
fn database_whose_log_was_cut_off_is_found_out_by_the_others() {
    let Some(mut cluster) = Cluster::new(2, 0) else { return };
    let [first, second] = cluster.nodes.as_slice() else { panic!("two nodes") };
    let id = first.id().to_owned();
    for order in 1..=ORDERS {
        first.does(&["event", "append", "shop.order", &json!({ "order": order }).to_string()]);
    }
    let last = eventually("the other has the last", PATIENCE, || {
        let last = order_of(second, &id)?;
        if order_of(first, &id) == Ok(last) { Ok(last) } else { Err(format!("event {last}")) }
    });
    cluster.nodes[0].kill();
    let log = cluster.nodes[0].data().join("covey.db-wal");
    cut_off_end(&log, ORDERS * FRAME);

    cluster.nodes[0].start();

    let [first, second] = cluster.nodes.as_slice() else { panic!("two nodes") };
    eventually("it says what is lost", PATIENCE, || {
        let status = first.get("status.get", &json!({}));
        let problems = status["problems"].to_string();
        if problems.contains("store_damaged") { Ok(()) } else { Err(problems) }
    });
    let refused = first.ask("event.append", &json!({ "events": [{ "type": "a.b", "body": {} }] }));
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(order_of(second, &id), Ok(last.0), "what was acknowledged is where it was");
    cluster.nodes[0].kill();
    let start = cluster.nodes[0].cli(&["node"]);
    assert_eq!(start.code, Some(1), "{start:?}");
    assert!(start.stderr.contains("covey store set-aside"), "{start:?}");
    cluster.nodes[0].does(&["store", "set-aside"]);
    cluster.nodes[0].start();
    let first = &cluster.nodes[0];
    eventually("it has its events again", PATIENCE, || match order_of(first, &id) {
        Ok(found) if found == last.0 => Ok(()),
        other => Err(format!("{other:?}")),
    });
}

/// Nothing is set aside that is whole, or that a node uses.
#[test]
fn whole_database_is_not_set_aside() {
    let Some(mut cluster) = Cluster::new(1, 0) else { return };
    let refused = cluster.nodes[0].cli(&["store", "set-aside"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("is used by another instance"), "{refused:?}");

    cluster.nodes[0].kill();
    let refused = cluster.nodes[0].cli(&["store", "set-aside"]);

    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("not damaged"), "{refused:?}");
    cluster.nodes[0].start();
}

/// A node that has no others is the same one of the same cluster, and begins with nothing in it.
#[test]
fn damaged_database_of_a_node_alone_leaves_it_its_cluster() {
    let Some(mut cluster) = Cluster::new(1, 0) else { return };
    let before = cluster.nodes[0].get("status.get", &json!({}));
    cluster.nodes[0].kill();
    let database = cluster.nodes[0].data().join("covey.db");
    spoil(&database);
    cluster.nodes[0].does(&["store", "set-aside"]);

    cluster.nodes[0].start();

    let after = cluster.nodes[0].get("status.get", &json!({}));
    assert_eq!((&after["node"], &after["cluster"]), (&before["node"], &before["cluster"]));
    cluster.nodes[0].does(&["agent", "start", "tally", "--builtin", "counter"]);
}

/// Overwrites every page but the first.
fn spoil(database: &std::path::Path) -> Vec<u8> {
    let mut bytes = fs::read(database).unwrap();
    bytes[4_096..].fill(0x5a);
    fs::write(database, &bytes).unwrap();
    for end in ["-wal", "-shm"] {
        // What a kill leaves.
        drop(fs::remove_file(format!("{}{end}", database.display())));
    }
    bytes
}

/// Takes so many bytes from the end of a file.
fn cut_off_end(path: &std::path::Path, bytes: u64) {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length.checked_sub(bytes).unwrap()).unwrap();
}

fn visits(node: &Node, sum: &str) -> Result<(), String> {
    let found = node.ask("counter.get", &json!({ "counter": "visits", "scope": "global" }));
    let value = found.map_err(|refused| refused.text)?["found"]["value"].clone();
    if value == sum { Ok(()) } else { Err(value.to_string()) }
}

/// The number of the event that tells of the order.
fn order_of(node: &Node, origin: &str) -> Result<u64, String> {
    numbered(node, &json!({ "kinds": ["shop.order"], "origin": origin, "limit": 1 }))
}

/// The number of the event that tells of the loss.
fn lost_of(node: &Node, origin: &str) -> Result<u64, String> {
    numbered(node, &json!({ "kinds": ["events_lost"], "origin": origin, "limit": 1 }))
}

fn numbered(node: &Node, query: &Value) -> Result<u64, String> {
    let page = node.get("event.query", query);
    page["events"][0]["seq"].as_u64().ok_or_else(|| page.to_string())
}
