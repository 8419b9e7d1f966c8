//! The caller's side, and what the driver tells of routes and peers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use covey_logic::{Epoch, Name, NodeId, comms::Route, guard::Turn};
use futures::future::join_all;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::coop::consume_budget,
    time::{Instant, timeout_at},
};

use super::{
    Agents, Call, CallError, CallReply, LogLine, MAX_BODY_LEN, Message, NoRoute, Questions, Routes,
    Seek, SeekAfter, Unsent, Wire, error,
    frame::{self, Head},
    link::{Answer, Link},
    window::Window,
};
use crate::guard::Guard;

/// Agent messages of one node; cheap to clone.
#[derive(Debug)]
pub(crate) struct Comms<A, W> {
    pub(super) shared: Arc<Shared<A, W>>,
}

impl<A, W> Clone for Comms<A, W> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

#[derive(Debug)]
pub(super) struct Shared<A, W> {
    id: NodeId,
    pub(super) agents: A,
    wire: W,
    routes: Routes,
    links: RwLock<BTreeMap<NodeId, Arc<Link>>>,
    /// What calls from here pass.
    pub(super) guard: Guard,
    /// Whether the role of this node allows it to call.
    may_call: AtomicBool,
    seek: mpsc::Sender<Seek>,
    /// Who answers what members ask of this node itself.
    pub(super) questions: OnceLock<Arc<dyn Questions>>,
    pub(super) runtime: Handle,
    pub(super) window: Window,
}

/// Messages sent to and received from each peer since the node started.
pub(crate) type Counts = BTreeMap<NodeId, (u64, u64)>;

/// How one attempt of a call failed.
enum Failed {
    /// Nobody took the call.
    Untaken(SeekAfter),
    /// It is over.
    Over(CallError),
}

impl<A: Agents, W: Wire> Comms<A, W> {
    /// Agent messages of the node `id`, which answers to `seek`; calls from here pass `guard`, and
    /// calls of peers run on the runtime it is called in.
    pub(crate) fn new(
        id: NodeId,
        (agents, wire): (A, W),
        (seek, guard): (mpsc::Sender<Seek>, Guard),
    ) -> Self {
        let shared = Shared {
            id,
            agents,
            wire,
            routes: Routes::default(),
            links: RwLock::default(),
            guard,
            may_call: AtomicBool::new(false),
            seek,
            questions: OnceLock::new(),
            runtime: Handle::current(),
            window: Window::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Calls an agent, wherever it runs.
    ///
    /// Dropped, the call may be carried out all the same.
    pub(crate) async fn call(&self, call: Call) -> Result<CallReply, CallError> {
        // An agent here may answer without a pause; its callers must leave some time to others.
        consume_budget().await;
        let started = Instant::now();
        let deadline = started + call.timeout;
        if call.params.len() > MAX_BODY_LEN {
            return Err(CallError::TooBig { what: "parameters" });
        }
        if call.key.as_ref().is_some_and(|key| !(1..=Call::MAX_KEY_LEN).contains(&key.len())) {
            return Err(CallError::BadKey);
        }
        if !self.shared.may_call.load(Ordering::Relaxed) {
            return Err(CallError::Refused);
        }
        let asked = (call.actor.as_ref(), &call.name, &*call.method);
        let (permit, turn) =
            self.shared.guard.enter(asked, (started, deadline)).await.map_err(Box::new)?;
        self.tell(&call.name, turn);
        let result = self.carry(&call, deadline).await;
        let ended = Instant::now();
        let turn = permit.settle(error::outcome(&result), ended);
        self.tell(&call.name, turn);
        let (value, Route { node, epoch, .. }) = result?;
        Ok(CallReply { value, node, epoch, took: ended.duration_since(started) })
    }

    /// Makes all calls at once; how each ended, in their order. A slow agent delays none of the others.
    pub(crate) async fn call_all(&self, calls: Vec<Call>) -> Vec<Result<CallReply, CallError>> {
        join_all(calls.into_iter().map(|call| self.call(call))).await
    }

    /// Carries a call that its guards let through to its agent; the answer, and where it is from.
    async fn carry(&self, call: &Call, deadline: Instant) -> Result<(Bytes, Route), CallError> {
        let mut route = match self.shared.routes.get(&call.name) {
            Some(route) => route,
            None => self.seek(&call.name, SeekAfter::Nothing, deadline).await?,
        };
        loop {
            match self.attempt(route, call, deadline).await {
                Ok(value) => return Ok((value, route)),
                Err(Failed::Over(error)) => return Err(error),
                Err(Failed::Untaken(after)) => {
                    route = self.seek(&call.name, after, deadline).await?;
                }
            }
        }
    }

    /// Tells the other nodes what the breaker for an agent turned to, if it did: those that are not
    /// reached find out by failures of their own.
    fn tell(&self, name: &Name, turn: Option<Turn>) {
        let Some(turn) = turn else { return };
        tracing::info!(agent = %name, ?turn, "breaker turned");
        self.shared.guard.note_turn(name, turn);
        self.spread(name, turn);
    }

    fn spread(&self, name: &Name, turn: Turn) {
        let Some(frame) = frame::encode(&Head::Turn { name: name.as_str(), turn }, &[]) else {
            return;
        };
        let peers: Vec<NodeId> = {
            let links = self.shared.links.read().unwrap_or_else(PoisonError::into_inner);
            links.keys().copied().filter(|peer| *peer != self.shared.id).collect()
        };
        for peer in peers {
            if let Err(unsent) = self.send(peer, frame.clone()) {
                tracing::debug!(?peer, ?unsent, "turn of a breaker not told");
            }
        }
    }

    /// What calls from here pass.
    pub(crate) fn guard(&self) -> &Guard {
        &self.shared.guard
    }

    /// Closes the breakers of `name`, or all, here and on the nodes that are reached; those that
    /// were not closed here.
    pub(crate) fn reset_breakers(&self, name: Option<&Name>) -> Vec<Name> {
        let closed = self.shared.guard.reset(name);
        // One that is named may be open elsewhere alone.
        let named = name.filter(|name| !closed.contains(name));
        for name in closed.iter().chain(named) {
            self.shared.guard.note_reset(name);
            self.spread(name, Turn::Closed);
        }
        closed
    }

    /// Who answers what members ask of this node itself; said once.
    pub(crate) fn set_questions(&self, questions: Arc<dyn Questions>) {
        drop(self.shared.questions.set(questions));
    }

    /// Other members that were let into the fabric.
    pub(crate) fn peers(&self) -> Vec<NodeId> {
        let links = self.shared.links.read().unwrap_or_else(PoisonError::into_inner);
        links.keys().copied().filter(|peer| *peer != self.shared.id).collect()
    }

    /// Asks another node something; nothing if it is not reached, does not know, or does not answer in
    /// time.
    pub(crate) async fn question(
        &self,
        node: NodeId,
        asked: &[u8],
        timeout: Duration,
    ) -> Option<Bytes> {
        let link = self.link(node);
        let mut awaited = link.open()?;
        let frame = frame::encode(&Head::Ask { id: awaited.id }, asked)?;
        self.shared.wire.send(node, frame).ok()?;
        link.sent.fetch_add(1, Ordering::Relaxed);
        match timeout_at(Instant::now() + timeout, &mut awaited.answer).await {
            Ok(Ok(Answer::Value(value))) => Some(value),
            Ok(Ok(Answer::Fault(_) | Answer::Lines(_)) | Err(_)) | Err(_) => None,
        }
    }

    /// The last lines an agent wrote on `node`, oldest first.
    pub(crate) async fn logs(
        &self,
        (node, name): (NodeId, &Name),
        lines: u32,
        timeout: Duration,
    ) -> Result<Vec<LogLine>, CallError> {
        if node == self.shared.id {
            let lines = usize::try_from(lines).unwrap_or(usize::MAX);
            return Ok(self.shared.agents.logs(name, lines));
        }
        let deadline = Instant::now() + timeout;
        let head = |id| Head::Logs { id, name: name.as_str(), lines };
        match self.ask((node, name), head, &[], deadline).await {
            Ok(Answer::Lines(lines)) => Ok(lines),
            Ok(Answer::Fault(fault)) => Err(fault
                .into_error(name, node)
                .unwrap_or_else(|| CallError::Unknown { name: name.clone() })),
            Ok(Answer::Value(_)) => Err(CallError::Lost { node }),
            Err(Failed::Over(error)) => Err(error),
            Err(Failed::Untaken(_)) => {
                Err(CallError::Unreachable { name: name.clone(), node: Some(node) })
            }
        }
    }

    async fn attempt(&self, route: Route, call: &Call, deadline: Instant) -> Result<Bytes, Failed> {
        let Route { node, epoch, token: _ } = route;
        let name = &call.name;
        let result = if node == self.shared.id {
            self.take((name, epoch), call.into(), deadline).await
        } else {
            let head = |id| head(call, (id, epoch), left_ms(deadline));
            match self.ask((node, name), head, &call.params, deadline).await? {
                Answer::Value(value) => Ok(value),
                Answer::Fault(fault) => Err(fault),
                Answer::Lines(_) => return Err(Failed::Over(CallError::Lost { node })),
            }
        };
        result.map_err(|fault| match fault.into_error(name, node) {
            Some(error) => Failed::Over(error),
            None => Failed::Untaken(SeekAfter::NotHere(route)),
        })
    }

    /// Sends a request to a peer and waits for the answer.
    async fn ask<'a>(
        &self,
        (node, name): (NodeId, &Name),
        head: impl FnOnce(u64) -> Head<'a>,
        body: &[u8],
        deadline: Instant,
    ) -> Result<Answer, Failed> {
        let busy = || Failed::Over(CallError::Busy { name: name.clone() });
        let link = self.link(node);
        let mut awaited = link.open().ok_or_else(busy)?;
        let frame = frame::encode(&head(awaited.id), body).ok_or_else(busy)?;
        self.shared.wire.send(node, frame).map_err(|unsent| match unsent {
            Unsent::Busy => busy(),
            Unsent::NotConnected => {
                let route = self.shared.routes.get(name).filter(|route| route.node == node);
                Failed::Untaken(route.map_or(SeekAfter::Nothing, SeekAfter::NotConnected))
            }
        })?;
        link.sent.fetch_add(1, Ordering::Relaxed);
        match timeout_at(deadline, &mut awaited.answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(Failed::Over(CallError::Lost { node })),
            Err(_) => Err(Failed::Over(CallError::TimedOut { name: name.clone(), node })),
        }
    }

    async fn seek(
        &self,
        name: &Name,
        after: SeekAfter,
        deadline: Instant,
    ) -> Result<Route, CallError> {
        let (reply, answer) = oneshot::channel();
        let seek = Seek { name: name.clone(), after, reply };
        let asked = async {
            self.shared.seek.send(seek).await.ok()?;
            answer.await.ok()
        };
        let name = || name.clone();
        match timeout_at(deadline, asked).await {
            Ok(Some(Ok(route))) => Ok(route),
            Ok(Some(Err(NoRoute::Unknown))) => Err(CallError::Unknown { name: name() }),
            Ok(Some(Err(NoRoute::Stopped))) => Err(CallError::Stopped { name: name() }),
            Ok(Some(Err(NoRoute::Busy))) => Err(CallError::Busy { name: name() }),
            Ok(None) => Err(CallError::NodeStopped),
            Err(_) => {
                let node = match after {
                    SeekAfter::Nothing => None,
                    SeekAfter::NotHere(route) | SeekAfter::NotConnected(route) => Some(route.node),
                };
                Err(CallError::Unreachable { name: name(), node })
            }
        }
    }

    /// Where messages for names go.
    pub(crate) fn routes(&self) -> &Routes {
        &self.shared.routes
    }

    /// The fabric lost `peer`: nothing it was asked is answered any more.
    pub(crate) fn disconnected(&self, peer: NodeId) {
        self.link(peer).lose_all();
    }

    /// The fabric is gone: as [`disconnected`](Self::disconnected), for every peer.
    pub(crate) fn lose_all(&self) {
        let links = self.shared.links.read().unwrap_or_else(PoisonError::into_inner);
        links.values().for_each(|link| link.lose_all());
    }

    /// Exactly these nodes, and this one if it is among them, may call agents.
    pub(crate) fn set_callers(&self, callers: &BTreeSet<NodeId>) {
        self.shared.may_call.store(callers.contains(&self.shared.id), Ordering::Relaxed);
        self.shared.guard.set_parties(callers.len());
        let mut links = self.shared.links.write().unwrap_or_else(PoisonError::into_inner);
        for peer in callers {
            links.entry(*peer).or_default();
        }
        for (peer, link) in links.iter() {
            link.may_call.store(callers.contains(peer), Ordering::Relaxed);
        }
    }

    /// What was counted since the node started.
    pub(crate) fn counts(&self) -> Counts {
        let links = self.shared.links.read().unwrap_or_else(PoisonError::into_inner);
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let of = |link: &Link| (count(&link.sent), count(&link.received));
        links.iter().map(|(peer, link)| (*peer, of(link))).collect()
    }

    pub(super) fn link(&self, peer: NodeId) -> Arc<Link> {
        let links = self.shared.links.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(link) = links.get(&peer) {
            return Arc::clone(link);
        }
        drop(links);
        let mut links = self.shared.links.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(links.entry(peer).or_default())
    }

    pub(super) fn send(&self, to: NodeId, frame: Bytes) -> Result<(), Unsent> {
        self.shared.wire.send(to, frame)
    }
}

fn head(call: &Call, (id, epoch): (u64, Epoch), left_ms: u32) -> Head<'_> {
    let (name, method) = (call.name.as_str(), &*call.method);
    match (call.key.as_deref(), call.answered) {
        (None, true) => Head::Call { id, name, epoch, method, left_ms },
        (key, answered) => Head::Keyed { id, name, epoch, method, left_ms, key, answered },
    }
}

impl From<&Call> for Message {
    fn from(call: &Call) -> Self {
        Self {
            method: Arc::clone(&call.method),
            params: call.params.clone(),
            key: call.key.clone(),
            answered: call.answered,
        }
    }
}

/// Milliseconds until `deadline`, rounded up: a node that is asked gives up after the caller, not
/// before.
fn left_ms(deadline: Instant) -> u32 {
    let left = deadline.duration_since(Instant::now());
    u32::try_from(left.as_millis().saturating_add(1)).unwrap_or(u32::MAX)
}
