//! What every door leads to.

use std::{fmt, sync::Arc};

use covey_logic::{Command, Outcome, certificate::Role};
use serde_json::Value;
use tokio::sync::watch;

use crate::Views;

use super::{Backend, Cause, Subscription, Topic, UiError, commands};

/// A node's control interface; cheap to clone.
#[derive(Clone)]
pub struct Control {
    backend: Arc<dyn Backend>,
    stop: Arc<watch::Sender<bool>>,
}

impl Control {
    /// The control interface of `backend`.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, stop: Arc::new(watch::Sender::new(false)) }
    }

    /// Carries out the command named `command` for this node's own user.
    ///
    /// # Errors
    ///
    /// Why it was refused; then nothing changed, except after [`Cause::NoAnswer`].
    pub async fn call(&self, command: &str, arguments: Value) -> Result<Value, UiError> {
        commands::dispatch(self, command, arguments).await
    }

    /// Watches a topic; `id` names the subscription in its frames.
    ///
    /// # Errors
    ///
    /// [`Cause::UnknownTopic`] if there is no such topic or `params` are not its.
    pub fn subscribe(&self, id: u64, topic: &str, params: Value) -> Result<Subscription, UiError> {
        let topic = Topic::read(topic, params)?;
        Ok(Subscription::new(self.clone(), id, topic))
    }

    /// Waits until a person asked this node to stop; whoever runs the node then stops it.
    pub async fn stop_asked(&self) {
        let mut asked = self.stop.subscribe();
        // The sender lives as long as `self`.
        if asked.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn ask_to_stop(&self) {
        self.stop.send_replace(true);
    }

    pub(super) fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    pub(super) async fn view_now(&self) -> Result<Arc<Views>, UiError> {
        self.backend.view_now().await
    }

    /// Refuses early what the node would refuse for want of a role.
    pub(super) async fn authorise(&self, needs: Role) -> Result<(), UiError> {
        if needs > Role::Observer && self.view_now().await?.status.role < needs {
            return Err(Cause::Forbidden { needs }.into());
        }
        Ok(())
    }

    /// Carries out `command` and gives what came of it.
    pub(super) async fn command(&self, command: Command) -> Result<Outcome, UiError> {
        self.backend.command(self.backend.id(), command).await
    }

    /// Carries out a command of which nothing but its success comes.
    pub(super) async fn done(&self, command: Command) -> Result<(), UiError> {
        match self.command(command).await? {
            Outcome::Done => Ok(()),
            other @ (Outcome::Invite { .. }
            | Outcome::Names(_)
            | Outcome::Name(_)
            | Outcome::Merged(_)
            | Outcome::Reported(_)) => Err(unexpected(&other)),
        }
    }
}

/// # Panics
///
/// Always: each command has outcomes of one kind.
#[expect(clippy::panic, reason = "C1: the node and the list disagree on what a command gives")]
pub(super) fn unexpected(outcome: &impl fmt::Debug) -> UiError {
    panic!("C1: {outcome:?} is no outcome of this command")
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").field("node", &self.backend.id()).finish_non_exhaustive()
    }
}
