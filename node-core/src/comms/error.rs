//! Why a call has no answer.

use bytes::Bytes;
use covey_logic::{Name, NodeId, guard};
use serde::{Deserialize, Serialize};

use super::MAX_BODY_LEN;
use crate::guard::Outcome;

/// Why a call has no answer; [`CallError::may_have_run`] says whether the agent may have done what
/// was asked all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No agent has this name.
    #[error("there is no agent {name}")]
    Unknown {
        /// Which name.
        name: Name,
    },
    /// The agent was told to stop, or ended for good: start it.
    #[error("{name} is stopped")]
    Stopped {
        /// Which agent.
        name: Name,
    },
    /// The agent runs nowhere, or its node is not connected, and the wait for either ended.
    #[error("{name} cannot be reached")]
    Unreachable {
        /// Which agent.
        name: Name,
        /// The node it was last known on, if any.
        node: Option<NodeId>,
    },
    /// The connection closed after the call was sent.
    #[error("the connection to {node:?} was lost before the answer came")]
    Lost {
        /// The node that had the call.
        node: NodeId,
    },
    /// The agent ended while it had the call.
    #[error("{name} ended before it answered")]
    Crashed {
        /// Which agent.
        name: Name,
        /// The node that ran it.
        node: NodeId,
    },
    /// The answer did not come in time.
    #[error("{name} did not answer in time")]
    TimedOut {
        /// Which agent.
        name: Name,
        /// The node that had the call.
        node: NodeId,
    },
    /// Too many calls wait for this agent or for its node: try again later.
    #[error("{name} has too many calls waiting")]
    Busy {
        /// Which agent.
        name: Name,
    },
    /// One of the guards of this node did not let it through; see its text.
    #[error(transparent)]
    Guarded(#[from] Box<guard::Refused>),
    /// The role of this node does not allow calls.
    #[error("the role of this node does not allow calls")]
    Refused,
    /// Send or ask for less.
    #[error("{what} of more than {MAX_BODY_LEN} bytes cannot travel")]
    TooBig {
        /// The parameters or the answer.
        what: &'static str,
    },
    /// The agent answered with an error of its own.
    #[error("{message}")]
    Agent {
        /// The JSON-RPC error code.
        code: i64,
        /// What the agent says of it.
        message: String,
        /// More of it, as JSON; empty for none.
        data: Bytes,
    },
    /// The parameters are no JSON.
    #[error("the parameters are no JSON")]
    NotJson,
    /// The key named another call of this agent before: choose a new one for each.
    #[error("the key was given to another call of {name}")]
    KeyReused {
        /// Which agent.
        name: Name,
    },
    /// A key has 1 to 64 bytes.
    #[error("a key has 1 to {} bytes", super::Call::MAX_KEY_LEN)]
    BadKey,
    /// This node stopped.
    #[error("this node stopped")]
    NodeStopped,
}

impl CallError {
    /// Whether the agent may have done what was asked: a caller that tries again may do it twice.
    #[must_use]
    pub fn may_have_run(&self) -> bool {
        match self {
            Self::Lost { .. }
            | Self::Crashed { .. }
            | Self::TimedOut { .. }
            | Self::Agent { .. }
            | Self::TooBig { what: "an answer" }
            | Self::NodeStopped => true,
            Self::Unknown { .. }
            | Self::Stopped { .. }
            | Self::Unreachable { .. }
            | Self::Busy { .. }
            | Self::Guarded(_)
            | Self::NotJson
            | Self::KeyReused { .. }
            | Self::BadKey
            | Self::Refused
            | Self::TooBig { .. } => false,
        }
    }
}

/// What callers get wrong, after JSON-RPC 2.0: no JSON, no request, no such method, other
/// parameters. It says nothing of the agent.
const ASKED_WRONGLY: [i64; 4] = [-32_700, -32_600, -32_601, -32_602];

/// How a call ended, for its guards.
pub(super) fn outcome<T>(result: &Result<T, CallError>) -> Outcome {
    let Err(error) = result else { return Outcome { result: guard::Result::Well, ran: true } };
    let ran = error.may_have_run();
    let result = match error {
        CallError::Agent { code, .. } if ASKED_WRONGLY.contains(code) => guard::Result::Well,
        CallError::Agent { .. }
        | CallError::Unreachable { .. }
        | CallError::Crashed { .. }
        | CallError::TimedOut { .. } => guard::Result::Failed,
        // Its node was lost, and the agent is about to run elsewhere.
        CallError::Lost { .. }
        | CallError::Unknown { .. }
        | CallError::Stopped { .. }
        | CallError::Busy { .. }
        | CallError::Guarded(_)
        | CallError::Refused
        | CallError::TooBig { .. }
        | CallError::NotJson
        | CallError::KeyReused { .. }
        | CallError::BadKey
        | CallError::NodeStopped => guard::Result::Nothing,
    };
    Outcome { result, ran }
}

/// Why the node that was asked has no value; travels in a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fault {
    /// This life of the agent does not run there; nobody took the call.
    NotHere,
    /// Too many calls wait; nobody took the call.
    Busy,
    /// The caller's node may not call; nobody took the call.
    Refused,
    /// The answer is too long to travel.
    TooBig,
    /// The parameters are no JSON; nobody took the call.
    NotJson,
    /// The agent ended while it had the call.
    Crashed,
    /// The agent did not answer in time.
    TimedOut,
    /// The agent answered with an error of its own.
    Agent {
        /// The JSON-RPC error code.
        code: i64,
        /// What the agent says of it.
        message: String,
        /// More of it, as JSON; empty for none.
        #[serde(with = "as_bytes")]
        data: Bytes,
    },
    /// The key named another call before; nobody took the call.
    KeyReused,
}

impl Fault {
    /// What the caller of `name` hears of a fault on `node`; nothing if nobody took the call and it
    /// should go elsewhere.
    pub(super) fn into_error(self, name: &Name, node: NodeId) -> Option<CallError> {
        let name = || name.clone();
        Some(match self {
            Self::NotHere => return None,
            Self::Busy => CallError::Busy { name: name() },
            Self::Refused => CallError::Refused,
            Self::TooBig => CallError::TooBig { what: "an answer" },
            Self::Crashed => CallError::Crashed { name: name(), node },
            Self::TimedOut => CallError::TimedOut { name: name(), node },
            Self::Agent { code, message, data } => CallError::Agent { code, message, data },
            Self::NotJson => CallError::NotJson,
            Self::KeyReused => CallError::KeyReused { name: name() },
        })
    }
}

/// Bytes as a byte string.
mod as_bytes {
    use bytes::Bytes;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        bytes: &Bytes,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Bytes, D::Error> {
        Vec::deserialize(deserializer).map(Bytes::from)
    }
}
