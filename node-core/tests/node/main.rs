//! Whole nodes in one process, on loopback: what a person does with one, two and three of them.

#[cfg(test)]
mod support;

use covey_logic::{
    Command, Outcome,
    agent::{Builtin, Phase},
    certificate::Role,
    event::Fact,
    node::NodeState,
};
use covey_node::{
    comms::CallError,
    driver::{self, StartError, StopCause},
    options::Secret,
    store::EventQuery,
};
use support::{Site, call, counter, echo, join, name, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lone_node_runs_an_agent_and_answers_for_it() {
    let site = Site::new();
    let node = site.start("a").await;

    let started = node.command(node.id(), echo("hello")).await;
    let reply = node.call(call("hello", "echo", r#"{"n":1}"#)).await.unwrap();

    assert_eq!(started, Ok(Outcome::Done));
    assert_eq!((&reply.value[..], reply.node), (&br#"{"n":1}"#[..], node.id()));
    node.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn call_of_an_unknown_name_says_so() {
    let site = Site::new();
    let node = site.start("a").await;

    let error = node.call(call("nobody", "echo", "null")).await.unwrap_err();

    assert_eq!(error, CallError::Unknown { name: name("nobody") });
    node.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn call_of_a_stopped_agent_says_so() {
    let site = Site::new();
    let node = site.start("a").await;
    node.command(node.id(), echo("hello")).await.unwrap();
    node.call(call("hello", "echo", "1")).await.unwrap();

    node.command(node.id(), Command::StopAgent { name: name("hello") }).await.unwrap();
    until(&node, |views| views.agents.iter().all(|agent| agent.phase.is_none())).await;

    let error = node.call(call("hello", "echo", "1")).await.unwrap_err();
    assert_eq!(error, CallError::Stopped { name: name("hello") });
    node.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarted_node_brings_its_agents_and_its_events_back() {
    let site = Site::new();
    let node = site.start("a").await;
    let (id, cluster) = (node.id(), node.view_now().await.unwrap().status.cluster);
    node.command(id, counter("tally")).await.unwrap();
    node.call(call("tally", "get", "null")).await.unwrap();
    let cause = node.stop("test").await;
    assert!(matches!(&*cause, StopCause::Asked { .. }));

    let node = site.start("a").await;

    assert_eq!(node.id(), id);
    assert_eq!(node.view_now().await.unwrap().status.cluster, cluster);
    node.call(call("tally", "get", "null")).await.unwrap();
    let query = EventQuery {
        kinds: ["agent_wanted".to_owned()].into(),
        limit: 10,
        ..EventQuery::default()
    };
    let page = node.query_events(&query).await.unwrap();
    let facts: Vec<_> = page.events.iter().map(|event| event.fact.clone()).collect();
    assert_eq!(facts, [Fact::AgentWanted { name: name("tally") }]);
    node.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_node_brings_its_agents_back() {
    let site = Site::new();
    let node = site.start("a").await;
    node.command(node.id(), echo("hello")).await.unwrap();
    node.call(call("hello", "echo", "1")).await.unwrap();
    assert_eq!(*node.kill().await, StopCause::Killed);

    let node = site.start("a").await;

    node.call(call("hello", "echo", "1")).await.unwrap();
    node.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_instance_is_told_who_has_the_folder() {
    let site = Site::new();
    let node = site.start("a").await;

    let refused = driver::start(site.options("a")).await;

    let pid = std::process::id();
    assert!(matches!(refused, Err(StartError::Locked { pid: Some(held), .. }) if held == pid));
    node.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_identity_keeps_a_node_from_starting() {
    let site = Site::new();
    site.start("a").await.stop("test").await;
    let identity = site.options("a").path("identity");
    std::fs::write(&identity, b"not a key").unwrap();

    let refused = driver::start(site.options("a")).await;

    assert!(matches!(refused, Err(StartError::Identity(_))));
    assert_eq!(std::fs::read(&identity).unwrap(), b"not a key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_leaves_when_nobody_holds_it() {
    let site = Site::new();
    let node = site.start("a").await;
    let stopped = node.stopped();

    drop(node);

    assert!(matches!(&*stopped.await, StopCause::Asked { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn call_that_waits_ends_when_the_node_stops() {
    let site = Site::new();
    let node = site.start("a").await;
    node.command(node.id(), echo("hello")).await.unwrap();
    node.call(call("hello", "echo", "1")).await.unwrap();
    let caller = node.clone();
    let waiting =
        tokio::spawn(async move { caller.call(call("hello", "sleep", r#"{"ms":60000}"#)).await });
    tokio::task::yield_now().await;

    node.kill().await;

    let error = waiting.await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Crashed { .. } | CallError::NodeStopped), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_meet_pair_and_call_each_other() {
    let site = Site::new();
    let (a, b) = (site.start("a").await, site.start("b").await);

    join(&b, &a, Role::Operator).await;
    a.command(a.id(), echo("hello")).await.unwrap();
    until(&b, |views| !views.agents.is_empty()).await;

    let from_a = a.call(call("hello", "echo", "[1]")).await.unwrap();
    let from_b = b.call(call("hello", "echo", "[2]")).await.unwrap();

    assert_eq!((&from_a.value[..], &from_b.value[..]), (&b"[1]"[..], &b"[2]"[..]));
    assert_eq!(from_a.node, from_b.node);
    assert_eq!(a.lookup(&name("hello")), b.lookup(&name("hello")));
    a.stop("test").await;
    b.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agent_answers_elsewhere_after_its_node_was_killed() {
    let site = Site::new();
    let nodes = [site.start("a").await, site.start("b").await, site.start("c").await];
    let [a, b, c] = &nodes;
    join(b, a, Role::Operator).await;
    join(c, a, Role::Operator).await;
    until(b, |views| alive(views) == 3).await;
    let start = Command::StartAgent {
        spec: Box::new(support::builtin("hello", Builtin::Echo)),
        pin: Some(c.id()),
        replace: false,
    };
    a.command(a.id(), start).await.unwrap();
    for node in [a, b] {
        until(node, |views| views.agents.iter().any(|agent| agent.node == Some(c.id()))).await;
    }
    a.command(a.id(), Command::MoveAgent { name: name("hello"), to: None }).await.unwrap();
    until(b, |views| views.agents.iter().any(|agent| agent.pin.is_none())).await;

    c.kill().await;

    for node in [a, b] {
        let reply = node.call(call("hello", "echo", "7")).await.unwrap();
        assert_ne!(reply.node, c.id());
    }
    until(a, |views| alive(views) == 2).await;
    let running = |agent: &covey_logic::node::AgentView| agent.phase == Some(Phase::Running);
    assert!(a.view_now().await.unwrap().agents.iter().all(running));
    a.stop("test").await;
    b.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_leaves_hands_its_agents_over() {
    let site = Site::new();
    let (a, b) = (site.start("a").await, site.start("b").await);
    join(&b, &a, Role::Operator).await;
    for n in 0..10 {
        a.command(a.id(), echo(&format!("agent-{n}"))).await.unwrap();
    }
    until(&a, |views| views.agents.iter().all(|agent| agent.phase == Some(Phase::Running))).await;

    b.stop("test").await;

    for n in 0..10 {
        let reply = a.call(call(&format!("agent-{n}"), "echo", "1")).await.unwrap();
        assert_eq!(reply.node, a.id());
    }
    until(&a, |views| views.nodes.iter().any(|node| node.state == NodeState::Left)).await;
    a.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_know_each_other_after_all_were_off() {
    let site = Site::new();
    let (a, b) = (site.start("a").await, site.start("b").await);
    join(&b, &a, Role::Operator).await;
    b.command(b.id(), echo("hello")).await.unwrap();
    until(&a, |views| views.agents.len() == 1).await;
    a.stop("test").await;
    b.stop("test").await;

    let (a, b) = (site.start("a").await, site.start("b").await);

    for node in [&a, &b] {
        until(node, |views| alive(views) == 2).await;
        node.call(call("hello", "echo", "1")).await.unwrap();
    }
    a.stop("test").await;
    b.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn join_key_admits_without_a_person() {
    let site = Site::new();
    let key = "a key of more than sixteen characters";
    let a = site.start_with("a", |options| options.join_key = Some(Secret(key.to_owned()))).await;
    let b = site.start_with("b", |options| options.join_key = Some(Secret(key.to_owned()))).await;

    for node in [&a, &b] {
        until(node, |views| alive(views) == 2).await;
    }
    a.stop("test").await;
    b.stop("test").await;
}

fn alive(views: &covey_node::Views) -> usize {
    views.nodes.iter().filter(|node| node.state == NodeState::Alive).count()
}
