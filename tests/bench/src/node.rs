//! A node as a process: `covey node`.

use std::{
    fs::File,
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use covey_cluster::Lan;
use covey_node::control::endpoint::Endpoint;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{
    door,
    error::BenchError,
    site::{self, Company, Site},
    wait::{PATIENCE, until},
};

/// On which network.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// This process's.
    Here,
    /// A host of a network in namespaces.
    Host(Arc<Lan>, u8),
}

impl Place {
    /// Does `work` there.
    fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match self {
            Self::Here => work(),
            Self::Host(lan, host) => lan.inside(*host, work),
        }
    }
}

/// A node; its process ends with it.
#[derive(Debug)]
pub(crate) struct Node {
    name: String,
    data: PathBuf,
    place: Place,
    process: Option<Child>,
    endpoint: Option<Endpoint>,
    id: String,
}

impl Node {
    /// One that does not run yet.
    pub(crate) fn new(
        site: &Site,
        name: &str,
        company: Company,
        place: Place,
    ) -> Result<Self, BenchError> {
        let data = site.data(name, company)?;
        let (name, id) = (name.to_owned(), String::new());
        Ok(Self { name, data, place, process: None, endpoint: None, id })
    }

    /// Starts the process; returns when it did.
    pub(crate) fn launch(&mut self) -> Result<Instant, BenchError> {
        let log = File::options().create(true).append(true).open(self.data.with_extension("log"));
        let log = log.map_err(BenchError::io("make a log"))?;
        let mut command = Command::new(site::covey()?);
        let data = &self.data;
        command.arg("--data").arg(data).arg("node").stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr::<File>(log).env("COVEY_LOG", "warn");
        if let Some(folder) = data.parent() {
            command.env("XDG_RUNTIME_DIR", folder);
        }
        let begun = Instant::now();
        let child = self.place.inside(|| command.spawn());
        self.process = Some(child.map_err(BenchError::io("run covey"))?);
        Ok(begun)
    }

    /// Waits until the control interface answers.
    pub(crate) async fn ready(&mut self) -> Result<Instant, BenchError> {
        let pid = self.pid()?;
        let status = until(format!("{} answers", self.name), PATIENCE, async || {
            let posted = Endpoint::find(&self.data).map_err(|error| error.to_string())?;
            let posted = posted.filter(|posted| posted.pid == pid);
            let posted = posted.ok_or_else(|| "it has posted no door".to_owned())?;
            self.endpoint = Some(posted);
            self.ask("status.get", &json!({})).await.map_err(|error| error.to_string())
        });
        let status = status.await?;
        let ready = Instant::now();
        self.id = status.get("node").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(ready)
    }

    /// Starts the process and waits until it answers.
    pub(crate) async fn start(&mut self) -> Result<(), BenchError> {
        self.launch()?;
        self.ready().await.map(drop)
    }

    /// Ends the process as a power cut does.
    pub(crate) fn kill(&mut self) -> Result<(), BenchError> {
        self.signal(Signal::KILL)?;
        self.endpoint = None;
        if let Some(mut child) = self.process.take() {
            child.wait().map_err(BenchError::io("bury a node"))?;
        }
        Ok(())
    }

    /// Sends a signal to the process.
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), BenchError> {
        let pid = i32::try_from(self.pid()?).ok().and_then(Pid::from_raw);
        let sent = pid.map(|pid| kill_process(pid, signal));
        let ended = || BenchError::Ended { node: self.name.clone() };
        sent.ok_or_else(ended)?.map_err(|error| BenchError::io("signal a node")(error.into()))
    }

    /// Cuts its cable, if it has one.
    pub(crate) fn unplug(&self) {
        if let Place::Host(lan, host) = &self.place {
            lan.unplug(*host);
        }
    }

    /// Mends its cable.
    pub(crate) fn plug(&self) {
        if let Place::Host(lan, host) = &self.place {
            lan.plug(*host);
        }
    }

    /// Asks the control interface.
    pub(crate) async fn ask(&self, command: &str, arguments: &Value) -> Result<Value, BenchError> {
        let ended = || BenchError::Ended { node: self.name.clone() };
        let endpoint = self.endpoint.as_ref().ok_or_else(ended)?;
        let address: SocketAddr = door::authority(endpoint).parse().ok().ok_or_else(ended)?;
        let limit = Duration::from_secs(1);
        let connect = || std::net::TcpStream::connect_timeout(&address, limit);
        let stream = self.place.inside(connect).and_then(|stream| {
            stream.set_nonblocking(true)?;
            TcpStream::from_std(stream)
        });
        let stream = stream.map_err(BenchError::io("reach a node"))?;
        door::ask(stream, endpoint, command, arguments).await
    }

    /// Calls an agent, briefly, so that what waits for a lost node asks anew; tells which node
    /// answered.
    pub(crate) async fn call(&self, agent: &str, method: &str) -> Result<String, BenchError> {
        let call = json!({ "name": agent, "method": method, "params": null, "timeout_ms": 200 });
        let answer = self.ask("agent.call", &call).await?;
        Ok(answer.get("node").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// How many members it holds to be alive, itself counted, and how many agree with it.
    pub(crate) async fn alive(&self) -> Result<(u64, u64), String> {
        let status = self.ask("status.get", &json!({})).await.map_err(|error| error.to_string())?;
        let count = |field| status.get(field).and_then(Value::as_u64).unwrap_or_default();
        Ok((count("nodes_alive"), count("converged")))
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn pid(&self) -> Result<u32, BenchError> {
        let ended = || BenchError::Ended { node: self.name.clone() };
        self.process.as_ref().map(Child::id).ok_or_else(ended)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut child) = self.process.take() {
            // One that ended by itself is as good as one that is killed.
            drop(child.kill());
            drop(child.wait());
        }
    }
}
