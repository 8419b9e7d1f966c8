//! What can be wished of tasks, and what comes of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{NewTask, Queue, StrategyKind};
use crate::{
    agreed::Key,
    credits::Credits,
    ids::{Name, NodeId},
};

/// A change of tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// These are to be done: all of them are accepted, or none.
    Submit(Vec<NewTask>),
    /// Agents were chosen for these. Each that may begin does; the steward sees in the state which.
    Assign {
        /// The choices.
        choices: Vec<Assignment>,
        /// Tasks in flight at one agent at most, of all queues.
        most: u32,
    },
    /// These attempts are over. What is said twice, or too late, does nothing.
    Settle(Vec<Settlement>),
    /// These are not to be done any more.
    Cancel(Vec<u64>),
    /// The time of these is over: those of which it is expire.
    Expire(Vec<u64>),
    /// Agents are chosen by this strategy.
    Choose {
        /// For which queue; none: for all that have none of their own.
        queue: Option<Queue>,
        /// By which; none: as for all.
        strategy: Option<StrategyKind>,
    },
}

/// An agent that was chosen for a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Which task.
    pub task: u64,
    /// Which attempt it is: one more than the last.
    pub attempt: u32,
    /// Which agent.
    pub agent: Name,
    /// What is paid for it, if the task pays.
    pub price: Option<Credits>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Which task.
    pub task: u64,
    /// Which attempt.
    pub attempt: u32,
    /// Who had it.
    pub agent: Name,
    /// How it ended.
    pub end: AttemptEnd,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttemptEnd {
    /// The agent did it.
    Done {
        /// What it answered, as JSON.
        value: String,
        /// How long it took, in microseconds.
        took_us: u64,
        /// The node that ran it.
        node: NodeId,
    },
    /// The agent said that it will not be done: no other is asked.
    Failed {
        /// Why.
        reason: String,
    },
    /// The agent ended, or did not answer in time.
    Lost {
        /// What happened.
        reason: String,
    },
    /// The agent did not have it: it counts for no attempt.
    Untaken {
        /// What happened.
        reason: String,
    },
}

/// What an act did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// Tasks were accepted, or were there under their keys: runs of numbers, each with its first
    /// and how many there are, in the order of submission.
    Submitted(Vec<(u64, u32)>),
    /// Some attempts begin or ended; so many.
    Moved(u32),
    /// These ended.
    Cancelled(Vec<u64>),
    /// It is chosen so.
    Chosen,
}

impl Done {
    /// The numbers of what was submitted.
    #[must_use]
    pub fn ids(&self) -> Vec<u64> {
        match self {
            Self::Submitted(runs) => runs
                .iter()
                .flat_map(|(first, count)| *first..first.saturating_add(u64::from(*count)))
                .collect(),
            Self::Cancelled(ids) => ids.clone(),
            Self::Moved(_) | Self::Chosen => Vec::new(),
        }
    }
}

/// Why tasks were not accepted, or not changed. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "why", rename_all = "snake_case")]
#[ts(rename = "TaskRefused")]
pub enum Refused {
    /// Submit fewer at a time.
    #[error("{count} tasks are none, or more than the {capacity} that are accepted at a time")]
    Count {
        /// How many there were.
        count: usize,
        /// The bound.
        capacity: usize,
    },
    /// Submit less at a time: put large data elsewhere and name its place.
    #[error("{bytes} bytes are more than the {capacity} that are accepted at a time")]
    TooLarge {
        /// How many there were.
        bytes: usize,
        /// The bound.
        capacity: usize,
    },
    /// Wait until some are over.
    #[error("{capacity} tasks are open already")]
    Full {
        /// The bound.
        capacity: usize,
    },
    /// Wait until some are over.
    #[error("open tasks hold {capacity} bytes at most")]
    OutOfSpace {
        /// The bound.
        capacity: usize,
    },
    /// State it within its bounds.
    #[error("{field} of a task is out of bounds")]
    Unfit {
        /// Which part of the task.
        field: String,
    },
    /// Choose a new key for each task.
    #[error("the key {key:?} was given to another task, {task}")]
    KeyReused {
        /// Which key.
        #[ts(type = "string")]
        key: Key,
        /// Which task has it.
        #[ts(type = "number")]
        task: u64,
    },
    /// It was never accepted, or ended so long ago that it is forgotten.
    #[error("there is no task {task}")]
    NoTask {
        /// Which.
        #[ts(type = "number")]
        task: u64,
    },
    /// Ask whoever submitted it: agents cancel their own tasks alone.
    #[error("task {task} was submitted by somebody else")]
    NotYours {
        /// Which.
        #[ts(type = "number")]
        task: u64,
    },
    /// Have the agents of the queue chosen by auction first, or pay nothing.
    #[error("nothing is paid for tasks of {queue}: their agents are chosen by {strategy}")]
    NotByAuction {
        /// Which queue.
        #[ts(type = "string")]
        queue: Queue,
        /// How they are chosen.
        strategy: StrategyKind,
    },
    /// Wait until those that pay are over, or cancel them.
    #[error("{tasks} open tasks of {queue} pay, so their agents are chosen by auction")]
    PaysByAuction {
        /// Which queue.
        #[ts(type = "string")]
        queue: Queue,
        /// How many.
        tasks: u32,
    },
    /// Set back the strategies of some.
    #[error("{capacity} queues have a strategy of their own already")]
    TooManyQueues {
        /// The bound.
        capacity: usize,
    },
}
