//! A cluster that is restarted node by node, while everyone calls its counters.

use std::{
    sync::{
        RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use covey_cluster::{Cluster, Node, builtin, eventually};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(120);
const NODES: u8 = 5;
const COUNTERS: usize = 100;
/// So many that one whose counter is on its way holds few others up.
const CALLERS: usize = 20;
/// Of one caller: together they make two hundred a second.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a call may take, a hand-off among it.
const CALL: Duration = Duration::from_secs(10);

/// B6, C5: no call fails beyond one retry, and no count is lost or doubled.
///
/// Each counter has one caller, which knows its count: an answer other than the next number is a
/// count that was lost or doubled. A caller whose connection broke does not know whether its call
/// was handled; it looks at the count before it asks again.
#[test]
fn rolling_restart_loses_and_doubles_no_count() {
    let Some(cluster) = Cluster::new(NODES, 0) else { return };
    let Cluster { nodes, .. } = cluster;
    for n in 0..COUNTERS {
        let mut spec = builtin(&counter(n), "counter");
        spec["handoff"] = json!({ "state": true });
        drop(nodes[n % nodes.len()].get("agent.start", &json!({ "spec": spec })));
    }
    eventually("all counters run", PATIENCE, || all_run(&nodes[0]));
    let nodes: Vec<RwLock<Node>> = nodes.into_iter().map(RwLock::new).collect();
    let (over, retries) = (AtomicBool::new(false), AtomicU64::new(0));

    let counts: Vec<u64> = thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let (nodes, over, retries) = (&nodes, &over, &retries);
                scope.spawn(move || call_until(nodes, caller, (over, retries)))
            })
            .collect();
        let ended = Ended(&over);
        for node in &nodes {
            restart(node, &nodes);
        }
        drop(ended);
        let counts = callers.into_iter().map(|caller| caller.join().unwrap());
        counts.fold(vec![0; COUNTERS], |mut all, counts| {
            all.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            all
        })
    });

    let calls: u64 = counts.iter().sum();
    println!("{calls} calls, {} of them asked twice", retries.load(Ordering::Relaxed));
    assert!(calls > 1_000, "{calls} calls");
    for (n, count) in counts.iter().enumerate() {
        let node = nodes[n % nodes.len()].read().unwrap();
        assert_eq!(ask(&node, n, "get"), Ok(*count), "{}", counter(n));
    }
}

/// Has the callers end, also when the test fails.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn restart(node: &RwLock<Node>, nodes: &[RwLock<Node>]) {
    node.read().unwrap().does(&["stop"]);
    let mut node = node.write().unwrap();
    assert_eq!(node.ended(PATIENCE), Some(0));
    node.launch();
    node.await_door();
    let count = nodes.len();
    let ((), _) = eventually("the node sees every other", PATIENCE, || {
        let status = node.get("status.get", &json!({}));
        if status["nodes_alive"] == count { Ok(()) } else { Err(status.to_string()) }
    });
    drop(node);
    for other in nodes {
        let other = other.read().unwrap();
        let ((), _) = eventually("every node sees every other", PATIENCE, || {
            let status = other.get("status.get", &json!({}));
            if status["nodes_alive"] == count { Ok(()) } else { Err(status.to_string()) }
        });
    }
}

/// Adds one to each counter of this caller in turn, from each node in turn; gives the counts.
fn call_until(
    nodes: &[RwLock<Node>],
    caller: usize,
    (over, retries): (&AtomicBool, &AtomicU64),
) -> Vec<u64> {
    let mut counts = vec![0; COUNTERS];
    let mine: Vec<usize> = (0..COUNTERS).filter(|n| n % CALLERS == caller).collect();
    let mut at = caller;
    let mut next = Instant::now();
    while !over.load(Ordering::Relaxed) {
        let n = mine[at % mine.len()];
        at += 1;
        let mut answer = from_some_node(nodes, at, |node| ask(node, n, "add"));
        if let Err(first) = &answer {
            retries.fetch_add(1, Ordering::Relaxed);
            let count = from_some_node(nodes, at + 1, |node| ask(node, n, "get"));
            answer = match count {
                Ok(count) if count == counts[n] + 1 => Ok(count),
                Ok(_) => from_some_node(nodes, at + 1, |node| ask(node, n, "add")),
                Err(second) => Err(format!("{first}, then {second}")),
            };
        }
        assert_eq!(answer, Ok(counts[n] + 1), "{}", counter(n));
        counts[n] += 1;
        next += PAUSE;
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    counts
}

/// Asks the first node from `at` on that is not being restarted at this moment.
fn from_some_node<T>(nodes: &[RwLock<Node>], at: usize, ask: impl Fn(&Node) -> T) -> T {
    let turns = (0..nodes.len()).map(|turn| &nodes[(at + turn) % nodes.len()]);
    let mut free = turns.filter_map(|node| node.try_read().ok().filter(|node| node.runs()));
    ask(&free.next().expect("one node at a time is restarted"))
}

fn ask(node: &Node, n: usize, method: &str) -> Result<u64, String> {
    let params = if method == "add" { json!({ "by": 1 }) } else { Value::Null };
    let timeout_ms = u64::try_from(CALL.as_millis()).map_err(|error| error.to_string())?;
    let call = json!({
        "name": counter(n), "method": method, "params": params, "timeout_ms": timeout_ms,
    });
    let answer = node.ask("agent.call", &call).map_err(|refused| refused.text)?;
    answer["value"].as_u64().ok_or_else(|| answer.to_string())
}

fn counter(n: usize) -> String {
    format!("counter-{n}")
}

fn all_run(node: &Node) -> Result<(), String> {
    let agents = node.get("agents.list", &json!({}));
    let rows = agents.as_array().map_or(&[][..], Vec::as_slice);
    let running = rows.iter().filter(|row| row["phase"] == "running").count();
    if running == COUNTERS { Ok(()) } else { Err(format!("{running} run")) }
}
