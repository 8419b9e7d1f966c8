//! Asking a node without keeping it running.

use covey_logic::{Command, CommandError, Node, NodeId, Outcome};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{AskError, NodeHandle};
use crate::driver::{Look, Request};

/// What a node may be asked through for as long as it runs; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Asking(mpsc::WeakSender<Request>);

impl Asking {
    pub(crate) fn new(requests: mpsc::WeakSender<Request>) -> Self {
        Self(requests)
    }

    /// Carries out a command; see [`NodeHandle::command`].
    pub(super) async fn command(
        &self,
        actor: NodeId,
        command: Command,
    ) -> Result<Outcome, AskError> {
        let reply = |reply: oneshot::Sender<Result<Outcome, CommandError>>| Request::Command {
            actor,
            command,
            reply,
        };
        match timeout(NodeHandle::COMMAND_TIMEOUT, self.ask(reply)).await {
            Ok(outcome) => Ok(outcome??),
            Err(_) => Err(AskError::TimedOut),
        }
    }

    /// Looks at the node.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Node) -> T + Send + 'static,
    ) -> Result<T, AskError> {
        // Who asked may have given up.
        let look = |reply: oneshot::Sender<T>| Look(Box::new(|node| drop(reply.send(look(node)))));
        self.ask(|reply| Request::Look(look(reply))).await
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<T>) -> Request + Send,
    ) -> Result<T, AskError> {
        let (reply, answer) = oneshot::channel();
        self.send(request(reply)).await.ok_or(AskError::Stopped)?;
        answer.await.ok().ok_or(AskError::Stopped)
    }

    /// Hands a request to the node; nothing if it has stopped.
    async fn send(&self, request: Request) -> Option<()> {
        self.0.upgrade()?.send(request).await.ok()
    }
}
