//! What runs an agent.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::agent::blob;

/// What runs an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Runtime {
    /// Code inside the node.
    Builtin {
        /// Which of the agents that come with Covey.
        agent: Builtin,
    },
    /// Any program that speaks JSON-RPC 2.0 on its standard input and output, one line a message.
    Process {
        /// The program and its arguments; a relative program is looked up among `files`, then in
        /// the search path.
        command: Vec<String>,
        /// Environment variables beside the node's own few.
        #[serde(default)]
        env: BTreeMap<String, String>,
        /// Files put into the agent's working folder before it starts.
        #[serde(default)]
        files: Vec<SpecFile>,
    },
}

/// What kind of runtime an agent has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RuntimeKind {
    /// Code inside the node.
    Builtin,
    /// A program.
    Process,
}

impl Runtime {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> RuntimeKind {
        match self {
            Self::Builtin { .. } => RuntimeKind::Builtin,
            Self::Process { .. } => RuntimeKind::Process,
        }
    }
}

/// The agents that come with Covey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    /// Answers `echo` with its parameters.
    Echo,
    /// Counts: `add {by}` and `get`.
    Counter,
    /// Counts seconds by itself, and logs a line each ten: `get`.
    Ticker,
    /// Bids in auctions that ask for bids, up to what a lot is worth to it: `value {lot, credits}`
    /// says how much, else it is from 1 to 100, by its name and the lot.
    Bidder,
    /// Takes part in sessions, and decides by how busy its machine is.
    Delegate,
}

/// A file that travels with a specification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SpecFile {
    /// Relative path with `/`, without `..`.
    pub path: String,
    /// The contents, base64 in JSON.
    #[serde(with = "blob")]
    #[ts(type = "string")]
    pub contents: Arc<[u8]>,
    /// Whether it may be run.
    #[serde(default)]
    pub executable: bool,
}
