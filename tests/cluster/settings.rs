//! Settings are followed by every node, across restarts, and wait where there is no majority.

use std::time::{Duration, Instant};

use covey_cluster::{Cluster, Node, eventually};
use serde_json::{Value, json};

use crate::agreement::{await_voters, group, leader_of};

const PATIENCE: Duration = Duration::from_secs(30);
/// One entry of the log and a look at it, on a machine that does other things.
const SPREAD_BOUND: Duration = Duration::from_secs(2);

/// D9: `voters.probation`; C46: every node follows, also one that was away.
#[test]
fn change_on_one_node_counts_on_all_and_after_a_restart() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    let begun = Instant::now();
    set(&cluster.nodes[0], &["voters.probation=1s"]);
    await_voters(&cluster, 3);
    let took = begun.elapsed();
    // Half a minute if nothing is set.
    assert!(took < Duration::from_secs(20), "three vote after {took:?}");

    set(&cluster.nodes[1], &["locks.lease=90s", "logs.lines=20"]);

    for node in &cluster.nodes {
        let (_, took) = eventually("it follows", SPREAD_BOUND, || is(node, "locks.lease", "90s"));
        println!("{} follows after {} ms", node.name(), took.as_millis());
    }
    let place = json!({ "kind": "lock", "name": "door" });
    cluster.nodes[2].get("lease.acquire", &json!({ "place": place }));
    let (lease_ms, _) = eventually("the lock is seen to be held", SPREAD_BOUND, || {
        let lock = cluster.nodes[2].get("coordination.get", &json!({}))["places"][0].clone();
        lock["holds"][0]["lease_ms"].as_u64().ok_or_else(|| lock.to_string())
    });
    assert_eq!(lease_ms, 90_000);

    let away = (cluster.place_of(&leader_of(&cluster.nodes[0])) + 1) % 3;
    let other = (away + 1) % 3;
    cluster.nodes[away].kill();
    let name = cluster.nodes[away].name().to_owned();
    set(&cluster.nodes[other], &["locks.lease=45s"]);
    set(&cluster.nodes[other], &["logs.lines=30", "--node", &name]);
    cluster.nodes[away].start();
    let returned = &cluster.nodes[away];
    eventually("it has what it missed", PATIENCE, || is(returned, "locks.lease", "45s"));
    eventually("and what is its own", PATIENCE, || is(returned, "logs.lines", "30"));
    is(&cluster.nodes[other], "logs.lines", "20").unwrap();

    // One step back, asked for on whichever node.
    cluster.await_all();
    let versions = returned.does(&["setting", "history"]);
    let to = versions.as_array().and_then(|all| all.last()).map(|first| first["version"].clone());
    returned.does(&["setting", "rollback", &to.unwrap().to_string()]);
    eventually("it is undone on all", SPREAD_BOUND, || is(&cluster.nodes[0], "locks.lease", "30s"));
}

/// D9: `logs.lines`.
#[test]
fn as_many_lines_of_an_agent_are_kept_as_the_setting_says() {
    let Some(cluster) = Cluster::new(1, 0) else { return };
    let node = &cluster.nodes[0];
    let script = "for i in $(seq 60); do echo line $i >&2; done; exec cat > /dev/null";
    let runtime = json!({ "kind": "process", "command": ["sh", "-c", script] });
    node.get("agent.start", &json!({ "spec": { "name": "talker", "runtime": runtime } }));
    let lines = || {
        let page = node.get("agent.logs", &json!({ "name": "talker", "lines": 1_000 }));
        page["lines"].as_array().cloned().unwrap_or_default()
    };
    let wrote = |text: &str| {
        let lines = lines();
        if lines.iter().any(|line| line["text"] == text) { Ok(lines) } else { Err(String::new()) }
    };
    let (before, _) = eventually("it wrote its last line", PATIENCE, || wrote("line 60"));
    assert!(before.len() >= 60, "{before:?}");

    set(node, &["logs.lines=15"]);

    eventually("fifteen are left", SPREAD_BOUND, || {
        let lines = lines();
        if lines.len() == 15 { Ok(()) } else { Err(format!("{} lines", lines.len())) }
    });
}

/// C43: what cannot be agreed on waits where it was asked for, and is made in order.
#[test]
fn change_without_a_majority_waits_and_is_made_in_order() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    set(&cluster.nodes[0], &["voters.probation=1s"]);
    await_voters(&cluster, 3);
    cluster.nodes[1].kill();
    cluster.nodes[2].kill();
    let left = &cluster.nodes[0];
    eventually("it holds the others to be down", PATIENCE, || {
        let alive = left.get("status.get", &json!({}))["nodes_alive"].clone();
        if alive == 1 { Ok(()) } else { Err(alive.to_string()) }
    });

    let change = |value: &str| json!({ "changes": [{ "key": "locks.lease", "value": value }] });
    let refused = left.ask("setting.change", &change("10s")).unwrap_err();
    for value in ["1m", "2m", "3m"] {
        left.does(&["setting", "set", &format!("locks.lease={value}"), "--queue"]);
    }
    let waits = left.get("setting.list", &json!({}))["pending"].clone();
    let id = waits[1]["id"].as_str().unwrap();
    left.does(&["setting", "withdraw", id]);

    assert_eq!(refused.code, "no_quorum");
    assert_eq!(waits.as_array().map(Vec::len), Some(3), "{waits}");
    is(left, "locks.lease", "30s").unwrap();
    // What waits is no shorter-lived than the node.
    cluster.nodes[0].kill();
    cluster.nodes[0].start();
    cluster.nodes[1].start();
    let left = &cluster.nodes[0];
    // Each follows the log by itself.
    for node in &cluster.nodes[..2] {
        eventually("the last one counts", PATIENCE, || is(node, "locks.lease", "3m"));
    }
    let versions = left.get("setting.history", &json!({}));
    let leases =
        versions.as_array().into_iter().flatten().flat_map(|version| {
            version["edits"].as_array().cloned().unwrap_or_default().into_iter()
        });
    let leases: Vec<Value> = leases
        .filter(|edit| edit["key"] == "locks.lease")
        .map(|edit| edit["new"].clone())
        .collect();
    assert_eq!(leases, ["1m", "3m"]);
    let kinds = ["settings_queued", "settings_dropped", "setting_changed"];
    let (counts, _) = eventually("the outcomes are told", PATIENCE, || {
        let count = |kind| {
            let page = left.get("event.query", &json!({ "kinds": [kind] }));
            page["events"].as_array().map_or(0, Vec::len)
        };
        let counts = kinds.map(count);
        if counts[2] == 3 { Ok(counts) } else { Err(format!("{counts:?}")) }
    });
    assert_eq!(counts, [3, 1, 3]);
    assert_eq!(left.get("setting.list", &json!({}))["pending"], json!([]));
}

/// D9: `voters.absence`.
#[test]
fn lost_voter_is_replaced_as_soon_as_the_setting_says() {
    let Some(mut cluster) = Cluster::new(4, 0) else { return };
    set(&cluster.nodes[0], &["voters.probation=1s", "voters.absence=10s"]);
    await_voters(&cluster, 3);
    let votes = |node: &Node, of: &str| {
        let group = group(node);
        let members = group["members"].as_array().cloned().unwrap_or_default();
        members.iter().any(|member| member["node"] == of && member["standing"] != "learner")
    };
    let leader = leader_of(&cluster.nodes[0]);
    let seen = &cluster.nodes[cluster.place_of(&leader)];
    let lost = cluster.nodes.iter().find(|node| node.id() != leader && votes(seen, node.id()));
    let lost = cluster.place_of(lost.unwrap().id());
    let spare = cluster.nodes.iter().find(|node| !votes(seen, node.id())).unwrap();
    let (spare, seen) = (spare.id().to_owned(), cluster.place_of(&leader));

    cluster.nodes[lost].kill();

    // A minute if nothing is set.
    let bound = Duration::from_secs(30);
    let (_, took) = eventually("the spare votes", bound, || {
        if votes(&cluster.nodes[seen], &spare) { Ok(()) } else { Err("not yet".to_owned()) }
    });
    println!("the spare votes {} ms after the kill", took.as_millis());
    assert!(took > Duration::from_secs(9), "{took:?} is sooner than ten seconds");
}

/// Sets some by the command line, once the group agrees.
fn set(node: &Node, arguments: &[&str]) {
    let verb: Vec<&str> = ["setting", "set"].iter().chain(arguments).copied().collect();
    eventually("the group agrees", PATIENCE, || {
        let answer = node.cli(&verb);
        if answer.code == Some(0) { Ok(()) } else { Err(format!("{answer:#?}")) }
    });
}

fn is(node: &Node, key: &str, value: &str) -> Result<(), String> {
    let list = node.get("setting.list", &json!({}));
    let found = list["settings"].as_array().into_iter().flatten().find(|there| there["key"] == key);
    let found = found.cloned().unwrap_or_default();
    if found["value"] == value { Ok(()) } else { Err(found.to_string()) }
}
