//! A host with a folder of its own, and specifications of agents.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use covey_logic::{
    Epoch, Name, NodeId, Wall,
    agent::{AgentSpec, Builtin, Exit, ExitReason, Limits, Runtime, SpecFile},
};
use covey_node::host::{
    Asked, Asker, Call, CallError, Declined, Desk, GuardProgram, Host, HostConfig, HostEvent,
};
use futures::future::BoxFuture;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

/// Longer than anything here takes on a machine with much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) host: Host,
    pub(crate) events: mpsc::Receiver<HostEvent>,
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (host, events) = Host::start(config(folder.path().join("agents")));
        Self { host, events, folder }
    }

    pub(crate) fn agents_folder(&self) -> PathBuf {
        self.folder.path().join("agents")
    }

    /// Starts an agent and waits until it takes messages.
    pub(crate) async fn run(&mut self, spec: &AgentSpec) {
        self.host.start_agent(Arc::new(spec.clone()), Epoch(1));
        let event = self.event().await;
        assert_eq!(event, HostEvent::Started { name: spec.name.clone(), epoch: Epoch(1) });
    }

    pub(crate) async fn event(&mut self) -> HostEvent {
        timeout(PATIENCE, self.events.recv()).await.unwrap().unwrap()
    }

    pub(crate) async fn exit(&mut self) -> Exit {
        match self.event().await {
            HostEvent::Exited { exit, .. } => exit,
            event @ (HostEvent::Started { .. }
            | HostEvent::Warm { .. }
            | HostEvent::Suspended { .. }
            | HostEvent::Snapshot { .. }) => panic!("{event:?}"),
        }
    }

    pub(crate) async fn call(&self, agent: &str, method: &str, params: &str) -> Answer {
        call(&self.host, agent, method, params).await
    }

    /// The result of a call that has one.
    pub(crate) async fn ask(&self, agent: &str, method: &str, params: &str) -> serde_json::Value {
        serde_json::from_str(&self.call(agent, method, params).await.unwrap()).unwrap()
    }

    pub(crate) fn stop(&self, agent: &str, grace: Duration) {
        self.host.stop_agent(&name(agent), Epoch(1), grace);
    }

    pub(crate) fn log(&self, agent: &str) -> Vec<String> {
        self.host.logs(&name(agent), 1_000).into_iter().map(|line| line.text).collect()
    }
}

pub(crate) type Answer = Result<String, CallError>;

pub(crate) async fn call(host: &Host, agent: &str, method: &str, params: &str) -> Answer {
    let call = request(method, params, PATIENCE);
    let answer = host.call(&name(agent), Epoch(1), call).await?;
    Ok(String::from_utf8(answer.to_vec()).unwrap())
}

pub(crate) fn request(method: &str, params: &str, wait: Duration) -> Call {
    let params = Bytes::copy_from_slice(params.as_bytes());
    Call::new(method, params, Instant::now() + wait)
}

pub(crate) fn config(work_dir: PathBuf) -> HostConfig {
    HostConfig {
        work_dir,
        guard: GuardProgram::at(env!("CARGO_BIN_EXE_covey").into()),
        node: NodeId([7; 32]),
        desk: Arc::new(Echo),
        wall: || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            Wall(u64::try_from(since.as_millis()).unwrap())
        },
    }
}

/// Answers agents with what they asked, and declines what it does not know.
#[derive(Debug)]
struct Echo;

impl Desk for Echo {
    fn ask(&self, agent: Asker, method: &str, params: Bytes) -> BoxFuture<'_, Asked> {
        let asked = match method {
            "echo" => {
                let params = String::from_utf8(params.to_vec()).unwrap();
                Ok(format!(r#"["{}",{params}]"#, agent.name).into())
            }
            _ => Err(Declined::unknown(method)),
        };
        Box::pin(async move { asked })
    }
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn builtin(agent: &str, builtin: Builtin) -> AgentSpec {
    spec(agent, Runtime::Builtin { agent: builtin })
}

/// The agent of `agent.py`.
pub(crate) fn python(agent: &str) -> AgentSpec {
    program(agent, &["python3", "agent.py"], &[("agent.py", include_str!("agent.py"))])
}

pub(crate) fn program(agent: &str, command: &[&str], files: &[(&str, &str)]) -> AgentSpec {
    let file = |(path, contents): &(&str, &str)| SpecFile {
        path: (*path).to_owned(),
        contents: contents.as_bytes().into(),
        executable: false,
    };
    let command = command.iter().map(|word| (*word).to_owned()).collect();
    let files = files.iter().map(file).collect();
    spec(agent, Runtime::Process { command, env: [].into(), files })
}

fn spec(agent: &str, runtime: Runtime) -> AgentSpec {
    let limits = Limits { handle_ms: 60_000, ..Limits::default() };
    AgentSpec { limits, ..AgentSpec::new(name(agent), runtime) }
}

/// Whether a process runs; one that ended and waits to be buried does not.
#[cfg(target_os = "linux")]
pub(crate) fn is_running(pid: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn is_running(pid: u64) -> bool {
    let pid = pid.to_string();
    let told = std::process::Command::new("ps").args(["-o", "stat=", "-p", &pid]).output();
    let told = String::from_utf8(told.unwrap().stdout).unwrap();
    !told.trim().is_empty() && !told.starts_with('Z')
}

pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn clean(reason: &ExitReason) -> bool {
    *reason == ExitReason::Stopped
}
