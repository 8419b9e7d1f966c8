//! The calls that a program has not answered yet.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use covey_logic::agent::AgentState;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout_at,
};

use super::message;
use crate::host::{
    call::{Call, CallError},
    desk::Declined,
    life::{Life, Place},
};

/// What becomes of a call that was handed over.
pub(in crate::host) type Answer = oneshot::Receiver<Result<Bytes, CallError>>;

/// What waits between callers and a program.
#[derive(Debug)]
pub(in crate::host) struct Mailbox(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Lines for the program; none once it is to take no more.
    lines: Option<mpsc::Sender<Line>>,
    /// The other end, until the program is there.
    written: Option<mpsc::Receiver<Line>>,
    last_id: u64,
    waiting: BTreeMap<u64, Waiting>,
    /// When the oldest waiting call became the oldest, or when the program began to take calls.
    oldest_since: Instant,
}

/// A line for the program.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    /// The place of what is not answered: its own until the line is written.
    pub(super) place: Option<Place>,
}

#[derive(Debug)]
struct Waiting {
    reply: oneshot::Sender<Result<Bytes, CallError>>,
    /// None for what the host asks itself.
    place: Option<Place>,
}

/// Lines that are no calls: answers to what the program asks, and refusals.
const OTHER_LINES: usize = Declined::AT_ONCE + 16;

impl Mailbox {
    pub(in crate::host) fn new(capacity: u32) -> Self {
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX / 2);
        let (lines, written) = mpsc::channel(capacity.saturating_add(OTHER_LINES));
        Self(Mutex::new(State {
            lines: Some(lines),
            written: Some(written),
            last_id: message::INITIALIZE,
            waiting: BTreeMap::new(),
            oldest_since: Instant::now(),
        }))
    }

    /// Queues a call, behind those queued before.
    pub(in crate::host) fn hand(&self, life: &Arc<Life>, call: &Call) -> Result<Answer, CallError> {
        let line = begin(call);
        let place = life.take_place().ok_or(CallError::Busy)?;
        let (reply, answer) = oneshot::channel();
        self.queue(line, Waiting { reply, place: Some(place) })?;
        Ok(answer)
    }

    /// Queues a message that is not answered, behind those queued before.
    pub(in crate::host) fn notify(&self, life: &Arc<Life>, call: &Call) -> Result<(), CallError> {
        let bytes = message::finish_notice(begin(call));
        let place = life.take_place().ok_or(CallError::Busy)?;
        let state = self.state();
        let lines = state.lines.as_ref().ok_or(CallError::Stopping)?;
        let line = Line { bytes, place: Some(place) };
        let queued = lines.try_send(line);
        drop(state);
        queued.map_err(|_full| CallError::Busy)
    }

    /// Waits for the answer to a call that was handed over.
    pub(in crate::host) async fn answer_of(
        answer: Result<Answer, CallError>,
        call: &Call,
    ) -> Result<Bytes, CallError> {
        match timeout_at(call.deadline, answer?).await {
            Ok(Ok(result)) => result,
            Ok(Err(_ended)) => Err(CallError::Crashed),
            Err(_elapsed) => Err(CallError::TimedOut),
        }
    }

    /// Asks the program for its state.
    pub(in crate::host) async fn snapshot(&self) -> Result<AgentState, String> {
        let state = self.ask(message::SNAPSHOT, &[]).await?;
        Ok(Vec::from(state).into())
    }

    /// Has the program go on from a state.
    pub(in crate::host) async fn restore(&self, state: &AgentState) -> Result<(), String> {
        let params = [br#"{"state":"#, &*state.0, b"}"].concat();
        self.ask(message::RESTORE, &params).await.map(drop)
    }

    /// Queues the state of a life that lost, behind the calls queued before.
    pub(in crate::host) fn merge(&self, state: &AgentState) -> Result<Answer, CallError> {
        let params = [br#"{"state":"#, &*state.0, b"}"].concat();
        let (reply, answer) = oneshot::channel();
        self.queue(message::begin(message::MERGE, &params), Waiting { reply, place: None })?;
        Ok(answer)
    }

    /// Asks what no caller does; the time of one message is its limit.
    async fn ask(&self, method: &str, params: &[u8]) -> Result<Bytes, String> {
        let (reply, answer) = oneshot::channel();
        let line = message::begin(method, params);
        let asked = self.queue(line, Waiting { reply, place: None });
        asked.map_err(|error| error.to_string())?;
        match answer.await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(_ended) => Err(CallError::Crashed.to_string()),
        }
    }

    fn queue(&self, line: Vec<u8>, waiting: Waiting) -> Result<(), CallError> {
        let mut state = self.state();
        let id = state.last_id + 1;
        let lines = state.lines.as_ref().ok_or(CallError::Stopping)?;
        let line = Line { bytes: message::finish(line, id), place: None };
        lines.try_send(line).map_err(|_full| CallError::Busy)?;
        state.last_id = id;
        if state.waiting.is_empty() {
            state.oldest_since = Instant::now();
        }
        state.waiting.insert(id, waiting);
        Ok(())
    }

    /// Queues a line that is no call; lost if there is no room.
    pub(super) fn tell(&self, line: Vec<u8>) {
        if let Some(lines) = &self.state().lines {
            let _lost = lines.try_send(Line { bytes: line, place: None });
        }
    }

    /// Passes an answer on; one that nobody waits for is dropped.
    pub(super) fn answer(&self, id: u64, result: Result<Bytes, CallError>) {
        let mut state = self.state();
        let oldest = state.waiting.first_key_value().map(|(id, _)| *id);
        let Some(Waiting { reply, place }) = state.waiting.remove(&id) else { return };
        if oldest == Some(id) {
            state.oldest_since = Instant::now();
        }
        drop(state);
        let size = result.as_ref().map_or(0, Bytes::len);
        let too_big = place.is_some() && size > Call::MAX_SIZE;
        drop(place);
        let too_big = too_big.then_some(CallError::TooBig { size, max: Call::MAX_SIZE });
        let _caller_gone = reply.send(too_big.map_or(result, Err));
    }

    /// The lines for the program; taken once.
    pub(super) fn take_lines(&self) -> Option<mpsc::Receiver<Line>> {
        self.state().written.take()
    }

    /// The program takes calls from here on: their time runs.
    pub(super) fn open(&self) {
        self.state().oldest_since = Instant::now();
    }

    /// Takes no more calls; the lines end behind those queued.
    pub(super) fn close(&self) {
        self.state().lines = None;
    }

    /// Whether the program has been at its oldest call for longer than `limit`.
    ///
    /// The time of a call begins when it becomes the oldest: a program that answers one after the
    /// other is not blamed for those that wait behind, and one that answers in any order cannot
    /// leave one lying for ever.
    pub(super) fn is_overdue(&self, limit: Duration) -> bool {
        let state = self.state();
        !state.waiting.is_empty() && state.oldest_since.elapsed() > limit
    }

    /// The program is gone: every waiting call fails.
    pub(super) fn abandon(&self) {
        let mut state = self.state();
        state.lines = None;
        state.written = None;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop(waiting);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn begin(call: &Call) -> Vec<u8> {
    let line = message::begin(&call.method, &call.params);
    match &call.key {
        Some(key) => message::with_key(line, key),
        None => line,
    }
}
