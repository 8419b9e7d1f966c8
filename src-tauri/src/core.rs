//! The node, in a thread of its own: no window, page or bus can stop it.

use std::{
    fmt,
    process::ExitCode,
    sync::{Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

use crate::{
    notice::{Choice, Notice},
    stub::Local,
};

/// A running node and the door to it.
#[derive(Debug)]
pub(crate) struct Core {
    local: Local,
    title: String,
    stop: mpsc::SyncSender<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How a node ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Somebody asked it to stop.
    Asked,
    /// A fault in Covey; what is known of it.
    Fault(String),
}

#[derive(Debug)]
pub(crate) struct StartFailure(String);
impl fmt::Display for StartFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl StartFailure {
    pub(crate) fn notice(&self) -> Notice {
        Notice {
            label: "failure",
            title: "Covey could not start".into(),
            text: vec![],
            detail: self.0.clone(),
            choices: &[Choice::Restart, Choice::Quit],
        }
    }
}

impl Core {
    pub(crate) fn start(
        profile: &str,
        ended: impl FnOnce(End) + Send + 'static,
    ) -> Result<Self, StartFailure> {
        if profile == "locked" {
            return Err(StartFailure("the folder is locked by process 7".into()));
        }
        let (ready, is_ready) = mpsc::sync_channel(1);
        let (stop, stopping) = mpsc::sync_channel(1);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            ready.send(Local(runtime.handle().clone())).unwrap();
            let _: Result<(), _> = stopping.recv();
            ended(End::Asked);
        });
        let local = is_ready.recv().unwrap();
        Ok(Self {
            local,
            title: if profile == "default" { "Covey".into() } else { format!("Covey: {profile}") },
            stop,
            thread: Mutex::new(Some(thread)),
        })
    }
    pub(crate) fn local(&self) -> &Local {
        &self.local
    }
    pub(crate) fn title(&self) -> &str {
        &self.title
    }
    pub(crate) fn stop(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            drop(self.stop.send(()));
            drop(thread.join());
        }
    }
}
pub(crate) fn run_headless(_: &str) -> ExitCode {
    ExitCode::FAILURE
}
pub(crate) fn log_to_stderr() {}
