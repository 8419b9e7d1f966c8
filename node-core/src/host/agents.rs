//! The host as the driver and the callers see it.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use covey_logic::{
    Epoch, Name, NodeId, Wall,
    agent::{AgentSpec, AgentState, Exit, ExitReason, Runtime},
};
use serde_json::value::RawValue;
use tokio::{
    sync::{Notify, mpsc},
    time::{Instant, timeout_at},
};

use super::{
    builtin::{self, Builtins},
    call::{Call, CallError},
    desk::{Asker, Desk},
    guard::GuardProgram,
    handoff,
    life::{Body, Life, Order, Place},
    log::{LogLine, Logs},
    measure::Ends,
    table::{Found, Table},
};

/// What a host is given.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// Where agents get their folders; nothing else is kept there.
    pub work_dir: PathBuf,
    /// What starts programs.
    pub guard: GuardProgram,
    /// This node, to tell agents where they run.
    pub node: NodeId,
    /// Answers what agents ask of their node.
    pub desk: Arc<dyn Desk>,
    /// Reads the wall clock, for the times of log lines.
    pub wall: fn() -> Wall,
}

/// What became of a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostEvent {
    /// The agent takes messages.
    Started {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
    },
    /// The agent hands its state over, and waits for it.
    Warm {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
    },
    /// The agent has no call in hand and takes none.
    Suspended {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
        /// Its state, or why it gave none.
        result: Result<AgentState, String>,
    },
    /// The agent gave its state.
    Snapshot {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
        /// Its state.
        state: AgentState,
    },
    /// The life ended, and nothing of it is left; told once for each start.
    Exited {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
        /// How.
        exit: Exit,
    },
}

/// Runs agents; cheap to clone. When the last clone is gone, its programs are killed.
#[derive(Clone, Debug)]
pub struct Host(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) table: Table,
    logs: Logs,
    events: mpsc::Sender<HostEvent>,
    node: NodeId,
    /// Set by [`Host::stop_all`].
    closed: AtomicBool,
    /// How often agents ended unasked.
    pub(super) ends: Ends,
    /// Told at the end of each life.
    ended: Notify,
    #[cfg(unix)]
    programs: super::process::Programs,
}

/// Events that wait for the driver.
const EVENT_CAPACITY: usize = 1_024;
/// What a program needs after its grace: a second between the two signals, and some to be buried.
const AFTER_GRACE: Duration = Duration::from_millis(1_500);

impl Host {
    /// Starts a host without agents, and removes what a host that was killed left in its folder.
    #[must_use]
    #[cfg_attr(
        not(unix),
        expect(clippy::needless_pass_by_value, reason = "programs run on Unix, and own it there")
    )]
    pub fn start(config: HostConfig) -> (Self, mpsc::Receiver<HostEvent>) {
        let (events, told) = mpsc::channel(EVENT_CAPACITY);
        let inner = Inner {
            table: Table::default(),
            logs: Logs::new(config.wall),
            events,
            node: config.node,
            closed: AtomicBool::new(false),
            ends: Ends::default(),
            ended: Notify::new(),
            #[cfg(unix)]
            programs: super::process::Programs::start(config),
        };
        (Self(Arc::new(inner)), told)
    }

    /// Starts a life of an agent; ends in [`HostEvent::Started`], and at last in
    /// [`HostEvent::Exited`]. A life that is here already is left alone.
    pub fn start_agent(&self, spec: Arc<AgentSpec>, epoch: Epoch) {
        self.begin(spec, epoch, None);
    }

    /// The same of an exclusive agent, under a fencing token. A program is killed at the end of what
    /// [`Self::prolong`] said last, also while this process stands still.
    pub fn start_exclusive(&self, spec: Arc<AgentSpec>, epoch: Epoch, token: u64) {
        self.begin(spec, epoch, Some(token));
    }

    /// The node of which it is the host.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.0.node
    }

    /// The programs of an exclusive agent may run until then, in time since the machine booted.
    pub async fn prolong(&self, name: &Name, until: Duration) {
        #[cfg(unix)]
        self.0.programs.prolong(name, until).await;
        #[cfg(not(unix))]
        let _none_run = (name, until);
    }

    /// Nothing of an exclusive agent runs here any more.
    pub fn outlived(&self, name: &Name) {
        #[cfg(unix)]
        self.0.programs.outlived(name);
        #[cfg(not(unix))]
        let _none_run = name;
    }

    fn begin(&self, spec: Arc<AgentSpec>, epoch: Epoch, token: Option<u64>) {
        let body = match &spec.runtime {
            Runtime::Builtin { agent } => Body::Builtin(Builtins::new(*agent)),
            #[cfg(unix)]
            Runtime::Process { .. } => {
                Body::Process(super::process::Mailbox::new(spec.limits.mailbox))
            }
            #[cfg(not(unix))]
            Runtime::Process { .. } => {
                return self.refuse(&spec, epoch, "programs cannot run on this system".to_owned());
            }
        };
        if self.0.closed.load(Ordering::Acquire) {
            return self.refuse(&spec, epoch, "the node is stopping".to_owned());
        }
        let (life, orders) = Life::new(&spec, (epoch, token), body);
        match self.0.table.add(Arc::clone(&life)) {
            Ok(()) => {
                tokio::spawn(self.clone().live(life, spec, orders));
            }
            Err(latest) if latest == epoch => {
                tracing::warn!(agent = %spec.name, epoch = epoch.0, "start of a life that is here");
            }
            Err(latest) => {
                self.refuse(&spec, epoch, format!("a later life, {}, is here", latest.0));
            }
        }
    }

    /// Tells a life to stop, and kills it after `grace`; nothing happens if it is not here.
    pub fn stop_agent(&self, name: &Name, epoch: Epoch, grace: Duration) {
        let Found::Life(life) = self.0.table.find(name, epoch) else { return };
        if life.handing.is_some() {
            drop(tokio::spawn(handoff::stop(Arc::clone(&self.0), life, grace)));
        } else {
            life.stop(grace);
        }
    }

    /// Gives a life that hands its state over what it goes on from, or lets it begin without; ends
    /// in [`HostEvent::Started`] or [`HostEvent::Exited`].
    pub fn restore_agent(&self, name: &Name, epoch: Epoch, state: Option<AgentState>) {
        if let Some(life) = self.handing_over(name, epoch)
            && let Some(handing) = &life.handing
        {
            handing.give(state);
        }
    }

    /// Offers a life the state of another that lost its name to it, between its calls; one that makes
    /// nothing of it goes on as it is.
    pub fn merge_agent(&self, name: &Name, epoch: Epoch, state: AgentState) {
        if let Some(life) = self.handing_over(name, epoch) {
            drop(tokio::spawn(handoff::merge(life, state)));
        }
    }

    /// Holds new calls of a life back and lets it finish those it has; ends in
    /// [`HostEvent::Suspended`], unless it is resumed before, or in [`HostEvent::Exited`].
    pub fn suspend_agent(&self, name: &Name, epoch: Epoch) {
        if let Some(life) = self.handing_over(name, epoch) {
            drop(tokio::spawn(handoff::suspend(Arc::clone(&self.0), life)));
        }
    }

    /// Gives a suspended life the calls that were held back.
    pub fn resume_agent(&self, name: &Name, epoch: Epoch) {
        if let Some(life) = self.handing_over(name, epoch)
            && let Some(handing) = &life.handing
        {
            handing.resume();
        }
    }

    fn handing_over(&self, name: &Name, epoch: Epoch) -> Option<Arc<Life>> {
        match self.0.table.find(name, epoch) {
            Found::Life(life) => Some(life).filter(|life| life.handing.is_some()),
            Found::Other | Found::Nothing => None,
        }
    }

    /// Starts no more agents, stops all, and kills at `deadline` those that are left.
    ///
    /// [`HostEvent`]s go on to be told; it is not necessary to read them while this waits.
    pub async fn stop_all(&self, deadline: Instant) {
        self.0.closed.store(true, Ordering::Release);
        let grace = deadline.saturating_duration_since(Instant::now()).saturating_sub(AFTER_GRACE);
        self.0.table.all().iter().for_each(|life| life.stop(grace));
        if timeout_at(deadline, self.none_left()).await.is_err() {
            self.0.table.all().iter().for_each(|life| life.kill(ExitReason::Stopped));
            let last = Instant::now() + AFTER_GRACE;
            if timeout_at(last, self.none_left()).await.is_err() {
                tracing::warn!("agents were left behind when the host stopped");
            }
        }
    }

    /// Asks an agent. Dropping the future withdraws no message: the agent may handle it all the
    /// same.
    ///
    /// # Errors
    ///
    /// See [`CallError`], which tells for each case whether the call may have been handled.
    pub async fn call(&self, name: &Name, epoch: Epoch, call: Call) -> Result<Bytes, CallError> {
        let life = match self.0.table.find(name, epoch) {
            Found::Life(life) => life,
            Found::Other => return Err(CallError::StaleEpoch),
            Found::Nothing => return Err(CallError::Unknown),
        };
        let size = call.params.len();
        if size > Call::MAX_SIZE {
            return Err(CallError::TooBig { size, max: Call::MAX_SIZE });
        }
        if size > 0 && serde_json::from_slice::<&RawValue>(&call.params).is_err() {
            return Err(CallError::NotJson);
        }
        let (began, answered) = (Instant::now(), call.answered);
        let handed = loop {
            if life.is_stopping() {
                return Err(CallError::Stopping);
            }
            let Some(handing) = &life.handing else { break hand(&life, &call) };
            handing.admit(&life, call.deadline).await?;
            if let Some(handed) = handing.hand(|| hand(&life, &call)) {
                break handed;
            }
        };
        let result = match handed {
            Handed::Done(result) => result,
            Handed::Sleeps(place) if call.answered => builtin::sleep(&life, place, &call).await,
            Handed::Sleeps(None) => Err(CallError::Busy),
            Handed::Sleeps(place) => {
                let life = Arc::clone(&life);
                let asleep = async move { builtin::sleep(&life, place, &call).await };
                drop(tokio::spawn(asleep));
                Ok(Bytes::new())
            }
            #[cfg(unix)]
            Handed::Queued(answer) => super::process::Mailbox::answer_of(answer, &call).await,
        };
        if answered {
            life.meter.count(began.elapsed(), &result);
        }
        if matches!(result, Ok(_) | Err(CallError::Agent { .. })) {
            self.0.table.count(name);
        }
        result
    }

    /// How many of the newest lines of each agent are kept from here on, 1,000 at most.
    pub fn keep_lines(&self, lines: usize) {
        self.0.logs.keep(lines);
    }

    /// The newest `lines` lines of an agent, oldest first; those of its earlier lives on this node
    /// among them, also after it ended.
    #[must_use]
    pub fn logs(&self, name: &Name, lines: usize) -> Vec<LogLine> {
        self.0.logs.tail(name, lines)
    }

    /// Calls that agents here have answered since the host started.
    #[must_use]
    pub fn handled(&self) -> u64 {
        self.0.table.handled()
    }

    /// Who is here and not being stopped, in the order of names.
    #[must_use]
    pub fn residents(&self) -> Vec<Asker> {
        let lives = self.0.table.all();
        let mut residents: Vec<Asker> =
            lives.iter().filter(|life| !life.is_stopping()).map(|life| life.asker()).collect();
        residents.sort_by(|one, other| one.name.cmp(&other.name));
        residents
    }

    /// Lives that are here.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.table.all().len()
    }

    /// One life from its start to its end.
    async fn live(self, life: Arc<Life>, spec: Arc<AgentSpec>, mut orders: mpsc::Receiver<Order>) {
        let (name, epoch) = (life.name.clone(), life.epoch);
        let tending = life
            .handing
            .is_some()
            .then(|| tokio::spawn(handoff::tend(Arc::clone(&self.0), Arc::clone(&life))));
        let mut started = Started::new(&self.0.events, &name, epoch);
        let exit = match &life.body {
            Body::Builtin(agent) => {
                started.tell_of(&life);
                let reason = agent.live(&mut orders, || self.0.logs.open(&name)).await;
                Exit { reason, tail: Vec::new() }
            }
            #[cfg(unix)]
            Body::Process(mailbox) => {
                let log = self.0.logs.open(&name);
                let part = super::process::Part { life: &life, spec: &spec, mailbox, log: &log };
                let reason =
                    self.0.programs.live(part, &mut orders, || started.tell_of(&life)).await;
                Exit { reason, tail: log.last_words() }
            }
        };
        drop(spec);
        self.0.ends.note(&name, &exit.reason);
        life.end();
        self.0.table.remove(&name, epoch);
        self.0.ended.notify_waiters();
        if let Some(tending) = tending {
            let _runtime_gone = tending.await;
        }
        started.told().await;
        let _driver_gone = self.0.events.send(HostEvent::Exited { name, epoch, exit }).await;
    }

    fn refuse(&self, spec: &AgentSpec, epoch: Epoch, error: String) {
        let exit = Exit { reason: ExitReason::NotStarted { error }, tail: Vec::new() };
        let event = HostEvent::Exited { name: spec.name.clone(), epoch, exit };
        let events = self.0.events.clone();
        tokio::spawn(async move { events.send(event).await });
    }

    async fn none_left(&self) {
        loop {
            let ended = self.0.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            if self.0.table.all().is_empty() {
                return;
            }
            ended.await;
        }
    }
}

impl Inner {
    pub(super) async fn tell(&self, event: HostEvent) {
        let _driver_gone = self.events.send(event).await;
    }
}

/// A message that was handed to its agent.
enum Handed {
    /// It is done.
    Done(Result<Bytes, CallError>),
    /// It takes its time, in a place of the mailbox if there was one.
    Sleeps(Option<Place>),
    /// It waits for the program's answer, or found no room.
    #[cfg(unix)]
    Queued(Result<super::process::Answer, CallError>),
}

fn hand(life: &Arc<Life>, call: &Call) -> Handed {
    match &life.body {
        Body::Builtin(agent) => match agent.handle(&call.method, &call.params) {
            Some(_nobody_waits) if !call.answered => Handed::Done(Ok(Bytes::new())),
            Some(result) => Handed::Done(result),
            None => Handed::Sleeps(life.take_place()),
        },
        #[cfg(unix)]
        Body::Process(mailbox) if call.answered => Handed::Queued(mailbox.hand(life, call)),
        #[cfg(unix)]
        Body::Process(mailbox) => Handed::Done(mailbox.notify(life, call).map(|()| Bytes::new())),
    }
}

/// Tells of a start without waiting for the driver, which may be waiting for this life to end.
struct Started<'a> {
    events: &'a mpsc::Sender<HostEvent>,
    event: Option<HostEvent>,
    telling: Option<tokio::task::JoinHandle<()>>,
}

impl<'a> Started<'a> {
    fn new(events: &'a mpsc::Sender<HostEvent>, name: &Name, epoch: Epoch) -> Self {
        let event = HostEvent::Started { name: name.clone(), epoch };
        Self { events, event: Some(event), telling: None }
    }

    /// Tells of the start; one that hands its state over has not started before it has it.
    fn tell_of(&mut self, life: &Life) {
        match &life.handing {
            Some(handing) => handing.warmed(),
            None => self.tell(),
        }
    }

    fn tell(&mut self) {
        let Some(event) = self.event.take() else { return };
        if let Err(mpsc::error::TrySendError::Full(event)) = self.events.try_send(event) {
            let events = self.events.clone();
            let telling = async move {
                let _driver_gone = events.send(event).await;
            };
            self.telling = Some(tokio::spawn(telling));
        }
    }

    async fn told(self) {
        if let Some(telling) = self.telling {
            let _runtime_gone = telling.await;
        }
    }
}
