//! How real nodes find each other, and keep to each other when the network changes under them.

use std::{fs, net::Ipv4Addr, time::Duration};

use covey_cluster::{Cluster, Lan, Node, builtin, eventually, pair};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(40);
const KEY: &str = "join_key = \"3f9a1c77e0b24d58\"";

/// K1, K10: started at the same instant with one key, three to seven nodes become one cluster, and
/// none waits for ever.
#[test]
fn nodes_started_at_the_same_instant_become_one_cluster() {
    for size in [3_u8, 5, 7] {
        let Some(lan) = Lan::new(size) else { return };
        let mut nodes: Vec<_> =
            (1..=size).map(|host| Node::new(&lan, host, &format!("n{host}"), KEY)).collect();

        nodes.iter_mut().for_each(Node::launch);
        nodes.iter_mut().for_each(Node::await_door);

        let (_, took) = eventually("all are one cluster", PATIENCE * 2, || whole(&nodes));
        println!("{size} nodes: {} ms", took.as_millis());
    }
}

/// K2, K9: a node of another cluster with another key is seen, is not connected, changes nothing,
/// and the reason is told on both sides.
#[test]
fn node_of_another_cluster_changes_nothing_and_is_told_of() {
    let Some(lan) = Lan::new(3) else { return };
    let other = "join_key = \"another-key-of-sixteen\"";
    let mut nodes = [(1, "a", KEY), (2, "b", KEY), (3, "stranger", other)]
        .map(|(host, name, settings)| Node::new(&lan, host, name, settings));

    nodes.iter_mut().for_each(Node::launch);
    nodes.iter_mut().for_each(Node::await_door);

    let [a, b, stranger] = &nodes;
    eventually("the two are one cluster", PATIENCE, || {
        let both = [a, b].map(|node| status(node)["nodes_alive"].clone());
        if both == [json!(2), json!(2)] { Ok(()) } else { Err(json!(both).to_string()) }
    });
    for (node, seen) in [(a, stranger), (stranger, a)] {
        eventually("the other key is told of", PATIENCE, || {
            let pairing = node.get("pairing.get", &json!({}));
            let near = pairing["nearby"].as_array().unwrap();
            let row = near.iter().find(|row| row["node"] == seen.id()).cloned();
            let row = row.ok_or_else(|| pairing.to_string())?;
            if row["join_key"] == "other" { Ok(()) } else { Err(row.to_string()) }
        });
    }
    assert_eq!(status(stranger)["nodes_known"], 1);
    assert_eq!(status(a)["nodes_known"], 2);
    assert_ne!(status(stranger)["cluster"], status(a)["cluster"]);
}

/// K3: found again and again, in two ways, a member is connected once and told of once.
#[test]
fn member_found_again_is_told_of_once() {
    let Some(lan) = Lan::new(2) else { return };
    let mut a = Node::new(&lan, 1, "a", "");
    let also = format!("peers = [\"{}:{}\"]", Lan::address(1), Node::LOBBY_PORT);
    let mut b = Node::new(&lan, 2, "b", &also);
    a.start();
    b.start();
    pair(&b, &a);

    eventually("it was found by its address, too", PATIENCE, || {
        let report = b.get("doctor.run", &json!({}));
        let found = |kind: &str| {
            let sources = report["sources"].as_array().unwrap();
            sources.iter().any(|source| source["kind"] == kind && source["state"] == "found")
        };
        if found("mdns") && found("address") { Ok(()) } else { Err(report["sources"].to_string()) }
    });

    for node in [&a, &b] {
        let events = node.get("event.query", &json!({ "kinds": ["member_up"] }));
        let ups = events["events"].as_array().unwrap();
        assert_eq!(ups.iter().filter(|event| event["origin"] == node.id()).count(), 1, "{events}");
    }
}

/// K4: with nothing left that could find it, a lost member is dialled until it is there again.
#[test]
fn lost_member_is_dialled_again_without_discovery() {
    let Some(cluster) = Cluster::new(2, 0) else { return };
    let [a, b] = cluster.nodes.as_slice() else { panic!("two nodes") };
    for host in [1, 2] {
        cluster.lan.shut(host, &["udp dport 5353"], &["udp dport 5353"]);
    }

    cluster.lan.unplug(2);
    eventually("it is down", PATIENCE, || {
        let row = a.member(b.id());
        if row["state"] == "down" { Ok(()) } else { Err(row.to_string()) }
    });
    cluster.lan.plug(2);

    cluster.await_all();
}

/// K7: with multicast blocked, an address given by hand is enough for everything.
#[test]
fn joining_by_address_works_where_multicast_is_blocked() {
    let Some(lan) = Lan::new(2) else { return };
    for host in [1, 2] {
        lan.shut(host, &["udp dport 5353"], &["udp dport 5353"]);
    }
    let mut nodes =
        [(1, "host"), (2, "joiner")].map(|(host, name)| Node::new(&lan, host, name, ""));
    nodes.iter_mut().for_each(Node::launch);
    nodes.iter_mut().for_each(Node::await_door);
    let [host, joiner] = &nodes;

    let shown = joiner.does(&["join", &format!("{}:{}", Lan::address(1), Node::LOBBY_PORT)]);
    host.does(&["accept", shown["digits"].as_str().unwrap()]);

    eventually("both are one cluster", PATIENCE, || whole(&nodes));
    drop(host.get("agent.start", &json!({ "spec": builtin("echo", "echo"), "pin": joiner.id() })));
    eventually("agents are called across", PATIENCE, || {
        host.call("echo", "echo", PATIENCE).map_err(|error| error.text)
    });
}

/// K6: seeds that cannot be resolved and settings that cannot be read are told of; the node runs.
#[test]
fn node_with_bad_seeds_runs_alone_and_says_so() {
    let Some(lan) = Lan::new(1) else { return };
    let settings = format!(
        "peers = [\"10.77.0.9:4100\", \"no address\"]\ndns = [\"nowhere.test\"]\n\
         dns_servers = [\"{}\"]\nsame_machine = 3",
        Lan::address(9)
    );
    let mut node = Node::new(&lan, 1, "a", "");
    // The harness states where instances of one machine meet; this one states it wrongly.
    let file = node.data().join("covey.toml");
    let stated = fs::read_to_string(&file).unwrap().replace("same_machine = false", &settings);
    fs::write(&file, stated).unwrap();

    node.start();

    assert_eq!(status(&node)["nodes_known"], 1);
    for (target, words) in
        [("10.77.0.9", "nothing answers"), ("no address", "no address"), ("nowhere.test", "DNS")]
    {
        eventually(&format!("{target} is reported"), PATIENCE, || {
            let report = node.does(&["doctor"]);
            let sources = report["sources"].as_array().unwrap();
            let row = sources.iter().find(|row| row["target"].as_str().unwrap().contains(target));
            let row = row.ok_or_else(|| report.to_string())?;
            let error = row["error"].as_str().unwrap_or_default();
            let told = row["state"] == "failing" && error.contains(words);
            if told { Ok(()) } else { Err(row.to_string()) }
        });
    }
    let report = node.does(&["doctor"]);
    let checks = report["checks"].as_array().unwrap();
    let settings = checks.iter().find(|check| check["kind"] == "settings").unwrap();
    assert_eq!(settings["verdict"], "warn", "{settings}");
    assert!(settings["evidence"][0].as_str().unwrap().contains("same_machine"), "{settings}");
}

/// Whoever knows only a member that may let nobody in is told by it who may.
#[test]
fn address_of_a_worker_is_enough_to_join() {
    let Some(lan) = Lan::new(3) else { return };
    let silent = format!("mdns = false\n{KEY}");
    let boot =
        |host| format!("{silent}\npeers = [\"{}:{}\"]", Lan::address(host), Node::LOBBY_PORT);
    let settings = [silent.clone(), boot(1), boot(2)];
    let mut nodes: Vec<_> = (1..=3_u8)
        .zip(settings)
        .map(|(host, settings)| Node::new(&lan, host, &format!("n{host}"), &settings))
        .collect();

    for count in 1..=3 {
        nodes[count - 1].launch();
        nodes[count - 1].await_door();
        eventually("all so far are members", PATIENCE * 2, || whole(&nodes[..count]));
    }

    assert_eq!(nodes[1].get("status.get", &json!({}))["role"], "worker");
}

/// A returning member that has lost its address book needs the address of one other; the rest it
/// learns from that one.
#[test]
fn one_address_is_enough_to_reach_every_member() {
    let Some(lan) = Lan::new(4) else { return };
    let silent = format!("mdns = false\n{KEY}");
    let boot = format!("{silent}\npeers = [\"{}:{}\"]", Lan::address(1), Node::LOBBY_PORT);
    let mut nodes: Vec<_> = (1..=4_u8)
        .map(|host| {
            let settings = if host == 1 { &silent } else { &boot };
            Node::new(&lan, host, &format!("n{host}"), settings)
        })
        .collect();

    nodes.iter_mut().for_each(Node::launch);
    nodes.iter_mut().for_each(Node::await_door);

    eventually("all are connected to all", PATIENCE * 2, || whole(&nodes));
    let report = nodes[3].does(&["doctor"]);
    let sources = report["sources"].as_array().unwrap();
    let routing = sources.iter().find(|source| source["kind"] == "routing").unwrap();
    assert_eq!((&routing["state"], &routing["found"]), (&json!("found"), &json!(3)), "{routing}");
}

/// K8: a copied data folder makes a second node with one identity; the later one is refused, says
/// why, and does no harm; the first one says where it was.
#[test]
fn second_machine_with_the_same_identity_is_refused() {
    let Some(lan) = Lan::new(2) else { return };
    let mut first = Node::new(&lan, 1, "first", "");
    let mut copy = Node::new(&lan, 2, "copy", "");
    first.start();
    // Further apart than what counts as a tie.
    covey_cluster::hold(Duration::from_secs(8));
    fs::copy(first.data().join("identity"), copy.data().join("identity")).unwrap();

    copy.launch();

    assert_eq!(copy.ended(PATIENCE), Some(1), "{}", copy.log());
    assert!(copy.log().contains("runs with the same identity"), "{}", copy.log());
    assert!(copy.log().contains(&Lan::address(1).to_string()), "{}", copy.log());
    assert_eq!(first.does(&["status"])["node"], first.id());
    eventually("the first one was warned", PATIENCE, || {
        let status = status(&first);
        let problems = status["problems"].as_array().unwrap();
        let told = problems.iter().any(|problem| problem["kind"] == "twin");
        if told { Ok(()) } else { Err(status.to_string()) }
    });
    let report = first.does(&["doctor"]);
    let checks = report["checks"].as_array().unwrap();
    let identity = checks.iter().find(|check| check["kind"] == "identity").unwrap();
    assert_eq!(identity["verdict"], "fail", "{identity}");
}

/// K11: a member that gets another address is reached there, as the node that it was.
#[test]
fn member_with_a_new_address_is_reached_there() {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    let [a, b, c] = cluster.nodes.as_slice() else { panic!("three nodes") };
    drop(a.get("agent.start", &json!({ "spec": builtin("echo", "echo"), "pin": b.id() })));
    eventually("the agent answers", PATIENCE, || {
        a.call("echo", "echo", PATIENCE).map_err(|error| error.text)
    });
    let moved = Ipv4Addr::new(10, 77, 0, 99);

    cluster.lan.readdress(2, moved);

    let (_, took) = eventually("all are connected at the new address", PATIENCE, || {
        for node in [a, c] {
            let row = node.member(b.id());
            let addresses = row["addresses"].to_string();
            let there = row["state"] == "alive" && !row["link"].is_null();
            if !(there && addresses.contains("10.77.0.99") && !addresses.contains("10.77.0.2/")) {
                return Err(row.to_string());
            }
        }
        // It is connected again, and not by the connection that leads nowhere any more.
        a.call("echo", "echo", Duration::from_secs(1)).map_err(|error| error.text)
    });
    println!("recovered after {} ms", took.as_millis());
    cluster.await_all();
    assert_eq!(status(b)["node"], b.id());
}

fn status(node: &Node) -> Value {
    node.get("status.get", &json!({}))
}

/// Whether every node holds all to be alive and of one cluster.
fn whole(nodes: &[Node]) -> Result<(), String> {
    let all: Vec<Value> = nodes.iter().map(status).collect();
    let one = |status: &Value| {
        status["nodes_alive"] == nodes.len() && status["cluster"] == all[0]["cluster"]
    };
    if all.iter().all(one) { Ok(()) } else { Err(json!(all).to_string()) }
}
