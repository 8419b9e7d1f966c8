//! Messages to agents, asked of this node.

use std::time::Duration;

use covey_logic::{
    Command, Name, NodeId,
    registry::{MemberView, NameCommand, NameError, Query, Term},
};
use tokio::sync::mpsc;

use super::{AskError, NodeHandle, asking::Asking};
use crate::{
    comms::{Call, CallError, CallReply, Ending, Handle, Later},
    driver::{NodeComms, Request},
    entropy,
};

/// Messages to agents, to be sent from this node; cheap to clone, and it keeps no node running.
#[derive(Clone, Debug)]
pub struct Messages {
    pub(super) me: NodeId,
    pub(super) comms: NodeComms,
    pub(super) asking: Asking,
    later: Later,
}

/// Why there is nobody to send to, or no handle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMessage {
    /// The node did not say whom.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The capabilities are no query.
    #[error(transparent)]
    Query(#[from] NameError),
    /// Send to fewer at a time.
    #[error("more than {} agents at a time", Messages::MAX_TARGETS)]
    TooMany,
    /// As many calls are on their way as may be that are answered later: try again when some ended.
    #[error("as many calls as may be are on their way already")]
    Busy,
}

impl NodeHandle {
    /// Messages to agents.
    #[must_use]
    pub fn messages(&self) -> Messages {
        self.messages.clone()
    }
}

impl Messages {
    /// Agents that one message goes to: each is told apart in the answer.
    pub const MAX_TARGETS: usize = 10_000;

    pub(crate) fn new(me: NodeId, comms: NodeComms, requests: mpsc::WeakSender<Request>) -> Self {
        Self { me, comms, asking: Asking::new(requests), later: Later::default() }
    }

    /// What the node is asked through.
    pub(crate) fn asking(&self) -> &Asking {
        &self.asking
    }

    /// Calls an agent; see [`NodeHandle::call`].
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub async fn call(&self, call: Call) -> Result<CallReply, CallError> {
        self.comms.call(call).await
    }

    /// Makes all calls at once; how each ended, in their order.
    pub async fn call_all(&self, calls: Vec<Call>) -> Vec<Result<CallReply, CallError>> {
        self.comms.call_all(calls).await
    }

    /// Makes a call whose answer is asked for [later](Self::ending), for ten minutes after it came.
    ///
    /// # Errors
    ///
    /// [`NoMessage::Busy`], and none could be guessed without randomness.
    pub fn submit(&self, call: Call) -> Result<Handle, NoMessage> {
        let handle = Handle(entropy::bytes().ok().ok_or(NoMessage::Busy)?);
        let ends = self.later.begin(handle).ok_or(NoMessage::Busy)?;
        let comms = self.comms.clone();
        drop(tokio::spawn(async move { ends.with(comms.call(call).await) }));
        Ok(handle)
    }

    /// How a call ended, waited for; nothing if this node knows of none.
    pub async fn ending(&self, handle: Handle, wait: Duration) -> Option<Ending> {
        self.later.ending(handle, wait).await
    }

    /// The agents that can do all of this.
    ///
    /// # Errors
    ///
    /// See [`NoMessage`].
    pub async fn capable(&self, capabilities: Vec<String>) -> Result<Vec<Name>, NoMessage> {
        let terms = vec![Term::Capabilities { all: capabilities }];
        let mut query = Query { terms, after: None, limit: Some(Query::MAX_LIMIT) };
        let mut names = Vec::new();
        loop {
            let asked = query.clone();
            let page = self.asking.look(move |node| node.registry().index().search(&asked)).await?;
            let page = page.map_err(NameError::from)?;
            names.extend(page.names.into_iter().map(|name| name.id));
            if names.len() > Self::MAX_TARGETS {
                return Err(NoMessage::TooMany);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(names),
            }
        }
    }

    /// Who is in a group.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn members(&self, group: Name) -> Result<Vec<MemberView>, AskError> {
        self.asking.look(move |node| node.registry().members(&group)).await
    }

    /// Has an agent of this node join a group, or leave it.
    ///
    /// # Errors
    ///
    /// See [`AskError`].
    pub async fn change_group(&self, command: NameCommand) -> Result<(), AskError> {
        self.asking.command(self.me, Command::Name(command)).await.map(drop)
    }
}
