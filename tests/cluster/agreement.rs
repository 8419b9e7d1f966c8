//! What the cluster agrees on survives the loss of whoever led, and without a majority says so.

use std::time::{Duration, Instant};

use covey_cluster::{Cluster, Node, eventually, rounds};
use serde_json::{Value, json};

/// A learner votes after half a minute.
const PROBATION: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(30);
/// Three seconds, and as much again for unoptimised code on a machine that does other things.
const FAILOVER_BOUND: Duration = Duration::from_secs(6);

/// D2: the leader is killed; writes go on, and none that was acknowledged is lost.
#[test]
fn writes_go_on_after_the_leader_is_killed() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    await_voters(&cluster, 3);
    let mut acknowledged = 0;

    for round in 1..=rounds() {
        for node in &cluster.nodes {
            acknowledged += 1;
            assert_eq!(add(node), Ok(acknowledged), "round {round}: {}", node.name());
        }
        let leader = leader_of(&cluster.nodes[0]);
        let lost = cluster.place_of(&leader);
        let other = (lost + 1) % 3;

        cluster.nodes[lost].kill();
        let begun = Instant::now();
        let (value, _) =
            eventually("a write is acknowledged", FAILOVER_BOUND, || add(&cluster.nodes[other]));

        println!("round {round}: a write {} ms after the kill", begun.elapsed().as_millis());
        // One that was not acknowledged may have been made all the same.
        assert!(value > acknowledged, "round {round}: {value} after {acknowledged}");
        acknowledged = value;
        cluster.nodes[lost].start();
        cluster.await_all();
        await_voters(&cluster, 3);
        let read = read(&cluster.nodes[lost]);
        assert_eq!(read, Ok(acknowledged), "round {round}: the one that was lost reads it");
    }
}

/// D3: without a majority the answer comes at once, and what needs none goes on.
#[test]
fn without_a_majority_the_answer_comes_at_once() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    await_voters(&cluster, 3);
    add(&cluster.nodes[0]).unwrap();
    cluster.nodes[1].kill();
    cluster.nodes[2].kill();
    let left = &cluster.nodes[0];
    eventually("it holds the others to be down", PATIENCE, || {
        let alive = left.get("status.get", &json!({}))["nodes_alive"].clone();
        if alive == 1 { Ok(()) } else { Err(alive.to_string()) }
    });
    // The group hears ten times a second who is in sight.
    eventually("its part of the group sees one voter", PATIENCE, || {
        let seen = group(left)["voters_seen"].clone();
        if seen == 1 { Ok(()) } else { Err(seen.to_string()) }
    });

    let begun = Instant::now();
    let refused = left.ask("counter.add", &json!({ "counter": "hits", "by": 1 }));
    let took = begun.elapsed();

    assert_eq!(refused.unwrap_err().code, "no_quorum");
    // Its deadline is five seconds.
    assert!(took < Duration::from_secs(3), "{took:?}");
    let names = json!({ "names": [{ "name": "printer" }] });
    assert_eq!(left.get("name.register", &names)["outcomes"], json!([null]));
    cluster.nodes[1].start();
    let left = &cluster.nodes[0];
    let (value, _) = eventually("a majority is back", PATIENCE, || add(left));
    assert!(value >= 2, "{value}");
}

/// D3: of two nodes one votes; the other may go, and comes back to everything.
#[test]
fn of_two_nodes_the_learner_may_go() {
    let Some(mut cluster) = Cluster::new(2, 0) else { return };
    let learns = |node: &Node| {
        let group = group(node);
        if group["standing"] == "learner" { Ok(()) } else { Err(group.to_string()) }
    };
    eventually("the second learns", PATIENCE, || learns(&cluster.nodes[1]));
    assert_eq!(add(&cluster.nodes[1]), Ok(1), "a learner hands a wish on");

    cluster.nodes[1].kill();

    assert_eq!(add(&cluster.nodes[0]), Ok(2));
    cluster.nodes[1].start();
    let (value, _) = eventually("it reads what was written", PATIENCE, || read(&cluster.nodes[1]));
    assert_eq!(value, 2);
}

/// D3: of two nodes the one that votes is lost; the other has all that was acknowledged, and goes on
/// once an admin says so. The voter comes back, and follows.
#[test]
fn of_two_nodes_the_voter_is_recovered_from() {
    let Some(mut cluster) = Cluster::of_admins(2) else { return };
    eventually("the second learns", PATIENCE, || {
        let group = group(&cluster.nodes[1]);
        if group["standing"] == "learner" { Ok(()) } else { Err(group.to_string()) }
    });
    for value in 1..=50 {
        assert_eq!(add(&cluster.nodes[0]), Ok(value));
    }
    cluster.nodes[0].kill();
    let left = &cluster.nodes[1];
    eventually("it holds the voter to be down", PATIENCE, || {
        let alive = left.get("status.get", &json!({}))["nodes_alive"].clone();
        if alive == 1 { Ok(()) } else { Err(alive.to_string()) }
    });
    let refused = left.ask("counter.add", &json!({ "counter": "hits", "by": 1 }));
    assert_eq!(refused.unwrap_err().code, "no_quorum");
    let names = json!({ "names": [{ "name": "printer" }] });
    assert_eq!(left.get("name.register", &names)["outcomes"], json!([null]));

    let recovery = left.get("coordination.recovery", &json!({}));
    assert_eq!(recovery["lost"], json!([cluster.nodes[0].id()]), "{recovery}");
    drop(left.get("coordination.recover", &json!({})));

    let (value, _) = eventually("it agrees alone", PATIENCE, || add(left));
    assert_eq!(value, 51, "nothing that was acknowledged is lost");
    cluster.nodes[0].start();
    eventually("the old voter follows", PATIENCE, || match read(&cluster.nodes[0]) {
        Ok(51) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    assert_eq!(add(&cluster.nodes[0]), Ok(52));
    assert_eq!(group(&cluster.nodes[0])["standing"], "learner");
}

/// K96, and the command line: a token of a holding that is over is refused.
#[test]
fn lock_passes_on_when_its_holder_is_killed() {
    let Some(mut cluster) = Cluster::new(2, 0) else { return };
    eventually("the second is in the group", PATIENCE, || {
        let group = group(&cluster.nodes[1]);
        if group["leader"].is_string() { Ok(()) } else { Err(group.to_string()) }
    });
    let acquire = ["lock", "acquire", "door", "--lease", "3s"];
    let first = cluster.nodes[1].does(&acquire)["token"].as_u64().unwrap();
    let refused = cluster.nodes[0].cli(&acquire);
    assert_eq!(refused.code, Some(1), "{refused:#?}");

    cluster.nodes[1].kill();
    let waiting = ["lock", "acquire", "door", "--lease", "3s", "--wait", "20s"];
    let second = cluster.nodes[0].does(&waiting)["token"].as_u64().unwrap();

    assert!(second > first, "{second} after {first}");
    let place = json!({ "kind": "lock", "name": "door" });
    let stale = cluster.nodes[0].ask("lease.renew", &json!({ "place": place, "token": first }));
    assert_eq!(stale.unwrap_err().code, "disagreed");
    cluster.nodes[0].does(&["lock", "release", "door", &second.to_string()]);
    assert_eq!(cluster.nodes[0].does(&["coordination"])["places"], json!([]));
}

pub(crate) fn add(node: &Node) -> Result<u64, String> {
    let added = node.ask("counter.add", &json!({ "counter": "hits", "by": 1 }));
    value(&added.map_err(|error| error.to_string())?)
}

pub(crate) fn read(node: &Node) -> Result<u64, String> {
    let read = node.ask("counter.get", &json!({ "counter": "hits" }));
    value(&read.map_err(|error| error.to_string())?["found"])
}

fn value(answer: &Value) -> Result<u64, String> {
    let text = answer["value"].as_str().unwrap_or_default();
    text.parse().ok().ok_or_else(|| answer.to_string())
}

pub(crate) fn group(node: &Node) -> Value {
    node.get("coordination.get", &json!({}))["group"].clone()
}

pub(crate) fn leader_of(node: &Node) -> String {
    let (leader, _) = eventually("somebody leads", PATIENCE, || {
        let group = group(node);
        group["leader"].as_str().map(str::to_owned).ok_or_else(|| group.to_string())
    });
    leader
}

/// Waits until so many vote, as every node has it.
pub(crate) fn await_voters(cluster: &Cluster, count: usize) {
    for node in &cluster.nodes {
        eventually("enough of them vote", PROBATION, || {
            let group = group(node);
            let members = group["members"].as_array().cloned().unwrap_or_default();
            let votes = |member: &&Value| member["standing"] != "learner";
            let enough = members.iter().filter(votes).count() == count;
            if enough && group["leader"].is_string() { Ok(()) } else { Err(group.to_string()) }
        });
    }
}
