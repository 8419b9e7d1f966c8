//! What a handle asks of the loop.

use std::{fmt, sync::Arc};

use covey_logic::{Command, CommandError, Node, NodeId, Outcome};
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
    /// Read something of the node.
    Look(Look),
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

/// Something to read of the node, between two of its steps.
pub(crate) struct Look(pub(crate) Box<dyn FnOnce(&Node) + Send>);

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Look")
    }
}
