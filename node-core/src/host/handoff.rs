//! Agents that hand their state over: what holds their calls back, and takes and gives their state.
//!
//! The node decides when; here is how it is exact. A call is either handled before the state is
//! taken, and in it, or held back and not handled here at all until the agent goes on.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use covey_logic::agent::{AgentSpec, AgentState, ExitReason};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, timeout_at},
};

use super::{
    agents::{HostEvent, Inner},
    call::CallError,
    life::{Body, Life},
};

/// Whether a life takes calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intake {
    /// It waits for its state.
    Waiting,
    /// It does.
    Open,
    /// Calls wait.
    Held,
    /// It never does again.
    Closed,
}

/// What a life that hands its state over has beside the others.
#[derive(Debug)]
pub(super) struct Handing {
    intake: watch::Sender<Intake>,
    /// Held for reading while a call is handed to the agent: whoever writes knows that none is.
    handing: RwLock<()>,
    /// What it goes on from, once that is known.
    given: watch::Sender<Option<Option<AgentState>>>,
    /// Whether it waits for that.
    warm: watch::Sender<bool>,
    /// Calls that are held back.
    held: AtomicU32,
    /// Goes up with each suspension and each resumption.
    turn: AtomicU64,
    /// Told when the last call in hand is done.
    pub(super) idle: Notify,
    /// Calls handed to the agent.
    handed: AtomicU64,
    checkpoint: Duration,
}

impl Handing {
    /// For agents that hand their state over.
    pub(super) fn new(spec: &AgentSpec) -> Option<Self> {
        spec.handoff.state.then(|| Self {
            intake: watch::Sender::new(Intake::Waiting),
            handing: RwLock::new(()),
            given: watch::Sender::new(None),
            warm: watch::Sender::new(false),
            held: AtomicU32::new(0),
            turn: AtomicU64::new(0),
            idle: Notify::new(),
            handed: AtomicU64::new(0),
            checkpoint: Duration::from_millis(spec.handoff.checkpoint_ms),
        })
    }

    /// Takes no call from here on.
    pub(super) fn close(&self) {
        self.intake.send_replace(Intake::Closed);
    }

    /// The agent is there and waits for its state.
    pub(super) fn warmed(&self) {
        self.warm.send_replace(true);
    }

    /// What the agent goes on from; only the first word counts.
    pub(super) fn give(&self, state: Option<AgentState>) {
        self.given.send_if_modified(|given| {
            let first = given.is_none();
            if first {
                *given = Some(state);
            }
            first
        });
    }

    /// Lets a suspended agent go on.
    pub(super) fn resume(&self) {
        self.turn.fetch_add(1, Ordering::AcqRel);
        self.turn_intake(Intake::Held, Intake::Open);
    }

    fn turn_intake(&self, from: Intake, to: Intake) -> bool {
        self.intake.send_if_modified(|intake| {
            let turns = *intake == from;
            if turns {
                *intake = to;
            }
            turns
        })
    }

    /// Waits until calls are taken.
    ///
    /// # Errors
    ///
    /// [`CallError::Busy`] if too many wait, [`CallError::Stopping`] if it never may, or not in time:
    /// nothing was handled.
    pub(super) async fn admit(&self, life: &Life, deadline: Instant) -> Result<(), CallError> {
        if *self.intake.borrow() != Intake::Open {
            let held = Held(&self.held);
            if self.held.fetch_add(1, Ordering::AcqRel) >= life.limits.mailbox {
                return Err(CallError::Busy);
            }
            let mut intake = self.intake.subscribe();
            let open = intake.wait_for(|it| matches!(it, Intake::Open | Intake::Closed));
            let open = timeout_at(deadline, open).await;
            drop(held);
            match open {
                Ok(Ok(intake)) if *intake == Intake::Open => {}
                _ => return Err(CallError::Stopping),
            }
        }
        Ok(())
    }

    /// Hands a call over, unless the agent takes none by now: then it waits again.
    pub(super) fn hand<T>(&self, hand: impl FnOnce() -> T) -> Option<T> {
        let _handing = self.handing.read().unwrap_or_else(PoisonError::into_inner);
        if *self.intake.borrow() != Intake::Open {
            return None;
        }
        self.handed.fetch_add(1, Ordering::AcqRel);
        Some(hand())
    }

    /// Holds calls back, lets those in hand finish, and takes the state; none if the agent went on
    /// or ended meanwhile.
    async fn suspend(&self, life: &Arc<Life>) -> Option<Result<AgentState, String>> {
        let turn = self.turn.fetch_add(1, Ordering::AcqRel) + 1;
        if !self.turn_intake(Intake::Open, Intake::Held) {
            return Some(Err("it takes no calls".to_owned()));
        }
        drop(self.handing.write().unwrap_or_else(PoisonError::into_inner));
        let state = async {
            loop {
                let idle = self.idle.notified();
                tokio::pin!(idle);
                idle.as_mut().enable();
                if life.in_hand() == 0 {
                    break;
                }
                idle.await;
            }
            life.snapshot().await
        };
        tokio::select! {
            state = state => (self.turn.load(Ordering::Acquire) == turn).then_some(state),
            () = life.ended() => None,
        }
    }
}

/// What became of a state that was offered.
enum Offered {
    Ignored,
    #[cfg(unix)]
    Handed(Result<super::process::Answer, CallError>),
}

impl Offered {
    async fn answer(self) -> Result<(), String> {
        match self {
            Self::Ignored => Err("its kind merges no states".to_owned()),
            #[cfg(unix)]
            Self::Handed(answer) => match answer.map_err(|error| error.to_string())?.await {
                Ok(result) => result.map(drop).map_err(|error| error.to_string()),
                Err(_ended) => Err(CallError::Crashed.to_string()),
            },
        }
    }
}

/// A call that is held back.
struct Held<'a>(&'a AtomicU32);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Life {
    /// The state as it is.
    async fn snapshot(self: &Arc<Self>) -> Result<AgentState, String> {
        match &self.body {
            Body::Builtin(agent) => Ok(agent.state()),
            #[cfg(unix)]
            Body::Process(mailbox) => mailbox.snapshot().await,
        }
    }

    /// Hands it a state to make one of its own and that; no builtin agent can.
    fn offer(&self, state: &AgentState) -> Offered {
        match &self.body {
            Body::Builtin(_) => Offered::Ignored,
            #[cfg(unix)]
            Body::Process(mailbox) => Offered::Handed(mailbox.merge(state)),
        }
    }

    /// Goes on from a state.
    async fn restore(self: &Arc<Self>, state: &AgentState) -> Result<(), String> {
        match &self.body {
            Body::Builtin(agent) => agent.restore(state),
            #[cfg(unix)]
            Body::Process(mailbox) => mailbox.restore(state).await,
        }
    }
}

/// Tells the node of a suspension, once it is done.
pub(super) async fn suspend(host: Arc<Inner>, life: Arc<Life>) {
    let Some(handing) = &life.handing else { return };
    if let Some(result) = handing.suspend(&life).await {
        let (name, epoch) = (life.name.clone(), life.epoch);
        host.tell(HostEvent::Suspended { name, epoch, result }).await;
    }
}

/// Offers a life the state of one that lost to it, as if it were a call: it is in the next state that
/// is taken, or held back until the agent goes on.
pub(super) async fn merge(life: Arc<Life>, state: AgentState) {
    let Some(handing) = &life.handing else { return };
    let deadline = Instant::now() + Duration::from_millis(life.limits.handle_ms);
    let merged = loop {
        if let Err(error) = handing.admit(&life, deadline).await {
            break Err(error.to_string());
        }
        if let Some(offered) = handing.hand(|| life.offer(&state)) {
            break offered.answer().await;
        }
    };
    if let Err(reason) = merged {
        tracing::debug!(agent = %life.name, reason, "agent did not merge a state");
    }
}

/// Stops a life after its state was taken once more, so that nothing it answered is forgotten.
pub(super) async fn stop(host: Arc<Inner>, life: Arc<Life>, grace: Duration) {
    let deadline = Instant::now() + grace;
    if let Some(handing) = &life.handing
        && *handing.intake.borrow() == Intake::Open
        && let Ok(Some(Ok(state))) = timeout_at(deadline, handing.suspend(&life)).await
    {
        let (name, epoch) = (life.name.clone(), life.epoch);
        host.tell(HostEvent::Snapshot { name, epoch, state }).await;
    }
    life.stop(deadline.saturating_duration_since(Instant::now()));
}

/// Looks after a life from its start: gives it its state, and takes copies of it. Ends with it.
pub(super) async fn tend(host: Arc<Inner>, life: Arc<Life>) {
    tokio::select! {
        () = begin_and_copy(&host, &life) => {}
        () = life.ended() => {}
    }
}

async fn begin_and_copy(host: &Inner, life: &Arc<Life>) {
    let Some(handing) = &life.handing else { return };
    let (name, epoch) = (life.name.clone(), life.epoch);
    // The sender lives as long as the life.
    let _warm = handing.warm.subscribe().wait_for(|warm| *warm).await.is_ok();
    host.tell(HostEvent::Warm { name: name.clone(), epoch }).await;
    let mut given = handing.given.subscribe();
    let given = given.wait_for(Option::is_some).await.ok().and_then(|given| given.clone());
    if let Some(Some(state)) = given
        && let Err(error) = life.restore(&state).await
    {
        let error = format!("its state could not be restored: {error}");
        return life.kill(ExitReason::NotStarted { error });
    }
    if !handing.turn_intake(Intake::Waiting, Intake::Open) {
        return;
    }
    host.tell(HostEvent::Started { name: name.clone(), epoch }).await;
    let mut copied = 0;
    loop {
        sleep(handing.checkpoint).await;
        let handed = handing.handed.load(Ordering::Acquire);
        if handed == copied || *handing.intake.borrow() != Intake::Open {
            continue;
        }
        match life.snapshot().await {
            // One that was suspended since is taken exactly, or stopped.
            Ok(_) if *handing.intake.borrow() != Intake::Open => {}
            Ok(state) if state.len() <= AgentState::MAX_LEN => {
                copied = handed;
                host.tell(HostEvent::Snapshot { name: name.clone(), epoch, state }).await;
            }
            Ok(state) => {
                let bytes = state.len();
                tracing::warn!(agent = %name, bytes, "state is too long to be copied");
                copied = handed;
            }
            Err(error) => {
                tracing::warn!(agent = %name, error, "agent gave no state");
                copied = handed;
            }
        }
    }
}
