//! What one life of an agent is doing, and how it ended.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ids::Epoch, time::Wall};

/// What one life of an agent is doing on the node that reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Which life.
    pub epoch: Epoch,
    /// The [`Intent::generation`](crate::agent::Intent::generation) it was started for.
    pub generation: u64,
    /// What it is doing.
    pub phase: Phase,
    /// When the phase began.
    pub since: Wall,
    /// Restarts on this node since a person last started it.
    pub restarts: u32,
    /// When the agent last ended unasked, as an epoch that lies between the lives before and after;
    /// zero if it never did. Siblings of its group read it.
    pub fell: Epoch,
    /// How the last life ended, if one did.
    pub last_exit: Option<Exit>,
}

/// The states of an agent on its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The host was told to start it.
    Starting,
    /// It takes messages.
    Running,
    /// It takes no messages: its state goes to another node, where the agent goes on.
    Migrating,
    /// It was started here and waits for the state of the life that runs on another node.
    Arriving,
    /// It ended and waits for its restart.
    BackingOff,
    /// The host was told to stop it.
    Stopping,
    /// It ended as it should, and its restart policy asks for no more.
    Finished,
    /// It used up its restarts; it stays parked until a person restarts it.
    Failed,
}

/// How a life of an agent ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exit {
    /// Why.
    #[serde(with = "crate::wire::tagged")]
    #[ts(as = "ExitReason")]
    pub reason: ExitReason,
    /// The last lines it wrote, oldest first.
    pub tail: Vec<String>,
}

impl Exit {
    /// Lines kept of the last output: enough for a stack trace.
    pub const MAX_TAIL_LINES: usize = 20;
}

/// Why a life of an agent ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ExitReason {
    /// It was told to stop.
    Stopped,
    /// It ended by itself with this code; 0 is a clean exit.
    Exited {
        /// The exit code.
        code: i32,
    },
    /// A signal ended it.
    Killed {
        /// The signal's number.
        signal: i32,
    },
    /// It could not be started.
    NotStarted {
        /// What the operating system said.
        error: String,
    },
    /// It used more memory than allowed.
    OverMemory {
        /// Its resident memory, in MiB.
        used_mib: u32,
        /// The limit, in MiB.
        limit_mib: u32,
    },
    /// One message took longer than allowed.
    OverTime {
        /// The limit, in milliseconds.
        #[ts(type = "number")]
        limit_ms: u64,
    },
    /// It wrote something that is no JSON-RPC message.
    Garbled {
        /// The line, cut to 200 characters.
        line: String,
    },
}

impl ExitReason {
    /// Whether the agent did what it was meant to do.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        matches!(self, Self::Stopped | Self::Exited { code: 0 })
    }
}
