//! What agent messages need of the rest of the shell.

use std::sync::Arc;

use bytes::Bytes;
use covey_logic::{Epoch, Name, NodeId, comms::Route};
use futures::future::BoxFuture;
use tokio::{sync::oneshot, time::Instant};

use super::{Fault, LogLine};

/// A message for an agent.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// What it should do.
    pub(crate) method: Arc<str>,
    /// The parameters, as JSON.
    pub(crate) params: Bytes,
    /// What the caller names it by, so that it is not done twice.
    pub(crate) key: Option<Arc<str>>,
    /// Whether it is answered; else it is over once the agent's mailbox has it.
    pub(crate) answered: bool,
}

/// The agents that run here.
pub(crate) trait Agents: Clone + Send + Sync + 'static {
    /// Hands a message to one life of an agent and waits for its answer, until `deadline` at most.
    fn call(
        &self,
        to: (&Name, Epoch),
        message: Message,
        deadline: Instant,
    ) -> impl Future<Output = Result<Bytes, Fault>> + Send;

    /// The last `lines` lines an agent wrote here, oldest first.
    fn logs(&self, name: &Name, lines: usize) -> Vec<LogLine>;
}

/// Answers what other members ask of this node itself.
pub(crate) trait Questions: std::fmt::Debug + Send + Sync {
    /// The answer; none to what it does not understand, or cannot tell.
    fn answer(&self, asked: Bytes) -> BoxFuture<'_, Option<Bytes>>;
}

/// The frames to other nodes; batched and ordered for each peer.
pub(crate) trait Wire: Clone + Send + Sync + 'static {
    /// Puts a frame on its way.
    fn send(&self, to: NodeId, frame: Bytes) -> Result<(), Unsent>;
}

/// Why a frame was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// Too many frames wait for this peer.
    Busy,
    /// The peer is not connected.
    NotConnected,
}

/// Asks the node for a route that is not in the table, or is better than the one there.
///
/// Answered when there is one, or when it is known that there will be none; until then the node
/// keeps it. Dropping the receiver withdraws it.
#[derive(Debug)]
pub(crate) struct Seek {
    /// Whom the caller looks for.
    pub(crate) name: Name,
    /// What the caller tried.
    pub(crate) after: SeekAfter,
    /// Where the answer goes.
    pub(crate) reply: oneshot::Sender<Result<Route, NoRoute>>,
}

impl Seek {
    /// Tells the caller, unless it gave up.
    pub(crate) fn answer(self, answer: Result<Route, NoRoute>) {
        if self.reply.send(answer).is_err() {
            tracing::trace!(agent = %self.name, "caller gave up");
        }
    }
}

/// What a caller tried before it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeekAfter {
    /// Nothing: there was no route.
    Nothing,
    /// The node there does not run this life of the agent.
    NotHere(Route),
    /// The node there is not connected.
    NotConnected(Route),
}

/// Why there will be no route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRoute {
    /// No agent has the name.
    Unknown,
    /// The agent is not meant to run, or has ended for good.
    Stopped,
    /// Too many callers wait for a route.
    Busy,
}
