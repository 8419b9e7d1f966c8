//! A call to an agent, and how it fails.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

/// What is asked of an agent.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method, as JSON-RPC names it.
    pub method: Arc<str>,
    /// The parameters as JSON text; empty for none.
    pub params: Bytes,
    /// When the caller no longer waits; the agent may still finish what it began.
    pub deadline: Instant,
    /// What the caller names it by, so that it is not done twice; the agent is told.
    pub key: Option<Arc<str>>,
    /// Whether the agent answers it: a notice is over once the agent's mailbox has it, and its result
    /// is empty.
    pub answered: bool,
}

impl Call {
    /// The longest parameters, and the longest answer, in bytes: as much as travels with an agent.
    pub const MAX_SIZE: usize = 1 << 20;

    /// A call without a key that is answered.
    #[must_use]
    pub fn new(method: impl Into<Arc<str>>, params: Bytes, deadline: Instant) -> Self {
        Self { method: method.into(), params, deadline, key: None, answered: true }
    }
}

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No agent of this name is here: look up where it is, and call there.
    #[error("no such agent here")]
    Unknown,
    /// Another life of the agent is here: look up the current one. Nothing was handled.
    #[error("another life of the agent is here")]
    StaleEpoch,
    /// As many messages wait as its mailbox holds: call again later. Nothing was handled.
    #[error("the agent's mailbox is full")]
    Busy,
    /// The agent is being stopped. Nothing was handled.
    #[error("the agent is stopping")]
    Stopping,
    /// The agent ended before it answered; it may have handled the call.
    #[error("the agent ended before it answered")]
    Crashed,
    /// No answer came before the deadline; the agent may have handled the call, or may yet.
    #[error("no answer before the deadline")]
    TimedOut,
    /// The parameters are longer than a message may be. Nothing was handled.
    #[error("parameters of {size} bytes are more than the {max} that a message holds")]
    TooBig {
        /// Bytes of the parameters.
        size: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The parameters are not JSON. Nothing was handled.
    #[error("the parameters are not JSON")]
    NotJson,
    /// The agent answered with an error.
    #[error("the agent answered with error {code}: {message}")]
    Agent {
        /// The code, as JSON-RPC 2.0 section 5.1 defines it.
        code: i64,
        /// What the agent says of it.
        message: String,
        /// More of it, as JSON text; empty for none.
        data: Bytes,
    },
}

impl CallError {
    /// JSON-RPC 2.0, section 5.1.
    pub(super) const METHOD_NOT_FOUND: i64 = -32_601;
    /// JSON-RPC 2.0, section 5.1.
    pub(super) const INVALID_PARAMS: i64 = -32_602;

    pub(super) fn agent(code: i64, message: String) -> Self {
        Self::Agent { code, message, data: Bytes::new() }
    }
}
