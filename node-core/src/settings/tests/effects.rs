//! D9: every setting is changed, and its effect is observed.

use std::time::Instant;

use covey_logic::settings::SCHEMA;
use serde_json::{Value, json};

use super::{Alone, eventually, guards};
use crate::control::Cause;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn change_of_each_setting_has_an_effect_without_a_restart() {
    let node = Alone::start().await;

    for setting in SCHEMA {
        observe(&node, setting.key).await;
    }

    node.node.stop("test").await;
}

/// Changes one setting and sees what differs.
async fn observe(node: &Alone, key: &str) {
    match key {
        "calls.timeout" => call_ends_in_time(node).await,
        "drains.deadline" => drain_ends_in_time(node).await,
        // What an age does: `covey_logic::event_store::tests`.
        "events.age" => {
            node.set(key, "1h").await;
            assert_eq!(kept(node).await["max_age_ms"], 3_600_000);
        }
        "events.size" => oldest_go(node, key).await,
        "invites.age" => {
            node.set(key, "2m").await;
            let (made, now) = (invite(node, json!({})).await.unwrap(), crate::clock::wall());
            let left = made["expires"].as_u64().unwrap() - now.0;
            assert!((110_000..=120_000).contains(&left), "{left} ms are left of two minutes");
        }
        "invites.longest" => {
            let hours = json!({ "ttl_ms": 7_200_000 });
            invite(node, hours.clone()).await.unwrap();
            node.set(key, "1h").await;
            let refused = invite(node, hours).await.unwrap_err();
            assert!(matches!(refused, Cause::Invalid { .. }), "{refused:?}");
        }
        "locks.lease" => {
            node.set(key, "90s").await;
            let place = json!({ "kind": "lock", "name": "door" });
            node.ask("lease.acquire", json!({ "place": place })).await.unwrap();
            let agreed = node.ask("coordination.get", json!({})).await.unwrap();
            assert_eq!(agreed["places"][0]["holds"][0]["lease_ms"], 90_000);
        }
        guard if guards::observe(node, guard).await => {}
        "placement.max_agents" => agents_wait(node).await,
        "rebalance.interval" => {
            node.set(key, "3s").await;
            let me = node.node.id();
            let moved = json!({ "name": "nobody", "from": me, "to": me, "why": "a try" });
            node.ask("rebalance.start", json!({ "moves": [moved] })).await.unwrap();
            let plan = node.ask("rebalance.get", json!({})).await.unwrap();
            assert_eq!(plan["interval_ms"], 3_000);
        }
        // `covey_logic::node::tests::settings`.
        "loads.per_second" | "placement.weight" |
        // `covey_logic::pairing::tests::by_itself`.
        "pairing.ask_by_itself" |
        // `covey_node::logging`.
        "log.level" |
        // `tests/cluster/settings.rs`: here is nobody else to vote, and no program to write a log.
        "logs.lines" | "voters.absence" | "voters.probation" => {}
        other => panic!("no test shows what {other} does"),
    }
}

async fn call_ends_in_time(node: &Alone) {
    node.ask("agent.start", echo("sleeper")).await.unwrap();
    let sleep = |ms: u64| json!({ "name": "sleeper", "method": "sleep", "params": { "ms": ms } });
    node.ask("agent.call", sleep(1)).await.unwrap();

    node.set("calls.timeout", "200ms").await;
    let begun = Instant::now();
    let late = node.ask("agent.call", sleep(20_000)).await.unwrap_err().cause;

    assert_eq!(late, Cause::NoAnswer);
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

async fn drain_ends_in_time(node: &Alone) {
    node.set("drains.deadline", "5m").await;
    let before = crate::clock::wall().0;

    node.ask("node.drain", json!({ "node": node.node.id() })).await.unwrap();

    let query = json!({ "kinds": ["drain_asked"] });
    let events = node.ask("event.query", query).await.unwrap();
    let until = events["events"][0]["fact"]["until"].as_u64().unwrap();
    assert!((290_000..=310_000).contains(&(until - before)), "{} ms", until - before);
    node.ask("node.cordon", json!({ "node": node.node.id(), "on": false })).await.unwrap();
}

async fn agents_wait(node: &Alone) {
    let phase = async |name: &str| {
        let agents = node.ask("agents.list", json!({})).await.unwrap();
        let agents = agents.as_array().unwrap().clone();
        agents.into_iter().find(|agent| agent["id"] == name).map(|agent| agent["phase"].clone())
    };
    node.set("placement.max_agents", "0").await;

    node.ask("agent.start", echo("late")).await.unwrap();
    let waits = phase("late").await;
    node.change(json!([{ "key": "placement.max_agents", "value": null }])).await;

    assert_eq!(waits, Some(Value::Null));
    eventually("it runs", async || (phase("late").await == Some(json!("running"))).then_some(()))
        .await;
}

async fn oldest_go(node: &Alone, key: &str) {
    let event = json!({ "type": "shop.order", "body": { "text": "x".repeat(60_000) } });
    for _ in 0..4 {
        node.ask("event.append", json!({ "events": vec![event.clone(); 10] })).await.unwrap();
    }
    let bytes = async || kept(node).await["bytes"].as_u64().unwrap();
    assert!(bytes().await > 2 << 20);

    node.set(key, "1").await;

    eventually("the oldest go", async || (bytes().await <= 1 << 20).then_some(())).await;
}

async fn kept(node: &Alone) -> Value {
    node.ask("event.statistics", json!({})).await.unwrap()
}

async fn invite(node: &Alone, arguments: Value) -> Result<Value, Cause> {
    node.ask("invite.create", arguments).await.map_err(|error| error.cause)
}

pub(super) fn echo(name: &str) -> Value {
    json!({ "spec": { "name": name, "runtime": { "kind": "builtin", "agent": "echo" } } })
}
