//! What becomes of agents when their node is killed.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use covey_logic::Epoch;
use covey_node::host::{Host, HostEvent};

use crate::support::{PATIENCE, World, config, eventually, is_running, name, python, request};

/// Names the folder of the node that is to be killed.
const VICTIM: &str = "COVEY_TEST_VICTIM";

#[tokio::test]
async fn agent_and_its_children_die_with_a_killed_node() {
    let folder = tempfile::tempdir().unwrap();
    let mut node = rerun("orphans::node_to_be_killed")
        .env(VICTIM, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(node.stdout.take().unwrap());
    let pids = said.lines().find_map(|line| {
        let line = line.unwrap();
        let (_, pids) = line.split_once("pids: ")?;
        Some(pids.split(' ').map(|pid| pid.parse::<u64>().unwrap()).collect::<Vec<_>>())
    });
    let pids = pids.unwrap();
    assert_eq!(pids.len(), 2);
    assert!(pids.iter().all(|pid| is_running(*pid)));

    node.kill().unwrap();
    node.wait().unwrap();

    eventually("agent and child are dead", || !pids.iter().any(|pid| is_running(*pid))).await;
    // What the killed node left is gone when the next one starts.
    assert!(folder.path().join("victim/1/agent.py").exists());
    let (_host, _events) = Host::start(config(folder.path().to_owned()));
    assert!(!folder.path().join("victim").exists());
}

/// Part of the test above, in the process that it starts; by itself it has nothing to do.
#[tokio::test]
async fn node_to_be_killed() {
    let Some(folder) = std::env::var_os(VICTIM) else { return };
    let (host, mut events) = Host::start(config(folder.into()));
    host.start_agent(Arc::new(python("victim")), Epoch(1));
    assert!(matches!(events.recv().await, Some(HostEvent::Started { .. })));
    let mut pids = Vec::new();
    for method in ["pid", "spawn"] {
        let call = request(method, "", PATIENCE);
        let pid = host.call(&name("victim"), Epoch(1), call).await.unwrap();
        pids.push(String::from_utf8(pid.to_vec()).unwrap());
    }

    println!("pids: {}", pids.join(" "));

    tokio::time::sleep(PATIENCE).await;
    panic!("the node was not killed");
}

#[tokio::test]
async fn guard_that_was_killed_is_replaced() {
    if std::env::var_os(VICTIM).is_none() {
        // In a process of its own, where there is one guard.
        let status = rerun("orphans::guard_that_was_killed_is_replaced").env(VICTIM, "").status();
        assert!(status.unwrap().success());
        return;
    }
    let mut world = World::new();
    world.run(&python("first")).await;
    let guard = guard_of(std::process::id());
    let pid = rustix::process::Pid::from_raw(i32::try_from(guard).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    eventually("the guard is dead", || !is_running(guard)).await;

    world.run(&python("second")).await;

    assert_eq!(world.ask("first", "echo", "1").await, 1);
    assert_eq!(world.ask("second", "echo", "2").await, 2);
    assert_ne!(guard_of(std::process::id()), guard);
}

/// This executable, to run one test alone.
fn rerun(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]);
    command
}

/// The live guard that a process started.
fn guard_of(parent: u32) -> u64 {
    let told = Command::new("ps").args(["-A", "-o", "pid=,ppid=,stat=,args="]).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let guard = told.lines().rev().find_map(|line| {
        let mut words = line.split_whitespace();
        let (pid, ppid, stat) = (words.next()?, words.next()?, words.next()?);
        let is_guard = ppid == parent.to_string() && line.contains("__guard watch");
        (is_guard && !stat.starts_with('Z')).then(|| pid.parse().unwrap())
    });
    guard.unwrap()
}
