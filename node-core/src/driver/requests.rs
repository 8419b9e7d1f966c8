//! What a handle asks of the loop.

use std::sync::Arc;

use covey_logic::{
    Command, CommandError, Name, NodeId, Outcome,
    node::{PlacementView, RefugeView},
};
use tokio::sync::oneshot;

use crate::Views;

/// What a handle asks of the loop.
#[derive(Debug)]
pub(crate) enum Request {
    /// Carry a command out.
    Command {
        /// The node whose user wants it.
        actor: NodeId,
        /// What is wanted.
        command: Command,
        /// Where the outcome goes.
        reply: oneshot::Sender<Result<Outcome, CommandError>>,
    },
    /// Say why an agent is where it is.
    Explain {
        /// Which agent.
        name: Name,
        /// Where the answer goes; nothing for a name that is no agent's.
        reply: oneshot::Sender<Option<PlacementView>>,
    },
    /// Say where the agents of a node would go if it were lost.
    WhatIfLost {
        /// Which node.
        node: NodeId,
        /// Where the answer goes; nothing for a node that is no member.
        reply: oneshot::Sender<Option<Vec<RefugeView>>>,
    },
    /// Make the views at once.
    View {
        /// Where they go.
        reply: oneshot::Sender<Arc<Views>>,
    },
    /// Somebody looks at the views from here on.
    Watched,
    /// Say goodbye and stop.
    Stop {
        /// Why, for the log.
        reason: String,
    },
    /// Stop without a word, as a crash would.
    Kill,
    /// Break a rule.
    #[cfg(test)]
    Break,
}
