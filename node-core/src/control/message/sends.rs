//! What sends messages to agents, as the doors see it.

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Name,
    registry::{MemberView, NameCommand},
};
use futures::future::BoxFuture;

use crate::{
    comms::{Call, CallReply, Handle},
    control::{Cause, Control, UiError, backend::Answer},
    handle::Messages,
};

/// Sends messages to agents; see [`Messages`].
pub trait Sends: Send + Sync + 'static {
    /// Calls an agent, wherever it runs.
    fn call(&self, call: Call) -> Answer<'_, CallReply>;

    /// Makes all calls at once; how each ended, in their order.
    fn call_all(&self, calls: Vec<Call>) -> BoxFuture<'_, Vec<Result<CallReply, UiError>>>;

    /// Makes a call whose answer is asked for later.
    ///
    /// # Errors
    ///
    /// Too many are on their way.
    fn submit(&self, call: Call) -> Result<Handle, UiError>;

    /// How a call ended, waited for; nothing if it has not by then.
    fn ending(
        &self,
        handle: Handle,
        wait: Duration,
    ) -> Answer<'_, Option<Result<CallReply, UiError>>>;

    /// The agents that can do all of this.
    fn capable(&self, capabilities: Vec<String>) -> Answer<'_, Vec<Name>>;

    /// Who is in a group.
    fn members(&self, group: Name) -> Answer<'_, Vec<MemberView>>;

    /// Has an agent of this node join a group, or leave it.
    fn change_group(&self, command: NameCommand) -> Answer<'_, ()>;
}

/// Whoever may send messages: a door, or an agent.
pub(crate) trait Posts: Sync {
    /// What sends them.
    fn messages(&self) -> Arc<dyn Sends>;

    /// How long a call may take if nothing is said.
    fn call_timeout(&self) -> Duration;
}

impl Posts for Control {
    fn messages(&self) -> Arc<dyn Sends> {
        self.backend().messages()
    }

    fn call_timeout(&self) -> Duration {
        self.backend().values().call_timeout
    }
}

impl Sends for Messages {
    fn call(&self, call: Call) -> Answer<'_, CallReply> {
        Box::pin(async move { Ok(Self::call(self, call).await?) })
    }

    fn call_all(&self, calls: Vec<Call>) -> BoxFuture<'_, Vec<Result<CallReply, UiError>>> {
        Box::pin(async move {
            let ended = Self::call_all(self, calls).await;
            ended.into_iter().map(|result| result.map_err(UiError::from)).collect()
        })
    }

    fn submit(&self, call: Call) -> Result<Handle, UiError> {
        Ok(Self::submit(self, call)?)
    }

    fn ending(
        &self,
        handle: Handle,
        wait: Duration,
    ) -> Answer<'_, Option<Result<CallReply, UiError>>> {
        Box::pin(async move {
            let ending = Self::ending(self, handle, wait).await;
            let ending = ending.ok_or_else(|| Cause::NoCall { handle: handle.to_string() })?;
            Ok(ending.map(|result| result.map_err(UiError::from)))
        })
    }

    fn capable(&self, capabilities: Vec<String>) -> Answer<'_, Vec<Name>> {
        Box::pin(async move { Ok(Self::capable(self, capabilities).await?) })
    }

    fn members(&self, group: Name) -> Answer<'_, Vec<MemberView>> {
        Box::pin(async move { Ok(Self::members(self, group).await?) })
    }

    fn change_group(&self, command: NameCommand) -> Answer<'_, ()> {
        Box::pin(async move { Ok(Self::change_group(self, command).await?) })
    }
}
