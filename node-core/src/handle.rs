//! What a program or a person may ask of a running node.

mod archive;
mod asking;
mod coordination;
mod events;
mod guard;
mod merged;
mod messages;
mod monitor;
mod sessions;
mod settings;
mod tasks;
mod tenure;
mod waiting;

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Command, CommandError, Name, Node, NodeId, Outcome,
    comms::Route,
    moving::{PlanView, PlannedMove},
    node::{AgentView, NodeView, PlacementView, RefugeView, StatusView},
    outbox::Owner,
    pairing::PairingView,
    registry::{NameCommand, NameOutcome},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use crate::{
    comms::{Call, CallError, CallReply, LogLine, MAX_LOG_LINES},
    doctor::{self, DoctorReport},
    driver::{Look, Parts, Request, StopCause},
    net::KnockError,
    settings::NodeSettings,
};

pub(crate) use asking::Asking;
pub use coordination::{CoordinationView, Freshness, Primitives};
pub use merged::Named;
pub use messages::{Messages, NoMessage};
pub use sessions::Convener;
pub use settings::{ChangeError, Changed, SettingWish};
pub use tasks::Workload;
pub use tenure::TenureView;
pub use waiting::{Acquire, Arrive, Writes};

/// A running node, from outside; cheap to clone.
///
/// The node leaves and stops when the last handle is dropped.
#[derive(Clone, Debug)]
pub struct NodeHandle {
    pub(crate) id: NodeId,
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) parts: Parts,
    pub(crate) views: watch::Sender<Arc<Views>>,
    pub(crate) names: watch::Receiver<u64>,
    pub(crate) lobby: watch::Receiver<Vec<String>>,
    pub(crate) settings: NodeSettings,
    pub(crate) messages: Messages,
    pub(crate) asked: Arc<doctor::Asked>,
    pub(crate) stopped: watch::Receiver<Option<Arc<StopCause>>>,
}

/// Everything people see, as of one step; replaced as a whole.
#[derive(Clone, Debug)]
pub struct Views {
    /// This node and its cluster.
    pub status: StatusView,
    /// Every member.
    pub nodes: Vec<NodeView>,
    /// Every agent, in the order of their names.
    pub agents: Vec<AgentView>,
    /// Pairing.
    pub pairing: PairingView,
    /// The newest events of all nodes, oldest first, 500 at most.
    pub events: Vec<Arc<covey_logic::event::EventRecord>>,
    /// Agent messages between this node and the others.
    pub traffic: Vec<TrafficView>,
}

/// Agent messages between this node and another in the last second.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct TrafficView {
    /// The other node.
    #[ts(type = "string")]
    pub id: NodeId,
    /// Messages sent to it a second.
    pub sent_per_s: u32,
    /// Messages received from it a second.
    pub received_per_s: u32,
}

/// Why a node did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// It was refused; nothing changed.
    #[error(transparent)]
    Refused(#[from] CommandError),
    /// No answer came in time; whether it was done is not known.
    #[error("the node did not answer in time")]
    TimedOut,
    /// The node has stopped; whether it was done is not known.
    #[error("the node has stopped")]
    Stopped,
}

impl NodeHandle {
    /// How long a command may take: the store writes within milliseconds, and a disk that needs
    /// longer than this is as good as gone.
    pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
    /// How long another node may take to give an agent's output.
    pub const LOGS_TIMEOUT: Duration = Duration::from_secs(5);

    /// The node's id.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// Carries out a command of `actor`'s user; what it changed is durable when this returns.
    ///
    /// Dropped, the command may be carried out all the same.
    ///
    /// # Errors
    ///
    /// See [`AskError`].
    pub async fn command(&self, actor: NodeId, command: Command) -> Result<Outcome, AskError> {
        let asked = self.ask(|reply| Request::Command { actor, command, reply });
        match timeout(Self::COMMAND_TIMEOUT, asked).await {
            Ok(outcome) => Ok(outcome??),
            Err(_) => Err(AskError::TimedOut),
        }
    }

    /// The views, replaced some twenty times a second at most while something changes; the first
    /// one may be old until it is replaced.
    pub fn views(&self) -> watch::Receiver<Arc<Views>> {
        let views = self.views.subscribe();
        // A full queue wakes the loop as well; a closed one has no more to show.
        drop(self.requests.try_send(Request::Watched));
        views
    }

    /// The views as of now.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn view_now(&self) -> Result<Arc<Views>, AskError> {
        self.ask(|reply| Request::View { reply }).await
    }

    /// Why the agent `name` is where it is, or nowhere; none if there is no such agent.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn explain(&self, name: Name) -> Result<Option<PlacementView>, AskError> {
        self.look(move |node| node.explain(&name)).await
    }

    /// The number of the newest change of names, marked as changed whenever there is another.
    #[must_use]
    pub fn names_head(&self) -> watch::Receiver<u64> {
        self.names.clone()
    }

    /// Waits until `name` is registered, on whichever node, and gives its owner.
    ///
    /// Dropped, the node forgets the wait when its time is over.
    ///
    /// # Errors
    ///
    /// [`AskError::Refused`] with [`NameError::TimedOut`](covey_logic::registry::NameError) when
    /// `limit` is over; see [`AskError`].
    pub async fn wait_for(&self, name: Name, limit: Duration) -> Result<Owner, AskError> {
        let (actor, wish) = (self.id, NameCommand::WaitFor { name, timeout: limit });
        let command = Command::Name(wish);
        let asked = self.ask(|reply| Request::Command { actor, command, reply });
        match timeout(limit.saturating_add(Self::COMMAND_TIMEOUT), asked).await {
            Ok(outcome) => match outcome?? {
                Outcome::Name(NameOutcome::Owner(owner)) => Ok(owner),
                Outcome::Done
                | Outcome::Invite { .. }
                | Outcome::Names(_)
                | Outcome::Name(_)
                | Outcome::Merged(_)
                | Outcome::Reported(_) => Err(AskError::TimedOut),
            },
            Err(_) => Err(AskError::TimedOut),
        }
    }

    /// Reads something of the node between two of its steps: names by
    /// [`Node::registry`], namespaces by [`Node::namespaces`]. The node does nothing else
    /// meanwhile, so `look` must be short.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Node) -> T + Send + 'static,
    ) -> Result<T, AskError> {
        self.ask(|reply| {
            // Who asked may have given up.
            Request::Look(Look(Box::new(move |node| drop(reply.send(look(node))))))
        })
        .await
    }

    /// Where each agent of `node` would go if the node were lost; none if it is no member.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn what_if_lost(&self, lost: NodeId) -> Result<Option<Vec<RefugeView>>, AskError> {
        self.look(move |node| node.what_if_lost(lost)).await
    }

    /// The moves that would even the cluster out.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn preview_rebalance(&self) -> Result<Vec<PlannedMove>, AskError> {
        self.look(Node::preview_rebalance).await
    }

    /// The planned moves, and how far they are; none if there never were any.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn rebalance(&self) -> Result<Option<PlanView>, AskError> {
        self.look(Node::rebalance).await
    }

    /// Calls an agent, wherever it runs; waits out a failover within the call's timeout.
    ///
    /// Dropped, the call may be carried out all the same.
    ///
    /// # Errors
    ///
    /// See [`CallError`], which says whether the agent may have done what was asked.
    pub async fn call(&self, call: Call) -> Result<CallReply, CallError> {
        self.parts.comms.call(call).await
    }

    /// The last lines that an agent wrote, oldest first, from the node that runs or ran it;
    /// [`MAX_LOG_LINES`] at most.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub async fn logs(&self, name: &Name, lines: u32) -> Result<Vec<LogLine>, CallError> {
        let node = match self.lookup(name) {
            Some(route) => route.node,
            None => self.holder(name).await?,
        };
        let lines = lines.min(MAX_LOG_LINES);
        self.parts.comms.logs((node, name), lines, Self::LOGS_TIMEOUT).await
    }

    /// The node that runs or ran an agent without a route; this one if none does.
    async fn holder(&self, name: &Name) -> Result<NodeId, CallError> {
        let views = self.view_now().await.ok().ok_or(CallError::NodeStopped)?;
        let agent = views.agents.iter().find(|agent| agent.id == *name);
        let agent = agent.ok_or_else(|| CallError::Unknown { name: name.clone() })?;
        Ok(agent.node.unwrap_or(self.id))
    }

    /// Where messages for `name` go, as far as this node knows; does not leave the process.
    #[must_use]
    pub fn lookup(&self, name: &Name) -> Option<Route> {
        let route = self.parts.comms.routes().get(name)?;
        // Of what the group granted this node only while its lease lasts.
        let mine = route.token.is_some() && route.node == self.id;
        (!mine || self.parts.tenancy.lasts()).then_some(route)
    }

    /// Says hello to whoever listens at `address` in the lobby, and tells who that is.
    ///
    /// # Errors
    ///
    /// See [`KnockError`].
    pub async fn dial_address(&self, address: &str) -> Result<NodeId, KnockError> {
        self.parts.net.lobby_dial(address).await
    }

    /// Looks for what may keep nodes from finding and reaching each other; takes about five seconds
    /// if someone does not answer.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn doctor(&self) -> Result<DoctorReport, AskError> {
        let evidence = self.parts.net.evidence().await;
        let views = self.view_now().await?;
        let ports = evidence.ports.clone();
        let machine = tokio::task::spawn_blocking(move || doctor::look(&ports)).await;
        let machine = machine.unwrap_or_default();
        let facts = doctor::Facts {
            evidence: &evidence,
            views: &views,
            asked: &self.asked,
            machine: &machine,
        };
        Ok(doctor::examine(&facts))
    }

    /// Where strangers reach the lobby, as multiaddresses.
    #[must_use]
    pub fn lobby_addresses(&self) -> Vec<String> {
        self.lobby.borrow().clone()
    }

    /// How long the group may take to have others vote and lead instead.
    const LEAVE_TIMEOUT: Duration = Duration::from_secs(3);

    /// Says goodbye, so that the others take over at once; stops the agents and the node.
    ///
    /// Returns when everything is closed and the data folder is free.
    pub async fn stop(&self, reason: &str) -> Arc<StopCause> {
        if let Some(group) = self.parts.agreement.group() {
            group.leave(Self::LEAVE_TIMEOUT).await;
        }
        let stop = Request::Stop { reason: reason.to_owned() };
        // A closed queue means that it is stopping already.
        drop(self.requests.send(stop).await);
        self.stopped().await
    }

    /// Ends the node without a word, as a crash would, but for its agents, which are ended too.
    ///
    /// Returns when everything is closed and the data folder is free.
    pub async fn kill(&self) -> Arc<StopCause> {
        // As in `stop`.
        drop(self.requests.send(Request::Kill).await);
        self.stopped().await
    }

    /// Waits until the node has stopped, and says why; holds no handle while it waits.
    pub fn stopped(&self) -> impl Future<Output = Arc<StopCause>> + Send + use<> {
        let mut stopped = self.stopped.clone();
        async move {
            let cause = stopped.wait_for(Option::is_some).await;
            let cause = cause.ok().and_then(|cause| cause.clone());
            let gone = || StopCause::Broken { message: "its runtime was shut down".to_owned() };
            cause.unwrap_or_else(|| Arc::new(gone()))
        }
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<T>) -> Request + Send,
    ) -> Result<T, AskError> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(request(reply)).await.ok().ok_or(AskError::Stopped)?;
        answer.await.ok().ok_or(AskError::Stopped)
    }
}
