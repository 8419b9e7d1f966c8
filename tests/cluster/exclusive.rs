//! An exclusive agent never runs twice, whatever happens to the node that runs it.
//!
//! What runs is told by the agents themselves: each writes ten times a second that it is there, into
//! one file, by a clock that all processes of this machine share.

use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use covey_cluster::{Cluster, eventually, hold, keeper};
use serde_json::{Value, json};

use crate::agreement::await_voters;

const PATIENCE: Duration = Duration::from_secs(60);
/// The lease, which is nine seconds with a grace of two, and as much again for a busy machine.
const TAKEN_OVER: Duration = Duration::from_secs(25);
const ROUNDS: usize = 5;

/// K78: three nodes are split in one and two, five times, so that the agent is on the side of the one.
#[test]
fn old_one_stops_before_the_new_one_starts() {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    let scene = Scene::new(cluster);
    let cluster = &scene.cluster;

    for round in 1..=ROUNDS {
        let lost = scene.holder();
        let begun = Instant::now();
        let old = scene.last().unwrap().pid;
        let host = cluster.nodes[lost].host();
        let others: Vec<u8> = (1..=3).filter(|other| *other != host).collect();

        cluster.lan.split(&[&[host], &others]);
        scene.await_other_than(old);
        println!(
            "round {round}: it runs elsewhere {} ms after the split",
            begun.elapsed().as_millis()
        );
        let refused = cluster.nodes[lost].ask(
            "agent.start",
            &json!({
                "spec": keeper("another", &scene.ledger),
            }),
        );
        assert_eq!(refused.unwrap_err().code, "no_quorum", "round {round}");
        cluster.lan.heal();
        cluster.await_all();

        scene.assert_never_two();
    }
    assert!(scene.lives().len() > ROUNDS, "{:?}", scene.lives());
}

/// The node of the agent stands still past its lease, but not the agent, which is killed meanwhile;
/// what it would write under its token is refused.
#[test]
fn node_that_stands_still_past_its_lease_runs_it_no_more() {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    let scene = Scene::new(cluster);
    let cluster = &scene.cluster;

    for round in 1..=3 {
        let lost = scene.holder();
        let old = scene.last().unwrap();

        cluster.nodes[lost].freeze();
        scene.await_other_than(old.pid);
        scene.assert_never_two();
        cluster.nodes[lost].thaw();
        let fence = json!({ "place": { "kind": "agent", "name": "keeper" }, "token": old.token });
        let wish = json!({ "variable": "page", "value": "late", "fence": fence });
        cluster.await_all();
        let (late, _) = eventually("it is told that it was fenced", PATIENCE, || {
            match cluster.nodes[lost].ask("variable.set", &wish) {
                Err(refused) if refused.code == "disagreed" => Ok(refused),
                other => Err(format!("{other:?}")),
            }
        });
        println!("round {round}: {}", late.text);
        hold(Duration::from_secs(2));

        scene.assert_never_two();
        let written = cluster.nodes[lost].ask_within(
            "agent.call",
            &json!({ "name": "keeper", "method": "write", "params": format!("round {round}") }),
            PATIENCE,
        );
        assert!(written.unwrap()["value"]["result"]["version"].is_u64(), "round {round}");
    }
    assert!(scene.lives().len() > 3, "{:?}", scene.lives());
}

/// The process of the node is killed: another node waits for the end of the lease.
#[test]
fn agent_of_a_killed_node_runs_elsewhere_once() {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    let mut scene = Scene::new(cluster);

    for _ in 0..3 {
        let lost = scene.holder();
        let old = scene.last().unwrap().pid;

        scene.cluster.nodes[lost].kill();
        scene.await_other_than(old);
        scene.cluster.nodes[lost].start();
        scene.cluster.await_all();

        scene.assert_never_two();
    }
}

/// K79, K80: of two nodes one votes. The other has to give the agent up, and is refused another at
/// once; a start that waits for the voter is taken when that is back.
#[test]
fn of_two_nodes_the_voter_runs_it() {
    let Some(cluster) = Cluster::new(2, 0) else { return };
    let ledger = cluster.nodes[0].data().join("ledger");
    cluster.run(&keeper("keeper", &ledger), Some(&cluster.nodes[1]));
    let scene = Scene { cluster, ledger };
    let cluster = &scene.cluster;
    let [voter, other] = &cluster.nodes[..] else { panic!("two nodes") };
    let old = scene.last().unwrap().pid;
    drop(voter.get("agent.move", &json!({ "name": "keeper", "to": null })));

    cluster.lan.split(&[&[1], &[2]]);
    scene.await_other_than(old);

    let from = voter.call("keeper", "where", PATIENCE).unwrap();
    assert_eq!(from["node"], voter.id());
    let start = |wait_ms: u64| {
        let spec = keeper("another", &voter.data().join("other-ledger"));
        other.ask_within(
            "agent.start",
            &json!({ "spec": spec, "wait_for_quorum_ms": wait_ms }),
            PATIENCE,
        )
    };
    let begun = Instant::now();
    assert_eq!(start(0).unwrap_err().code, "no_quorum");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let taken = thread::scope(|scope| {
        let waits = scope.spawn(|| start(40_000));
        hold(Duration::from_secs(1));
        cluster.lan.heal();
        waits.join().unwrap()
    });
    assert!(taken.is_ok(), "{taken:?}");
    scene.assert_never_two();
}

/// K80 from the command line: without a word it is refused at once, with `--wait-for-quorum` it is
/// taken when the voter is back.
#[test]
fn start_waits_for_a_majority_as_long_as_the_command_line_says() {
    let Some(cluster) = Cluster::new(2, 0) else { return };
    let [_, other] = &cluster.nodes[..] else { panic!("two nodes") };
    cluster.lan.split(&[&[1], &[2]]);
    eventually("the voter is out of sight", PATIENCE, || {
        let alive = other.get("status.get", &json!({}))["nodes_alive"].clone();
        if alive == 1 { Ok(()) } else { Err(alive.to_string()) }
    });
    eventually("no majority is in sight", PATIENCE, || {
        let group = other.get("coordination.get", &json!({}))["group"].clone();
        if group["voters_seen"] == 0 { Ok(()) } else { Err(group.to_string()) }
    });
    // The node hears of it a moment later.
    hold(Duration::from_secs(1));
    let start = |more: &[&str]| {
        let plain = ["agent", "start", "alone", "--builtin", "echo", "--class", "exclusive"];
        other.cli(&[&plain, more].concat())
    };

    let refused = start(&[]);
    assert_eq!((refused.code, &refused.json["error"]["code"]), (Some(1), &json!("no_quorum")));
    let taken = thread::scope(|scope| {
        let waits = scope.spawn(|| start(&["--wait-for-quorum", "40s"]));
        hold(Duration::from_secs(1));
        assert!(!waits.is_finished(), "no voter is in sight");
        cluster.lan.heal();
        waits.join().unwrap()
    });

    assert_eq!(taken.code, Some(0), "{taken:?}");
    eventually("it runs", PATIENCE, || {
        let agent = other.agent("alone");
        if agent["phase"] == "running" { Ok(()) } else { Err(agent.to_string()) }
    });
    for node in &cluster.nodes {
        let (tenure, _) = eventually("its token and its lease are shown", PATIENCE, || {
            let tenure = node.cli(&["agent", "show", "alone"]).json["tenure"].clone();
            if tenure["left_ms"].is_u64() { Ok(tenure) } else { Err(tenure.to_string()) }
        });
        assert_eq!(tenure["node"], node.agent("alone")["node"], "{tenure}");
        let [left, lease] = ["left_ms", "lease_ms"].map(|field| tenure[field].as_u64().unwrap());
        assert!(left <= lease && tenure["token"].as_u64() > Some(0), "{tenure}");
    }
}

/// A cluster in which the agent `keeper` runs.
struct Scene {
    cluster: Cluster,
    ledger: PathBuf,
}

/// A line of the ledger.
#[derive(Clone, Copy, Debug)]
struct Beat {
    pid: u32,
    token: u64,
    at: Duration,
}

/// From the first beat of a process to its last.
#[derive(Clone, Copy, Debug)]
struct Life {
    pid: u32,
    token: u64,
    from: Duration,
    to: Duration,
}

impl Scene {
    fn new(cluster: Cluster) -> Self {
        eventually("the group agrees", PATIENCE, || {
            let answer = cluster.nodes[0].cli(&["setting", "set", "voters.probation=1s"]);
            if answer.code == Some(0) { Ok(()) } else { Err(format!("{answer:?}")) }
        });
        await_voters(&cluster, 3);
        let ledger = cluster.nodes[0].data().join("ledger");
        cluster.run(&keeper("keeper", &ledger), None);
        Self { cluster, ledger }
    }

    /// The place of the node that runs it, once all agree.
    fn holder(&self) -> usize {
        let (node, _) = eventually("all know who runs it", PATIENCE, || {
            let seen: Vec<Value> = self
                .cluster
                .nodes
                .iter()
                .map(|node| node.agent("keeper")["node"].clone())
                .collect();
            let one = seen[0].is_string() && seen.iter().all(|node| *node == seen[0]);
            if one { Ok(seen[0].clone()) } else { Err(format!("{seen:?}")) }
        });
        self.cluster.place_of(node.as_str().unwrap())
    }

    /// What was written in full: who reads while a line is being appended may see a part of it.
    fn beats(&self) -> Vec<Beat> {
        let text = fs::read_to_string(&self.ledger).unwrap();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let beat = |line: &str| {
            let mut words = line.split(' ').skip(1);
            let mut number = || words.next().unwrap().parse::<u64>().unwrap();
            let pid = u32::try_from(number()).unwrap();
            Beat { pid, token: number(), at: Duration::from_nanos(number()) }
        };
        whole.lines().map(beat).collect()
    }

    fn last(&self) -> Option<Beat> {
        self.beats().last().copied()
    }

    fn await_other_than(&self, old: u32) {
        eventually("another one runs", TAKEN_OVER, || match self.last() {
            Some(beat) if beat.pid != old => Ok(()),
            beat => Err(format!("{beat:?}")),
        });
    }

    /// Every process that ran, in the order of their first beats.
    fn lives(&self) -> Vec<Life> {
        let mut lives: Vec<Life> = Vec::new();
        for Beat { pid, token, at } in self.beats() {
            match lives.iter_mut().find(|life| life.pid == pid) {
                Some(life) => life.to = life.to.max(at),
                None => lives.push(Life { pid, token, from: at, to: at }),
            }
        }
        lives.sort_by_key(|life| life.from);
        lives
    }

    fn assert_never_two(&self) {
        let lives = self.lives();
        for pair in lives.windows(2) {
            assert!(pair[0].to < pair[1].from, "two at once: {pair:?}");
            assert!(pair[0].token <= pair[1].token, "an older token: {pair:?}");
        }
    }
}
