//! Nodes of one test: they find each other in a folder of their own, on loopback.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use bytes::Bytes;
use covey_logic::{
    Command, Name,
    agent::{AgentSpec, Builtin, Runtime},
    certificate::Role,
    node::NodeState,
    pairing::AskPhase,
};
use covey_node::{NodeHandle, Options, Views, comms::Call, driver};
use tempfile::TempDir;
use tokio::time::timeout;
use tracing_subscriber::EnvFilter;

/// How long anything may take; most takes milliseconds, and the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// The folders of the nodes of one test.
pub(crate) struct Site(TempDir);

impl Site {
    pub(crate) fn new() -> Self {
        // Another test of this process may have set it.
        let logs = tracing_subscriber::fmt().with_test_writer();
        drop(logs.with_env_filter(EnvFilter::from_default_env()).try_init());
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn options(&self, node: &str) -> Options {
        Options {
            data_dir: self.0.path().join(node),
            name: Some(node.to_owned()),
            listen: vec![Ipv4Addr::LOCALHOST.into()],
            mdns: false,
            same_machine: Some(self.0.path().join("meeting")),
            ..Options::default()
        }
    }

    pub(crate) async fn start(&self, node: &str) -> NodeHandle {
        self.start_with(node, |_| {}).await
    }

    pub(crate) async fn start_with(&self, node: &str, set: impl Fn(&mut Options)) -> NodeHandle {
        let mut options = self.options(node);
        set(&mut options);
        driver::start(options).await.unwrap()
    }
}

/// `joiner` asks `host`, whose person compares the codes and accepts.
pub(crate) async fn join(joiner: &NodeHandle, host: &NodeHandle, role: Role) {
    until(joiner, |views| views.pairing.nearby.iter().any(|near| near.node == host.id())).await;
    joiner.command(joiner.id(), Command::Ask { peer: host.id() }).await.unwrap();
    let asked = until(host, |views| views.pairing.requests.iter().any(|r| r.node == joiner.id()));
    let asked = asked.await;
    let shown = until(joiner, |views| {
        views.pairing.ask.as_ref().is_some_and(|ask| ask.phase == AskPhase::Waiting)
    });
    let shown = shown.await.pairing.ask.clone().unwrap();
    let request = asked.pairing.requests.iter().find(|r| r.node == joiner.id()).unwrap();
    assert_eq!(Some(&request.digits), shown.digits.as_ref());
    assert_eq!(request.words, shown.words);
    host.command(host.id(), Command::Accept { node: joiner.id(), role }).await.unwrap();
    for (node, other) in [(joiner, host), (host, joiner)] {
        until(node, |views| {
            views.nodes.iter().any(|seen| seen.id == other.id() && seen.state == NodeState::Alive)
        })
        .await;
    }
}

/// Waits until the views of a node are as wanted.
pub(crate) async fn until(node: &NodeHandle, wanted: impl Fn(&Views) -> bool) -> Arc<Views> {
    let mut views = node.views();
    let seen = timeout(PATIENCE, views.wait_for(|views| wanted(views))).await;
    if let Ok(seen) = seen {
        return Arc::clone(&seen.unwrap());
    }
    panic!("not within {PATIENCE:?}; {:#?}", node.view_now().await);
}

pub(crate) fn builtin(agent: &str, kind: Builtin) -> AgentSpec {
    AgentSpec::new(name(agent), Runtime::Builtin { agent: kind })
}

pub(crate) fn echo(agent: &str) -> Command {
    start(builtin(agent, Builtin::Echo))
}

pub(crate) fn counter(agent: &str) -> Command {
    start(builtin(agent, Builtin::Counter))
}

pub(crate) fn start(spec: AgentSpec) -> Command {
    Command::StartAgent { spec: Box::new(spec), pin: None, replace: false }
}

pub(crate) fn name(name: &str) -> Name {
    Name::new(name).unwrap()
}

pub(crate) fn call(agent: &str, method: &str, params: &'static str) -> Call {
    let params = Bytes::from_static(params.as_bytes());
    Call::new(name(agent), method, params, Duration::from_secs(20))
}
