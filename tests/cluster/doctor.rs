//! Each cause of nodes that do not find or reach each other is brought about, and `covey doctor`
//! names it.

use std::{net::TcpListener, time::Duration};

use covey_cluster::{Cluster, Lan, Node, eventually};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(40);
/// The ports of a node's two networks, as `nft` names them.
const TCP: &str = "tcp dport 4100-4101";
const UDP: &str = "udp dport 4100-4101";

#[test]
fn healthy_cluster_is_well() {
    let Some(cluster) = Cluster::new(2, 0) else { return };

    for node in &cluster.nodes {
        eventually("all is well", PATIENCE, || {
            let report = node.does(&["doctor"]);
            let well = |check: &Value| check["verdict"] == "ok" && check["fix"].is_null();
            let all = report["checks"].as_array().unwrap().iter().all(well);
            if all && report["verdict"] == "ok" { Ok(()) } else { Err(report.to_string()) }
        });
    }
}

#[test]
fn unplugged_cable_is_named() {
    let Some(lan) = Lan::new(1) else { return };
    let mut node = Node::new(&lan, 1, "a", "");
    node.start();
    named(&node, "interface", "ok");

    lan.unplug(1);

    let check = named(&node, "interface", "fail");
    assert!(check["evidence"][0].as_str().unwrap().contains("eth0"), "{check}");
}

#[test]
fn blocked_multicast_is_named() {
    let Some(lan) = Lan::new(1) else { return };
    let mut node = Node::new(&lan, 1, "a", "");
    node.start();
    named(&node, "multicast", "ok");

    lan.shut(1, &["udp dport 5353"], &[]);
    seen(&node, "multicast", "did not come back");
    lan.shut(1, &[], &["udp dport 5353"]);
    seen(&node, "multicast", "nothing could be sent");
    named(&node, "multicast", "fail");
    lan.shut(1, &[], &[]);

    named(&node, "multicast", "ok");
}

#[test]
fn taken_port_is_named_with_its_holder() {
    let Some(lan) = Lan::new(1) else { return };
    let taken = lan.inside(1, || TcpListener::bind("0.0.0.0:4700").unwrap());
    let mut node = Node::new(&lan, 1, "a", "");

    node.launch_with(&["--lobby-port", "4700"]);
    node.await_door();

    let check = named(&node, "port", "warn");
    let text = check["evidence"][0].as_str().unwrap();
    assert!(text.contains("Port 4700 is taken by"), "{check}");
    assert!(text.contains(&format!("(process {})", std::process::id())), "{check}");
    drop(taken);
}

#[test]
fn firewall_that_keeps_others_out_is_named() {
    let Some(cluster) = Cluster::new(2, 0) else { return };
    let [_, b] = cluster.nodes.as_slice() else { panic!("two nodes") };
    named(b, "firewall", "ok");

    cluster.lan.shut(2, &[TCP, UDP], &[]);

    let check = named(b, "firewall", "fail");
    assert!(check["fix"].as_str().unwrap().contains("4100 and 4101"), "{check}");
}

#[test]
fn path_that_leads_one_way_is_named() {
    let Some(lan) = Lan::new(2) else { return };
    lan.shut(2, &[TCP, UDP], &[TCP, UDP]);
    let mut nodes = [(1, "a"), (2, "b")].map(|(host, name)| Node::new(&lan, host, name, ""));

    nodes.iter_mut().for_each(Node::launch);
    nodes.iter_mut().for_each(Node::await_door);

    for node in &nodes {
        let check = named(node, "one_way", "fail");
        let text = check["evidence"][0].as_str().unwrap();
        assert!(text.contains("is announced by multicast at 10.77.0."), "{check}");
    }
}

#[test]
fn member_whose_fabric_port_is_shut_is_named() {
    let Some(cluster) = Cluster::new(2, 0) else { return };
    let [a, b] = cluster.nodes.as_slice() else { panic!("two nodes") };

    for host in [1, 2] {
        let fabric = ["tcp dport 4101", "tcp sport 4101", "udp dport 4101"];
        cluster.lan.shut(host, &fabric, &[]);
    }
    eventually("they lose each other", PATIENCE, || {
        let row = a.member(b.id());
        if row["state"] == "down" { Ok(()) } else { Err(row.to_string()) }
    });

    let check = named(a, "members", "fail");
    assert!(check["evidence"][0].as_str().unwrap().contains("answers strangers"), "{check}");
}

/// Waits until a check has this in what it saw.
fn seen(node: &Node, kind: &str, words: &str) {
    eventually(&format!("{kind}: {words}"), PATIENCE, || {
        let report = node.does(&["doctor"]);
        let checks = report["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["kind"] == kind).unwrap();
        if check["evidence"].to_string().contains(words) { Ok(()) } else { Err(check.to_string()) }
    });
}

/// The check, once it has the verdict.
fn named(node: &Node, kind: &str, verdict: &str) -> Value {
    let (check, _) = eventually(&format!("{kind} is {verdict}"), PATIENCE, || {
        let report = node.does(&["doctor"]);
        let checks = report["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["kind"] == kind).unwrap();
        let fixed = check["fix"].is_string() == (verdict != "ok");
        if check["verdict"] == verdict && fixed {
            Ok(check.clone())
        } else {
            Err(check.to_string())
        }
    });
    check
}
