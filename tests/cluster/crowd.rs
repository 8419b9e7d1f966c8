//! Hundreds of named programs on three nodes: what a loss, a blip, a split and one that keeps
//! failing do to them, and to the names they answer to.
//!
//! The programs are counted as processes of the system: one that nobody knows of is found too.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use covey_cluster::{
    AgentProcess, Cluster, Node, all_processes, bystander, eventually, hold, pupil,
};
use serde_json::{Value, json};

/// As many as the anchor in the design ran on three nodes.
const AGENTS: usize = 600;
/// Two hundred programs to start on a machine that does other things.
const PATIENCE: Duration = Duration::from_secs(60);
/// After a split is healed one of each is left within this: five seconds, and as much again for
/// unoptimised code.
const ONE_AGAIN: Duration = Duration::from_secs(10);
/// The least time a split must last for both sides to run everything: silence, and the starts.
const SPLIT: Duration = Duration::from_secs(30);

/// B4, K73, K56: each agent of a killed node runs once again and is named; no other was touched.
#[test]
fn every_agent_of_a_killed_node_runs_once_and_is_named() {
    let Some(mut cluster) = crowd() else { return };

    for round in 1..=rounds(3) {
        let before = census(&cluster).unwrap();
        let lost = busiest(&cluster, &before);

        cluster.nodes[lost].kill();
        let (after, took) =
            eventually("every agent runs once again", PATIENCE, || census(&cluster));

        println!("kill, round {round}: all run and are named after {} ms", took.as_millis());
        let lost_id = cluster.nodes[lost].id().to_owned();
        for (agent, process) in &before {
            if process.node != lost_id {
                assert_eq!(after[agent], *process, "it was not on the node that was killed");
            }
        }
        cluster.nodes[lost].start();
        cluster.await_all();
        assert_eq!(census(&cluster).unwrap(), after, "nothing moved back by itself");
    }
}

/// B4, K16: a blip restarts nothing and moves nothing.
#[test]
fn short_cuts_of_a_cable_restart_and_move_none_of_hundreds() {
    let Some(cluster) = crowd() else { return };
    let before = census(&cluster).unwrap();

    for round in 1..=rounds(1) {
        for blip_ms in [200, 2_000, 5_000] {
            let cut = &cluster.nodes[(round as usize) % cluster.nodes.len()];

            // A port that is plugged in takes a second to forward: this cut is as long as it says.
            cluster.lan.shut(cut.host(), &["iif eth0"], &["oif eth0"]);
            hold(Duration::from_millis(blip_ms));
            cluster.lan.shut(cut.host(), &[], &[]);
            cluster.await_all();

            let after = census(&cluster).unwrap();
            let moved = after.iter().filter(|(agent, process)| before[*agent] != **process);
            assert_eq!(moved.count(), 0, "after {blip_ms} ms in round {round}");
        }
    }
}

/// B3: the agents of a frozen node run elsewhere, and its stale ones stop when it thaws.
#[test]
fn hundreds_of_a_frozen_node_run_elsewhere_and_the_stale_ones_stop() {
    let Some(cluster) = crowd() else { return };

    for round in 1..=rounds(1) {
        let frozen = busiest(&cluster, &census(&cluster).unwrap());
        cluster.nodes[frozen].freeze();
        let (_, took) =
            eventually("all run elsewhere", PATIENCE, || census_without(&cluster, Some(frozen)));
        cluster.nodes[frozen].thaw();

        println!("freeze, round {round}: all run elsewhere after {} ms", took.as_millis());
        cluster.await_all();
        let (after, _) = eventually("the stale ones stop", PATIENCE, || census(&cluster));
        let thawed = cluster.nodes[frozen].id();
        assert!(after.values().all(|process| process.node != thawed), "a stale one won");
    }
}

/// B4, K77: after a split in which both sides ran everything, one of each is left.
#[test]
fn healed_split_leaves_one_of_each_of_hundreds() {
    let Some(cluster) = crowd() else { return };

    for round in 1..=rounds(1) {
        let alone = u8::try_from(round % 3 + 1).unwrap();
        let others: Vec<u8> = (1..=3).filter(|host| *host != alone).collect();
        cluster.lan.split(&[&[alone], &others]);
        hold(SPLIT);
        let doubled = all_processes(&cluster.nodes);
        assert_eq!(doubled.len(), AGENTS, "every agent runs somewhere");
        let runs: usize = doubled.values().map(Vec::len).sum();
        assert_eq!(runs, 2 * AGENTS, "each side runs all of them");

        cluster.lan.heal();
        let (_, took) = eventually("one of each is left", ONE_AGAIN, || census(&cluster));

        println!("split, round {round}: one of each after {} ms", took.as_millis());
        cluster.await_all();
    }
}

/// B4, K66: one that keeps failing is parked alone.
#[test]
fn one_that_keeps_failing_parks_alone_among_hundreds() {
    let Some(cluster) = crowd() else { return };
    let before = census(&cluster).unwrap();

    for round in 1..=rounds(1) {
        let name = format!("stillborn-{round}");
        let spec = pupil(&name, &["stillborn"]);
        drop(cluster.nodes[0].get("agent.start", &json!({ "spec": spec, "pin": null })));

        for node in &cluster.nodes {
            eventually("it is parked", PATIENCE, || {
                let agent = node.agent(&name);
                if agent["phase"] == "failed" { Ok(()) } else { Err(agent.to_string()) }
            });
        }
        assert_eq!(census(&cluster).unwrap(), before, "in round {round}");
    }
}

/// Three nodes that run all of them.
fn crowd() -> Option<Cluster> {
    let cluster = Cluster::new(3, 0)?;
    let [first, ..] = cluster.nodes.as_slice() else { panic!("three nodes") };
    for n in 0..AGENTS {
        let spec = bystander(&format!("{PREFIX}{n}"));
        drop(first.get("agent.start", &json!({ "spec": spec, "pin": null })));
    }
    eventually("all of them run", PATIENCE, || census(&cluster));
    Some(cluster)
}

const PREFIX: &str = "one-of-";

/// Where the one process of each agent is: every node that runs names it and finds it by name there.
fn census(cluster: &Cluster) -> Result<BTreeMap<String, AgentProcess>, String> {
    census_without(cluster, None)
}

/// The same, leaving one node and the processes that it started out of account.
fn census_without(
    cluster: &Cluster,
    place: Option<usize>,
) -> Result<BTreeMap<String, AgentProcess>, String> {
    let left_out = place.and_then(|place| cluster.nodes.get(place)).map(Node::id);
    let mut found = BTreeMap::new();
    for (agent, mut processes) in all_processes(&cluster.nodes) {
        processes.retain(|process| Some(process.node.as_str()) != left_out);
        if processes.is_empty() {
            continue;
        }
        if !agent.starts_with(PREFIX) {
            continue;
        }
        let [process] = processes.as_slice() else { return Err(format!("{agent}: {processes:?}")) };
        found.insert(agent, process.clone());
    }
    if found.len() != AGENTS {
        return Err(format!("{} of {AGENTS} run", found.len()));
    }
    let asked = cluster.nodes.iter().filter(|node| node.runs() && Some(node.id()) != left_out);
    for node in asked {
        let said = [running(node), named(node)];
        for (agent, process) in &found {
            if let Some(other) = said.iter().find(|said| said.get(agent) != Some(&process.node)) {
                let says = other.get(agent);
                return Err(format!("{} says {says:?} of {process:?}", node.name()));
            }
        }
    }
    Ok(found)
}

/// The node that runs each agent, as `node` shows them.
fn running(node: &Node) -> BTreeMap<String, String> {
    let agents = node.get("agents.list", &json!({}));
    let rows = agents.as_array().map_or(&[][..], Vec::as_slice);
    let rows = rows.iter().filter(|row| row["phase"] == "running");
    rows.filter_map(|row| Some((text(&row["id"])?, text(&row["node"])?))).collect()
}

/// The node that holds each name, as `node` finds them.
fn named(node: &Node) -> BTreeMap<String, String> {
    let query = json!({ "terms": [{ "term": "prefix", "prefix": PREFIX }], "limit": 1_000 });
    let page = node.get("name.search", &query);
    let rows = page["names"].as_array().map_or(&[][..], Vec::as_slice);
    rows.iter().filter_map(|row| Some((text(&row["id"])?, text(&row["node"])?))).collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The node that runs most of them.
fn busiest(cluster: &Cluster, census: &BTreeMap<String, AgentProcess>) -> usize {
    let nodes: BTreeSet<&str> = census.values().map(|process| process.node.as_str()).collect();
    let load = |id: &&&str| census.values().filter(|process| process.node == ***id).count();
    let most = nodes.iter().max_by_key(load).expect("somebody runs something");
    cluster.place_of(most)
}

/// How often a fault is repeated: `COVEY_ROUNDS`, or fewer times than elsewhere, for its length.
fn rounds(usual: u32) -> u32 {
    if std::env::var_os("COVEY_ROUNDS").is_some() { covey_cluster::rounds() } else { usual }
}
