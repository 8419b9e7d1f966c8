//! What a caller says and hears.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use covey_logic::{Name, NodeId, Wall};
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
}

/// What an agent answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallReply {
    /// The result, as JSON.
    pub value: Bytes,
    /// The node that ran the agent.
    pub node: NodeId,
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
