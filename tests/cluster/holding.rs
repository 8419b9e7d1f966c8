//! A name that consensus keeps has one holder at a time, whatever happens to the node that holds it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use covey_cluster::{Cluster, eventually, hold};
use serde_json::json;

use crate::agreement::await_voters;

const PATIENCE: Duration = Duration::from_secs(60);
/// The lease of six seconds, the end of it said by a leader that may be new, and a busy machine.
const FREE: Duration = Duration::from_secs(25);
/// Well before the lease of six seconds ends by itself, of which a start takes one.
const EARLY: Duration = Duration::from_secs(4);
/// A holder lets go a second before its lease ends: half of it is left for a busy machine.
const APART: Duration = Duration::from_millis(500);
const NAME: &str = "desk/printer";

/// The cable of the holder is cut: it has let go of the name when another is granted it.
#[test]
fn holder_that_is_cut_off_lets_go_before_another_is_granted_the_name() {
    let Some(cluster) = agreed() else { return };

    for round in 0..3 {
        let (lost, other) = (round % 3, (round + 1) % 3);
        let first = granted(&cluster, lost);
        let before = Instant::now();

        cluster.nodes[lost].unplug();
        let granted = AtomicBool::new(false);
        let (last, second, at) = thread::scope(|scope| {
            // When it said so last that it holds the name, and was asked no earlier.
            let watch = scope.spawn(|| {
                let mut last = before;
                while !granted.load(Ordering::Relaxed) {
                    let asked = Instant::now();
                    if holds(&cluster, lost, lost).is_some() {
                        last = asked;
                    }
                    hold(Duration::from_millis(10));
                }
                last
            });
            let (second, _) = eventually("another is granted it", FREE, || claim(&cluster, other));
            let at = Instant::now();
            granted.store(true, Ordering::Relaxed);
            (watch.join().unwrap(), second, at)
        });

        println!(
            "round {round}: let go {} ms after the cut, granted {} ms after that",
            (last - before).as_millis(),
            (at - last).as_millis()
        );
        assert!(second > first, "round {round}: {first}, then {second}");
        assert!(last + APART < at, "round {round}: {:?}", at - last);
        assert_eq!(holds(&cluster, lost, lost), None, "round {round}");
        eventually("it holds the others to be down", PATIENCE, || {
            let alive = cluster.nodes[lost].get("status.get", &json!({}))["nodes_alive"].clone();
            if alive == 1 { Ok(()) } else { Err(alive.to_string()) }
        });
        // It hears ten times a second which voters are in sight; until then there is no leader.
        let (took, _) = eventually("a claim is refused for want of a majority", FREE, || {
            let begun = Instant::now();
            match register(&cluster, lost, "desk/other") {
                Err(code) if code == "no_quorum" => Ok(begun.elapsed()),
                other => Err(format!("{other:?}")),
            }
        });
        assert!(took < Duration::from_secs(1), "round {round}: {took:?}");

        cluster.nodes[lost].plug();
        cluster.await_all();
        eventually("it hears who holds the name", PATIENCE, || {
            holds(&cluster, lost, other).ok_or_else(|| "not yet".to_owned())
        });
        release(&cluster, other);
    }
}

/// The process of the holder stands still past its lease: the first answer that it gives afterwards is
/// that it holds the name no more.
#[test]
fn holder_that_stood_still_does_not_hold_the_name_when_it_goes_on() {
    let Some(cluster) = agreed() else { return };

    for round in 0..3 {
        let (lost, other) = (round % 3, (round + 1) % 3);
        let first = granted(&cluster, lost);

        cluster.nodes[lost].freeze();
        let (second, _) = eventually("another is granted it", FREE, || claim(&cluster, other));
        cluster.nodes[lost].thaw();
        let held = holds(&cluster, lost, lost);

        assert!(second > first, "round {round}: {first}, then {second}");
        assert_eq!(held, None, "round {round}");
        cluster.await_all();
        eventually("it hears who holds the name", PATIENCE, || {
            holds(&cluster, lost, other).ok_or_else(|| "not yet".to_owned())
        });
        let now = cluster.nodes[lost].get(
            "name.lookup",
            &json!({
                "name": NAME, "linearizable": true,
            }),
        );
        assert_eq!(
            (&now["node"], &now["token"]),
            (&json!(cluster.nodes[other].id()), &json!(second))
        );
        release(&cluster, other);
    }
}

/// A node that starts anew frees at once what its earlier life held.
#[test]
fn names_of_a_killed_node_are_free_when_it_has_started_anew() {
    let Some(mut cluster) = agreed() else { return };
    let first = granted(&cluster, 2);

    cluster.nodes[2].kill();
    cluster.nodes[2].start();
    let (second, took) = eventually("another is granted it", FREE, || claim(&cluster, 0));

    println!("granted {} ms after the start", took.as_millis());
    assert!(took < EARLY, "{took:?}");
    assert!(second > first, "{first}, then {second}");
}

/// Three nodes that vote, and a namespace that consensus keeps.
fn agreed() -> Option<Cluster> {
    let cluster = Cluster::new(3, 0)?;
    eventually("the group agrees", PATIENCE, || {
        let answer = cluster.nodes[0].cli(&["setting", "set", "voters.probation=1s"]);
        if answer.code == Some(0) { Ok(()) } else { Err(format!("{answer:?}")) }
    });
    await_voters(&cluster, 3);
    cluster.nodes[0].does(&["names", "namespace", "set", "desk", "consensus"]);
    eventually("every node hears of it", PATIENCE, || {
        let kept = |node: &covey_cluster::Node| {
            let namespaces = node.get("namespaces.list", &json!({}));
            let all = namespaces.as_array().cloned().unwrap_or_default();
            all.iter().any(|it| it["id"] == "desk" && it["backend"] == "consensus")
        };
        if cluster.nodes.iter().all(kept) { Ok(()) } else { Err("not yet".to_owned()) }
    });
    Some(cluster)
}

/// Has a node granted the name, and gives the token.
fn granted(cluster: &Cluster, node: usize) -> u64 {
    eventually("it is granted the name", PATIENCE, || claim(cluster, node)).0
}

fn claim(cluster: &Cluster, node: usize) -> Result<u64, String> {
    let token = register(cluster, node, NAME)?;
    assert_eq!(token, holds(cluster, node, node), "the token is that of the name");
    token.ok_or_else(|| "granted, and not there".to_owned())
}

/// The token, or the code of why it was refused.
fn register(cluster: &Cluster, node: usize, name: &str) -> Result<Option<u64>, String> {
    let wish = json!({ "names": [{ "name": name }] });
    let reply = cluster.nodes[node].ask_within("name.register", &wish, PATIENCE);
    let reply = reply.map_err(|refused| refused.code)?;
    let refused = &reply["outcomes"][0];
    if refused.is_null() {
        return Ok(reply["tokens"][0].as_u64());
    }
    Err(refused["code"].as_str().unwrap_or("no code").to_owned())
}

fn release(cluster: &Cluster, node: usize) {
    cluster.nodes[node].get("name.deregister", &json!({ "names": [NAME] }));
}

/// The token under which `holder` holds the name, as `node` says.
fn holds(cluster: &Cluster, node: usize, holder: usize) -> Option<u64> {
    let found = cluster.nodes[node].get("name.lookup", &json!({ "name": NAME }));
    let is_it = found["node"] == cluster.nodes[holder].id();
    found["token"].as_u64().filter(|_| is_it)
}
