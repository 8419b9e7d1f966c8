//! A node as a process on a host.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    net::TcpStream,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    Lan,
    door::{Caller, Door, Refused},
    eventually,
};

/// How long a node may take to open its control door on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an answer may take that the node gives by itself.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// Lines of its log that a failed test shows.
const LOG_LINES: usize = 80;

/// A node: its folder for as long as this lives, and its process while it runs. A test that fails
/// shows the end of its log and keeps the folder.
#[derive(Debug)]
pub struct Node {
    lan: Arc<Lan>,
    host: u8,
    name: String,
    folder: TempDir,
    process: Option<Child>,
    door: Option<Door>,
    id: String,
}

/// What a run of the command line gave.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output as JSON; null if it is none.
    pub json: Value,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Node {
    /// The lobby port of every node: each has a machine of its own.
    pub const LOBBY_PORT: u16 = 4_100;
    /// The fabric port of every node.
    pub const FABRIC_PORT: u16 = 4_101;

    /// A node that runs nowhere yet; `settings` is added to its `covey.toml`.
    ///
    /// # Panics
    ///
    /// If its folder cannot be made.
    #[must_use]
    pub fn new(lan: &Arc<Lan>, host: u8, name: &str, settings: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("covey-node-").tempdir();
        let folder = folder.unwrap_or_else(|error| panic!("there is no room for {name}: {error}"));
        let node = Self {
            lan: Arc::clone(lan),
            host,
            name: name.to_owned(),
            folder,
            process: None,
            door: None,
            id: String::new(),
        };
        let settings = format!(
            "name = {name:?}\nsame_machine = false\nlobby_port = {}\nfabric_port = {}\n{settings}\n",
            Self::LOBBY_PORT,
            Self::FABRIC_PORT
        );
        let made = DirBuilder::new()
            .mode(0o700)
            .create(node.data())
            .and_then(|()| fs::write(node.data().join("covey.toml"), settings));
        made.unwrap_or_else(|error| panic!("{name} has no data folder: {error}"));
        node
    }

    /// Starts the process and waits for its control door.
    ///
    /// # Panics
    ///
    /// If it ends, or opens no door in time.
    pub fn start(&mut self) {
        self.launch();
        self.await_door();
    }

    /// Starts the process.
    ///
    /// # Panics
    ///
    /// If it runs already, or cannot be started.
    pub fn launch(&mut self) {
        self.launch_with(&[]);
    }

    /// Starts the process as `covey node` with `arguments`.
    ///
    /// # Panics
    ///
    /// If it runs already, or cannot be started.
    pub fn launch_with(&mut self, arguments: &[&str]) {
        assert!(self.process.is_none(), "{} runs already", self.name);
        let mut command = self.covey();
        let log = OpenOptions::new().create(true).append(true).open(self.log_path());
        let log = log.and_then(|log| Ok((log.try_clone()?, log)));
        let (out, errors) = log.unwrap_or_else(|error| panic!("{} has no log: {error}", self.name));
        command.arg("node").args(arguments);
        command.stdin(Stdio::null()).stdout::<File>(out).stderr::<File>(errors);
        let child = self.lan.inside(self.host, || command.spawn());
        self.process = Some(child.unwrap_or_else(|error| panic!("covey does not run: {error}")));
    }

    /// Waits for the control door of a process that was launched.
    ///
    /// # Panics
    ///
    /// If it ends, or opens no door in time.
    pub fn await_door(&mut self) {
        let what = format!("{} opens its control door", self.name);
        let pid = self.pid();
        let file = self.data().join("control.json");
        let (door, _) = eventually(&what, START_TIMEOUT, || {
            if let Some(status) = self.process.as_mut().and_then(|child| child.try_wait().ok()?) {
                panic!("{} ended: {status}", self.name);
            }
            let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
            let posted: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            let ours = posted.get("pid").and_then(Value::as_u64) == Some(u64::from(pid));
            Door::of(&posted).filter(|_| ours).ok_or(text)
        });
        self.door = Some(door);
        let status = self.get("status.get", &json!({}));
        self.id = status.get("node").and_then(Value::as_str).unwrap_or_default().to_owned();
    }

    /// Ends the process as a power cut does.
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        if let Some(mut child) = self.process.take() {
            let ended = child.wait();
            ended.unwrap_or_else(|error| panic!("{} is lost: {error}", self.name));
        }
        self.door = None;
    }

    /// The exit code of a process that ends by itself; none if a signal ends it.
    ///
    /// # Panics
    ///
    /// If it does not end in time.
    pub fn ended(&mut self, within: Duration) -> Option<i32> {
        let Some(child) = self.process.as_mut() else { panic!("{} does not run", self.name) };
        let (status, _) = eventually(&format!("{} ends", self.name), within, || {
            let status = child.try_wait().map_err(|error| error.to_string())?;
            status.ok_or_else(|| "it runs".to_owned())
        });
        self.process = None;
        self.door = None;
        status.code()
    }

    /// Stops the process in its tracks, as a suspended machine is.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a frozen process go on.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Cuts its cable.
    pub fn unplug(&self) {
        self.lan.unplug(self.host);
    }

    /// Mends its cable.
    pub fn plug(&self) {
        self.lan.plug(self.host);
    }

    /// Runs `covey` with `arguments` on this node's machine, for this node, with JSON as its output.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[must_use]
    pub fn cli(&self, arguments: &[&str]) -> Answer {
        let mut command = self.covey();
        command.arg("--json").args(arguments).stdin(Stdio::null());
        let output = self.lan.inside(self.host, || command.output());
        let output = output.unwrap_or_else(|error| panic!("covey does not run: {error}"));
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let json = serde_json::from_str(&stdout).unwrap_or_default();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Answer { code: output.status.code(), json, stdout, stderr }
    }

    /// The same, for what must work.
    ///
    /// # Panics
    ///
    /// If it fails.
    #[track_caller]
    pub fn does(&self, arguments: &[&str]) -> Value {
        let answer = self.cli(arguments);
        let line = arguments.join(" ");
        assert_eq!(answer.code, Some(0), "{}: `covey {line}`: {answer:#?}", self.name);
        answer.json
    }

    /// Asks the control door.
    ///
    /// # Errors
    ///
    /// What the node said, or that it said nothing.
    ///
    /// # Panics
    ///
    /// If the node was not started.
    pub fn ask(&self, command: &str, arguments: &Value) -> Result<Value, Refused> {
        self.ask_within(command, arguments, ANSWER_TIMEOUT)
    }

    /// Asks the control door, and waits so long for its answer.
    ///
    /// # Errors
    ///
    /// As [`ask`](Self::ask).
    ///
    /// # Panics
    ///
    /// If the node was not started.
    pub fn ask_within(
        &self,
        command: &str,
        arguments: &Value,
        limit: Duration,
    ) -> Result<Value, Refused> {
        let door = self.door.as_ref();
        let door = door.unwrap_or_else(|| panic!("{} has no door: it does not run", self.name));
        self.lan.inside(self.host, || door.ask(command, arguments, limit))
    }

    /// A way to its control door; none if it does not run.
    #[must_use]
    pub fn caller(&self) -> Option<Caller> {
        let door = self.door.clone()?;
        Some(Caller { lan: Arc::clone(&self.lan), host: self.host, door })
    }

    /// Watches a topic as the panel does, for as long as what is returned is kept.
    ///
    /// # Panics
    ///
    /// If it does not run, or refuses.
    #[must_use]
    pub fn watch(&self, topic: &str) -> TcpStream {
        let door = self.door.as_ref();
        let door = door.unwrap_or_else(|| panic!("{} has no door: it does not run", self.name));
        let watched = self.lan.inside(self.host, || door.watch(topic));
        watched.unwrap_or_else(|error| panic!("{} shows no {topic}: {error}", self.name))
    }

    /// Asks what cannot be refused.
    ///
    /// # Panics
    ///
    /// If it is.
    #[track_caller]
    pub fn get(&self, command: &str, arguments: &Value) -> Value {
        let answer = self.ask(command, arguments);
        answer.unwrap_or_else(|error| panic!("{}: {command} {arguments}: {error}", self.name))
    }

    /// Calls an agent and waits `limit` at most.
    ///
    /// # Errors
    ///
    /// As [`ask`](Self::ask).
    pub fn call(&self, agent: &str, method: &str, limit: Duration) -> Result<Value, Refused> {
        let arguments = json!({
            "name": agent,
            "method": method,
            "params": null,
            "timeout_ms": u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        });
        self.ask("agent.call", &arguments)
    }

    /// An agent as this node sees it; null if it knows of none.
    #[must_use]
    pub fn agent(&self, name: &str) -> Value {
        row(self.get("agents.list", &json!({})), name)
    }

    /// A member as this node sees it; null if it knows of none.
    #[must_use]
    pub fn member(&self, id: &str) -> Value {
        row(self.get("nodes.list", &json!({})), id)
    }

    /// Whether it was started and not killed since.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.door.is_some()
    }

    /// Its id, once it was started.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The host it is on.
    #[must_use]
    pub fn host(&self) -> u8 {
        self.host
    }

    /// Its network.
    #[must_use]
    pub fn lan(&self) -> &Arc<Lan> {
        &self.lan
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn covey(&self) -> Command {
        let mut command = Command::new(executable());
        command
            .arg("--data")
            .arg(self.data())
            .env("COVEY_LOG", "info,covey_node=debug,covey_logic=debug")
            .env("XDG_RUNTIME_DIR", self.folder.path());
        command
    }

    pub(crate) fn pid(&self) -> u32 {
        let child = self.process.as_ref();
        child.unwrap_or_else(|| panic!("{} does not run", self.name)).id()
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        let sent = pid.map(|pid| kill_process(pid, signal));
        assert_eq!(sent, Some(Ok(())), "{} takes no signal {signal:?}", self.name);
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut child) = self.process.take() {
            // One that ended by itself is as good as one that is killed.
            drop(child.kill());
            drop(child.wait());
        }
        if std::thread::panicking() {
            self.folder.disable_cleanup(true);
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let tail = lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default();
            let folder = self.folder.path().display();
            eprintln!("--- {}, host {}, in {folder}:\n{}", self.name, self.host, tail.join("\n"));
        }
    }
}

fn row(rows: Value, id: &str) -> Value {
    let rows = if let Value::Array(rows) = rows { rows } else { Vec::new() };
    let found = rows.into_iter().find(|row| row.get("id").and_then(Value::as_str) == Some(id));
    found.unwrap_or_default()
}

/// The `covey` that was built beside the test.
fn executable() -> PathBuf {
    let test = std::env::current_exe();
    let test = test.unwrap_or_else(|error| panic!("the test cannot find itself: {error}"));
    let built = test.parent().and_then(Path::parent).map(|target| target.join("covey"));
    let covey = built.filter(|path| path.is_file());
    covey.unwrap_or_else(|| {
        panic!("no covey was built beside {}; run `cargo build -p covey-node`", test.display())
    })
}
