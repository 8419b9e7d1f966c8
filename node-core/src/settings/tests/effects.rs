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
        alert if alert.starts_with("alerts.") => rule_follows(node, alert).await,
        guard if guards::observe(node, guard).await => {}
        "monitor.off" => agent_is_not_measured(node).await,
        "placement.max_agents" => agents_wait(node).await,
        "rebalance.interval" => {
            node.set(key, "3s").await;
            let me = node.node.id();
            let moved = json!({ "name": "nobody", "from": me, "to": me, "why": "a try" });
            node.ask("rebalance.start", json!({ "moves": [moved] })).await.unwrap();
            let plan = node.ask("rebalance.get", json!({})).await.unwrap();
            assert_eq!(plan["interval_ms"], 3_000);
        }
        "market.ask" => ask_follows(node, key).await,
        "tasks.in_flight" => {
            node.set(key, "3").await;
            let shown = node.ask("balancer.get", json!({})).await.unwrap();
            assert_eq!(shown["in_flight"], 3);
        }
        // `covey_logic::balancer::tests::strategies`.
        "tasks.cpu" | "tasks.memory" |
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

/// What a busy processor and a full memory add is measured: three halves at most.
async fn ask_follows(node: &Alone, key: &str) {
    let asks = async || {
        let nodes = node.ask("nodes.list", json!({})).await.unwrap();
        nodes[0].get("ask").map(|ask| ask.as_u64().unwrap())
    };
    node.set(key, "250").await;
    let asked = async || asks().await.filter(|ask| (250..=625).contains(ask));
    eventually("it asks for so much", asked).await;
    node.set(key, "0").await;
    eventually("it takes no work", async || asks().await.is_none().then_some(())).await;
}

/// What a rule does by its thresholds: `covey_logic::monitor::tests::judge`, and below.
async fn rule_follows(node: &Alone, key: &str) {
    let (value, rule, field, expected) = match key {
        "alerts.after" => ("45s", "cpu", "raise_after_ms", 45_000.0),
        "alerts.clear_after" => ("50s", "cpu", "clear_after_ms", 50_000.0),
        "alerts.margin" => ("50", "mailbox", "clear", 40.0),
        "alerts.node_lost" => ("20s", "node_lost", "raise_after_ms", 20_000.0),
        "alerts.clock_skew" => ("5s", "clock_skew", "raise", 5_000.0),
        other => ("7", other.trim_start_matches("alerts."), "raise", 7.0),
    };
    node.set(key, value).await;

    let rules = node.ask("alert.rules", json!({})).await.unwrap();

    let rules = rules.as_array().unwrap();
    let row = rules.iter().find(|row| row["rule"] == rule).unwrap();
    assert!((row[field].as_f64().unwrap() - expected).abs() < 1e-3, "{key}: {row}");
    node.change(json!([{ "key": key, "value": null }])).await;
}

/// More than a hundredth of any machine's memory is taken: measured, raised, shown and cleared.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alert_of_this_machine_is_raised_and_cleared() {
    let node = Alone::start().await;
    let state = async || {
        let alerts = node.ask("alert.list", json!({})).await.unwrap();
        let alerts = alerts.as_array().unwrap().clone();
        alerts
            .into_iter()
            .find(|alert| alert["rule"] == "memory")
            .map(|alert| alert["state"].clone())
    };
    for (key, value) in
        [("alerts.after", "1s"), ("alerts.clear_after", "1s"), ("alerts.memory", "1")]
    {
        node.set(key, value).await;
    }
    eventually("it is raised", async || (state().await == Some(json!("active"))).then_some(()))
        .await;

    node.set("alerts.memory", "0").await;

    eventually("it is over", async || (state().await == Some(json!("cleared"))).then_some(()))
        .await;
    let past = node.ask("alert.history", json!({})).await.unwrap();
    let of_memory = past.as_array().unwrap().iter().filter(|alert| alert["rule"] == "memory");
    assert_eq!(of_memory.count(), 1, "{past}");
    let now = node.ask("metrics.now", json!({})).await.unwrap();
    assert!(now[0]["values"].as_array().is_some_and(|values| values.len() > 5), "{now}");
    node.node.stop("test").await;
}

async fn agent_is_not_measured(node: &Alone) {
    let measured = async || -> Vec<String> {
        let now = node.ask("metrics.now", json!({})).await.unwrap();
        let names =
            now.as_array().unwrap().iter().filter_map(|row| row["subject"]["agent"].as_str());
        names.filter(|name| ["loud", "quiet"].contains(name)).map(str::to_owned).collect()
    };
    for name in ["loud", "quiet"] {
        node.ask("agent.start", echo(name)).await.unwrap();
    }
    let all = async |wanted: &[&str]| (measured().await == wanted).then_some(());
    eventually("both are measured", async || all(&["loud", "quiet"]).await).await;

    node.set("monitor.off", "qui*").await;

    eventually("one is", async || all(&["loud"]).await).await;
    for name in ["loud", "quiet"] {
        node.ask("agent.stop", json!({ "name": name })).await.unwrap();
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
