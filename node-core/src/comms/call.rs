//! What a caller says and hears.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use covey_logic::{Epoch, Name, NodeId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A call of an agent, wherever it runs.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whom.
    pub name: Name,
    /// What it should do.
    pub method: Arc<str>,
    /// The parameters, as JSON.
    pub params: Bytes,
    /// How long the caller waits in all, failovers included.
    pub timeout: Duration,
    /// On whose behalf, for the rates that are counted for each who asks.
    pub actor: Option<Name>,
    /// Names the call, so that asking again does not do it twice: the node that runs the agent
    /// remembers the answer for a while. [`Call::MAX_KEY_LEN`] bytes at most.
    pub key: Option<Arc<str>>,
    /// Whether it waits for the agent's answer; else for the agent's mailbox to have it, and the value
    /// of the reply is empty.
    pub answered: bool,
}

impl Call {
    /// The longest key, in bytes: a UUID with some room.
    pub const MAX_KEY_LEN: usize = 64;

    /// A call without a key that is answered, on nobody's behalf.
    #[must_use]
    pub fn new(name: Name, method: impl Into<Arc<str>>, params: Bytes, timeout: Duration) -> Self {
        Self {
            name,
            method: method.into(),
            params,
            timeout,
            actor: None,
            key: None,
            answered: true,
        }
    }
}

/// What an agent answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallReply {
    /// The result, as JSON.
    pub value: Bytes,
    /// The node that ran the agent.
    pub node: NodeId,
    /// The life of the agent that answered.
    pub epoch: Epoch,
    /// From the call to the answer, as the caller saw it.
    pub took: Duration,
}

/// A line that an agent wrote, or that its host wrote of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogLine {
    /// Its place among the lines its node kept of the agent; goes up.
    #[ts(type = "number")]
    pub seq: u64,
    /// When it was written, by the clock of the node that ran the agent.
    #[ts(type = "number")]
    pub at: Wall,
    /// Where it was written.
    pub stream: LogStream,
    /// The line without its end.
    pub text: String,
}

/// Where a line of an agent's log comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogStream {
    /// Its standard error.
    Stderr,
    /// A message of its own for the log.
    Log,
    /// The node that runs it.
    Host,
}
