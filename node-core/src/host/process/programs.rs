//! What the lives of programs share.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use covey_logic::{
    Name, NodeId,
    agent::{AgentSpec, ExitReason},
};
use tokio::{sync::mpsc, task, time};

use super::{files, mailbox::Mailbox, memory, run, spawner::Spawner};
use crate::host::{
    agents::HostConfig,
    desk::Desk,
    guard::GuardProgram,
    life::{Life, Order},
    log::Log,
};

/// What the lives of programs share.
#[derive(Debug)]
pub(in crate::host) struct Programs {
    pub(super) work_dir: PathBuf,
    pub(super) node: NodeId,
    pub(super) guard: GuardProgram,
    pub(super) desk: Arc<dyn Desk>,
    spawner: io::Result<Spawner>,
    groups: Arc<Groups>,
    /// Until when each exclusive agent may run, and the group in which it does.
    terms: Mutex<BTreeMap<Name, Term>>,
}

/// How long the program of an exclusive agent may run.
#[derive(Clone, Copy, Debug, Default)]
struct Term {
    until: Duration,
    group: Option<u32>,
}

/// The groups that run, for those who watch their memory.
#[derive(Debug, Default)]
struct Groups {
    lives: Mutex<BTreeMap<i32, Weak<Life>>>,
}

/// What belongs to one life.
#[derive(Clone, Copy, Debug)]
pub(in crate::host) struct Part<'a> {
    pub(in crate::host) life: &'a Arc<Life>,
    pub(in crate::host) spec: &'a AgentSpec,
    pub(in crate::host) mailbox: &'a Mailbox,
    pub(in crate::host) log: &'a Log,
}

impl Programs {
    pub(in crate::host) fn start(config: HostConfig) -> Self {
        files::sweep(&config.work_dir);
        let groups = Arc::new(Groups::default());
        tokio::spawn(watch(Arc::downgrade(&groups)));
        Self {
            work_dir: config.work_dir,
            node: config.node,
            spawner: Spawner::start(config.guard.clone()),
            guard: config.guard,
            desk: config.desk,
            groups,
            terms: Mutex::default(),
        }
    }

    /// Runs a program to its end, and tells when it takes calls.
    pub(in crate::host) async fn live(
        &self,
        part: Part<'_>,
        orders: &mut mpsc::Receiver<Order>,
        started: impl FnMut() + Send,
    ) -> ExitReason {
        run::live(self, part, orders, started).await
    }

    pub(super) fn spawner(&self) -> io::Result<&Spawner> {
        self.spawner.as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()))
    }

    /// The program of an exclusive agent may run until then.
    pub(in crate::host) async fn prolong(&self, name: &Name, until: Duration) {
        let group = {
            let mut terms = self.terms();
            let term = terms.entry(name.clone()).or_default();
            term.until = until;
            term.group
        };
        if let (Some(group), Ok(spawner)) = (group, self.spawner()) {
            spawner.prolong(group, until).await;
        }
    }

    /// No program of the agent runs, and none will before it is granted anew.
    pub(in crate::host) fn outlived(&self, name: &Name) {
        self.terms().remove(name);
    }

    /// Until when the program of a life may run, if it is exclusive.
    pub(super) fn term(&self, life: &Life) -> Option<Duration> {
        life.token?;
        Some(self.terms().get(&life.name).copied().unwrap_or_default().until)
    }

    /// The program of a life began in a group, or ended; until when it may run if that changed
    /// meanwhile.
    pub(super) fn runs_in(&self, life: &Life, group: Option<u32>) -> Option<Duration> {
        life.token?;
        let mut terms = self.terms();
        let term = terms.get_mut(&life.name)?;
        term.group = group;
        Some(term.until)
    }

    fn terms(&self) -> MutexGuard<'_, BTreeMap<Name, Term>> {
        self.terms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn watch(&self, group: i32, life: &Arc<Life>) {
        self.groups.lives().insert(group, Arc::downgrade(life));
    }

    pub(super) fn unwatch(&self, group: i32) {
        self.groups.lives().remove(&group);
    }
}

impl Groups {
    fn lives(&self) -> MutexGuard<'_, BTreeMap<i32, Weak<Life>>> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has those killed that use more memory than they may; ends with the host.
async fn watch(groups: Weak<Groups>) {
    loop {
        time::sleep(memory::SAMPLE_INTERVAL).await;
        let Some(groups) = groups.upgrade() else { return };
        let ids = groups.lives().keys().copied().collect::<std::collections::BTreeSet<_>>();
        if ids.is_empty() {
            drop(groups);
            continue;
        }
        let used = match task::spawn_blocking(move || memory::used(&ids)).await {
            Ok(Ok(used)) => used,
            Ok(Err(error)) => {
                tracing::warn!(%error, "memory of agents cannot be read");
                continue;
            }
            Err(_runtime_ends) => return,
        };
        for (group, memory::Used { kib, cpu }) in used {
            let life = groups.lives().get(&group).and_then(Weak::upgrade);
            let Some(life) = life else { continue };
            life.meter.set_use(cpu, kib);
            let limit_mib = life.limits.memory_mib;
            if kib > u64::from(limit_mib) * 1_024 {
                let used_mib = u32::try_from(kib.div_ceil(1_024)).unwrap_or(u32::MAX);
                life.kill(ExitReason::OverMemory { used_mib, limit_mib });
            }
        }
    }
}
