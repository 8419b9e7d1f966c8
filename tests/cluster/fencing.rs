//! A holder that slept past its lease does no harm: what it writes is refused by the cluster.

use std::{thread, time::Duration};

use covey_cluster::{Cluster, Node, eventually, scribe};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

/// D4: an agent is frozen while it holds a lock; another takes the lock and writes; what the first
/// writes when it wakes is refused, and what was written stands.
#[test]
fn agent_that_slept_past_its_lease_writes_nothing() {
    let Some(cluster) = Cluster::new(2, 0) else { return };
    let [here, there] = &cluster.nodes[..] else { panic!("two nodes") };
    cluster.run(&scribe("first"), Some(here));
    cluster.run(&scribe("second"), Some(there));
    let (taken, _) = eventually("the first holds the lock", PATIENCE, || {
        let taken = call(here, "first", "take", &Value::Null);
        if taken["result"]["token"].is_u64() { Ok(taken) } else { Err(taken.to_string()) }
    });
    let token = &taken["result"]["token"];
    let pid = call(here, "first", "where", &Value::Null)["pid"].as_i64().unwrap();

    signal(pid, Signal::STOP);
    let (late, stands) = thread::scope(|scope| {
        let late = scope.spawn(|| write(here, "first", token, "of the first"));
        // It waits until the lease of the first is over.
        let next = call(there, "second", "take", &Value::Null)["result"]["token"].clone();
        let stands = write(there, "second", &next, "of the second");
        signal(pid, Signal::CONT);
        (late.join().unwrap(), stands)
    });

    assert!(stands["result"]["version"].is_u64(), "{stands}");
    assert_eq!(late["error"]["data"]["code"], "disagreed", "{late}");
    let page = here.get("variable.get", &json!({ "variable": "page" }));
    assert_eq!(page["found"]["value"], "of the second");
}

fn write(node: &Node, agent: &str, token: &Value, text: &str) -> Value {
    call(node, agent, "write", &json!({ "token": token, "text": text }))
}

fn call(node: &Node, agent: &str, method: &str, params: &Value) -> Value {
    let timeout_ms = u64::try_from(PATIENCE.as_millis()).unwrap();
    let asked =
        json!({ "name": agent, "method": method, "params": params, "timeout_ms": timeout_ms });
    let answer = node.ask_within("agent.call", &asked, PATIENCE * 2).unwrap();
    answer["value"].clone()
}

fn signal(pid: i64, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}
