//! Many who wait for one thing, on five machines, while some of them go away.

use std::{collections::BTreeSet, thread, time::Duration};

use covey_cluster::{Cluster, Node, Refused, eventually};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(90);
/// How long a command may wait that waits for others.
const LONG: Duration = Duration::from_millis(LONG_MS);
const LONG_MS: u64 = 240_000;
const PARTIES: usize = 1_000;
const WAITERS: usize = 100;
/// Every fifth of those who wait in line dies when it has the lock.
const MORTAL: usize = 5;

/// D5: a thousand wait on five machines, and a barrier opens once for all of them.
#[test]
fn barrier_of_a_thousand_opens_once() {
    let Some(cluster) = Cluster::new(5, 0) else { return };
    await_group(&cluster.nodes);

    let answers = all_arrive(&cluster.nodes, PARTIES, PARTIES);

    let answers: Vec<Value> = answers.into_iter().map(Result::unwrap).collect();
    let generations: BTreeSet<u64> =
        answers.iter().map(|answer| answer["generation"].as_u64().unwrap()).collect();
    assert_eq!((answers.len(), generations.len()), (PARTIES, 1), "{generations:?}");
    assert!(answers.iter().all(|answer| answer["fate"] == "opened"));
}

/// D5: when the machine of one party is gone, everyone who waits is told whose it was, that one
/// too when it is back.
#[test]
fn death_of_a_party_reports_to_all() {
    let Some(cluster) = Cluster::new(5, 0) else { return };
    await_group(&cluster.nodes);
    let (lost, others) = cluster.nodes.split_last().unwrap();
    let there = 100;

    let (doomed, fates) = thread::scope(|scope| {
        let doomed = scope.spawn(|| arrive(lost, "doomed", there + 1));
        let waiting = scope.spawn(|| all_arrive(others, there - 1, there + 1));
        eventually("all but one are there", PATIENCE, || {
            let view = others[0].get("coordination.get", &json!({}));
            let arrived = view["barriers"][0]["arrived"].as_array().map_or(0, Vec::len);
            if arrived == there { Ok(()) } else { Err(arrived.to_string()) }
        });
        lost.freeze();
        let fates = waiting.join().unwrap();
        lost.thaw();
        (doomed.join().unwrap(), fates)
    });

    for answer in fates.into_iter().chain([doomed]) {
        let broken = &answer.unwrap()["fate"]["broken"];
        assert_eq!(broken["cause"], "node_lost");
        assert_eq!(
            (&broken["by"]["node"], &broken["by"]["session"]),
            (&json!(lost.id()), &json!("doomed"))
        );
    }
}

/// D5: a hundred stand in line on five machines. They get the lock in the order of asking, one at a
/// time, though every fifth dies with it and says nothing.
#[test]
fn line_of_a_hundred_moves_on_though_holders_die() {
    let Some(cluster) = Cluster::new(5, 0) else { return };
    await_group(&cluster.nodes);
    let first = acquire(&cluster.nodes[0], "first").unwrap();

    let tokens: Vec<u64> = thread::scope(|scope| {
        let mut waiting = Vec::new();
        for number in 0..WAITERS {
            let node = &cluster.nodes[number % cluster.nodes.len()];
            waiting.push(scope.spawn(move || {
                if number % MORTAL == 0 {
                    return dies_with_the_lock(node, number);
                }
                let token = acquire(node, &format!("w{number}")).unwrap();
                release(node, token).unwrap();
                token
            }));
            eventually("it stands in line", PATIENCE, || {
                let line = line(node);
                if line == number + 1 { Ok(()) } else { Err(line.to_string()) }
            });
        }
        release(&cluster.nodes[0], first).unwrap();
        waiting.into_iter().map(|waiter| waiter.join().unwrap()).collect()
    });

    assert_eq!(tokens.len(), WAITERS);
    assert!(tokens.is_sorted() && tokens.windows(2).all(|pair| pair[0] < pair[1]), "{tokens:?}");
    assert!(tokens[0] > first);
}

/// A process that ends as soon as it has the lock, and never gives it up.
fn dies_with_the_lock(node: &Node, number: usize) -> u64 {
    let session = format!("mortal-{number}");
    let wait = ["--lease", "1s", "--wait", "4m", "--session", &session];
    let held = node.does(&[&["lock", "acquire", "door"][..], &wait].concat());
    held["token"].as_u64().unwrap()
}

fn acquire(node: &Node, session: &str) -> Result<u64, Refused> {
    let asked = json!({
        "place": door(), "session": session, "lease_ms": 60_000, "wait_ms": LONG_MS,
    });
    let held = node.ask_within("lease.acquire", &asked, LONG + PATIENCE)?;
    Ok(held["token"].as_u64().unwrap_or_default())
}

fn release(node: &Node, token: u64) -> Result<Value, Refused> {
    node.ask("lease.release", &json!({ "place": door(), "token": token }))
}

fn line(node: &Node) -> usize {
    let view = node.get("coordination.get", &json!({}));
    view["places"][0]["line"].as_array().map_or(0, Vec::len)
}

fn door() -> Value {
    json!({ "kind": "lock", "name": "door" })
}

/// So many come to the barrier at once, spread over the nodes; what each was told.
fn all_arrive(nodes: &[Node], count: usize, parties: usize) -> Vec<Result<Value, Refused>> {
    thread::scope(|scope| {
        let come = |number: usize| {
            let node = &nodes[number % nodes.len()];
            scope.spawn(move || arrive(node, &format!("p{number}"), parties))
        };
        let waiting: Vec<_> = (0..count).map(come).collect();
        waiting.into_iter().map(|party| party.join().unwrap()).collect()
    })
}

fn arrive(node: &Node, session: &str, parties: usize) -> Result<Value, Refused> {
    let asked = json!({
        "barrier": "gate", "session": session, "parties": parties, "wait_ms": LONG_MS,
    });
    node.ask_within("barrier.wait", &asked, LONG + PATIENCE)
}

/// Waits until every node was let into the group and knows who leads.
fn await_group(nodes: &[Node]) {
    for node in nodes {
        eventually("it is in the group", PATIENCE, || {
            let group = node.get("coordination.get", &json!({}))["group"].clone();
            let inside = group["standing"] != "outside" && group["leader"].is_string();
            if inside { Ok(()) } else { Err(group.to_string()) }
        });
    }
}
