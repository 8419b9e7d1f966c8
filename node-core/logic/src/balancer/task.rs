//! A task, from its submission to its end.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Pay, Queue};
use crate::{
    agreed::Key,
    credits::Credits,
    ids::{Name, NodeId},
    time::Wall,
};

/// What comes first of tasks that wait. Later ones are more urgent, and told apart in the log by
/// their places.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "TaskPriority")]
pub enum Priority {
    /// After all others.
    Low,
    /// As most.
    #[default]
    Normal,
    /// Before all others.
    High,
}

/// A task as it is submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTask {
    /// What it takes.
    pub queue: Queue,
    /// What the agent is asked to do.
    pub method: String,
    /// With which parameters, as JSON.
    pub params: String,
    /// What comes first.
    pub priority: Priority,
    /// In how long it expires, in milliseconds from when it is in the log; none: never.
    pub expires_ms: Option<u64>,
    /// How long one attempt may take, in milliseconds.
    pub timeout_ms: u64,
    /// How many attempts may fail with its agent, or without an answer, before the task does.
    pub attempts: u32,
    /// Names the task: what is submitted again under the key is the same task.
    pub key: Option<Key>,
    /// Who submits it, as its node tells them apart.
    pub session: Option<Name>,
    /// What is paid for it; none: nothing.
    pub pay: Option<Pay>,
    /// What an answer has to fit to be one, a JSON Schema; none: whatever it is.
    pub check: Option<String>,
}

impl NewTask {
    /// How long one attempt may take if nothing is said: a minute.
    pub const TIMEOUT_MS: u64 = 60_000;
    /// And at most: a day, as long as a batch may run.
    pub const MAX_TIMEOUT_MS: u64 = 24 * 60 * 60 * 1_000;
    /// The latest that a task may expire: a year.
    pub const MAX_EXPIRES_MS: u64 = 365 * 24 * 60 * 60 * 1_000;
    /// How many attempts may fail if nothing is said.
    pub const ATTEMPTS: u32 = 5;
    /// And at most.
    pub const MAX_ATTEMPTS: u32 = 100;
    /// The longest method, in bytes.
    pub const MAX_METHOD: usize = 64;

    /// Bytes it takes, about.
    #[must_use]
    pub fn size(&self) -> usize {
        let check = self.check.as_ref().map_or(0, String::len);
        self.queue.as_str().len() + self.method.len() + self.params.len() + check
    }
}

/// A task that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What was submitted.
    pub wanted: NewTask,
    /// The node that submitted it.
    pub by: NodeId,
    /// When, by that node's clock.
    pub at: Wall,
    /// When it was accepted, by the group's clock in nanoseconds.
    pub accepted: u64,
    /// When it expires, by the same.
    pub expires: Option<u64>,
    /// The number of the last attempt.
    pub attempt: u32,
    /// How many attempts failed.
    pub failures: u32,
    /// What is paid for attempts that may still be done; once the task is, for the one that did it.
    pub prices: BTreeMap<u32, Credits>,
    /// How far it is.
    pub state: TaskState,
}

/// How far a task is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskState {
    /// It waits for an agent.
    Queued {
        /// Until when it waits at least, by the group's clock.
        not_before: u64,
        /// How the last attempt ended; nothing before the first.
        last: Option<String>,
    },
    /// An agent has it.
    Running {
        /// Which.
        agent: Name,
        /// Since when, by the group's clock.
        since: u64,
    },
    /// It is over.
    Over {
        /// How it ended.
        ending: Ending,
        /// Which agent had it last.
        agent: Option<Name>,
        /// When it ended, by the group's clock.
        at: u64,
    },
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// The agent did it.
    Done {
        /// What it answered, as JSON.
        value: String,
    },
    /// The agent refused, or too many attempts failed.
    Failed {
        /// Why.
        reason: String,
    },
    /// Its time was over.
    Expired,
    /// Somebody cancelled it.
    Cancelled,
}

/// What comes first: by priority, then by when it expires, then by age.
pub(super) type Urgency = (Reverse<Priority>, u64, u64);

impl Task {
    /// Whether it ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, TaskState::Over { .. })
    }

    /// What the task is called by towards agents: the same in each attempt, and never that of
    /// another task.
    #[must_use]
    pub fn call_key(&self, id: u64) -> String {
        format!("task/{id}/{}", self.at.0)
    }

    /// Bytes it takes, about.
    pub(super) fn size(&self) -> usize {
        let ending = match &self.state {
            TaskState::Over { ending: Ending::Done { value: text }, .. }
            | TaskState::Over { ending: Ending::Failed { reason: text }, .. } => text.len(),
            TaskState::Queued { last, .. } => last.as_ref().map_or(0, String::len),
            TaskState::Running { .. } | TaskState::Over { .. } => 0,
        };
        self.wanted.size() + ending
    }

    /// What is paid for an attempt that is done: what was agreed on for it, else nothing.
    pub(super) fn price_of(&self, attempt: u32) -> Credits {
        self.prices.get(&attempt).copied().unwrap_or_default()
    }

    /// What is paid for it, as far as that is agreed on.
    #[must_use]
    pub fn price(&self) -> Option<Credits> {
        match self.state {
            TaskState::Queued { .. } => None,
            TaskState::Running { .. } => self.prices.get(&self.attempt).copied(),
            TaskState::Over { .. } => self.prices.values().next().copied(),
        }
    }

    pub(super) fn urgency(&self, id: u64) -> Urgency {
        (Reverse(self.wanted.priority), self.expires.unwrap_or(u64::MAX), id)
    }
}
