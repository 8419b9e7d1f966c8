//! The tasks of a cluster, as they follow from the log.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    Bill, Queue, Record, StrategyKind, Task, TaskState,
    task::{Ending, Urgency},
};
use crate::{agreed::Key, ids::Name};

/// Every task that is open, the last of those that are over, and what the agents did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tasks {
    /// The number of the last task.
    pub(super) last: u64,
    pub(super) tasks: BTreeMap<u64, Task>,
    pub(super) keys: BTreeMap<Key, u64>,
    pub(super) lines: BTreeMap<Queue, Line>,
    pub(super) expiries: BTreeSet<(u64, u64)>,
    /// Those that are over, in the order in which they ended.
    pub(super) over: VecDeque<u64>,
    /// Bytes of open tasks, and of those that are over.
    pub(super) bytes: (usize, usize),
    pub(super) records: BTreeMap<Name, Record>,
    pub(super) strategy: StrategyKind,
    pub(super) chosen: BTreeMap<Queue, StrategyKind>,
}

/// The open tasks of a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Those that wait, the most urgent first.
    pub(super) waiting: BTreeSet<Urgency>,
    /// Those that an agent has.
    pub(super) running: BTreeSet<u64>,
}

impl Line {
    /// The numbers of those that wait, the most urgent first.
    pub fn waiting(&self) -> impl ExactSizeIterator<Item = u64> {
        self.waiting.iter().map(|(_, _, id)| *id)
    }

    /// The numbers of those that an agent has.
    pub fn running(&self) -> impl ExactSizeIterator<Item = u64> {
        self.running.iter().copied()
    }
}

impl Tasks {
    /// Tasks that are open at a time.
    pub const MAX_OPEN: usize = 20_000;
    /// Tasks that are remembered once they are over: their results can be read, and their keys are
    /// known.
    pub const KEPT: usize = 10_000;
    /// Bytes of all open tasks, and of all that are remembered: they are in every snapshot of the
    /// group.
    pub const MAX_BYTES: usize = 8 << 20;
    /// Tasks of one submission.
    pub const MAX_AT_ONCE: usize = 1_000;
    /// Bytes of one entry of the log: sixteen fit into a message of the fabric.
    pub const MAX_ENTRY: usize = 64 << 10;
    /// The longest parameters, result or reason of a task, in bytes.
    pub const MAX_TEXT: usize = 32 << 10;
    /// Agents that are counted.
    pub const MAX_AGENTS: usize = 10_000;
    /// Queues that have a strategy of their own.
    pub const MAX_CHOSEN: usize = 1_000;
    /// The pause before a second attempt, in nanoseconds; it doubles with each.
    pub const BACK_OFF: u64 = 100_000_000;
    /// The longest pause between two attempts, in nanoseconds.
    pub const MAX_BACK_OFF: u64 = 10_000_000_000;

    /// One task, if it is open or remembered.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<&Task> {
        self.tasks.get(&id)
    }

    /// Every task that is open or remembered, by number.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &Task)> {
        self.tasks.iter().map(|(id, task)| (*id, task))
    }

    /// The queues that have open tasks.
    pub fn lines(&self) -> impl Iterator<Item = (&Queue, &Line)> {
        self.lines.iter()
    }

    /// The open tasks of one queue.
    #[must_use]
    pub fn line(&self, queue: &Queue) -> Option<&Line> {
        self.lines.get(queue)
    }

    /// How many tasks are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.tasks.len() - self.over.len()
    }

    /// The open tasks whose time is over when the group's clock is at `clock`.
    pub fn expired(&self, clock: u64) -> impl Iterator<Item = u64> {
        self.expiries.range(..(clock.saturating_add(1), 0)).map(|(_, id)| *id)
    }

    /// When open tasks expire by the group's clock, the next first, and which.
    pub fn expiries(&self) -> impl Iterator<Item = (u64, u64)> {
        self.expiries.iter().copied()
    }

    /// What an agent did.
    #[must_use]
    pub fn record(&self, agent: &Name) -> Record {
        self.records.get(agent).copied().unwrap_or_default()
    }

    /// What each agent did that had a task.
    pub fn records(&self) -> impl Iterator<Item = (&Name, &Record)> {
        self.records.iter()
    }

    /// By which strategy agents are chosen for a queue.
    #[must_use]
    pub fn strategy(&self, queue: &Queue) -> StrategyKind {
        self.chosen.get(queue).copied().unwrap_or(self.strategy)
    }

    /// By which strategy agents are chosen for queues that have none of their own.
    #[must_use]
    pub fn default_strategy(&self) -> StrategyKind {
        self.strategy
    }

    /// The queues that have a strategy of their own.
    pub fn chosen(&self) -> impl Iterator<Item = (&Queue, StrategyKind)> {
        self.chosen.iter().map(|(queue, kind)| (queue, *kind))
    }

    /// Takes an open task out of the line it stands in.
    pub(super) fn step_out(&mut self, id: u64, clock: u64) {
        let Some(task) = self.tasks.get(&id) else { return };
        let queue = task.wanted.queue.clone();
        if let TaskState::Running { agent, .. } = &task.state
            && let Some(record) = self.records.get_mut(agent)
        {
            record.freed(clock);
        }
        if let Some(line) = self.lines.get_mut(&queue) {
            line.waiting.remove(&task.urgency(id));
            line.running.remove(&id);
            if line.waiting.is_empty() && line.running.is_empty() {
                self.lines.remove(&queue);
            }
        }
    }

    /// Puts an open task into the state in which it goes on.
    pub(super) fn step_in(&mut self, id: u64, state: TaskState) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        self.bytes.0 = self.bytes.0.saturating_sub(task.size());
        task.state = state;
        self.bytes.0 += task.size();
        let line = self.lines.entry(task.wanted.queue.clone()).or_default();
        if matches!(task.state, TaskState::Running { .. }) {
            line.running.insert(id);
        } else {
            line.waiting.insert(task.urgency(id));
        }
    }

    /// Ends an open task. What it pays goes back if it was not done; else who did it is paid by
    /// whoever says so.
    pub(super) fn end(
        &mut self,
        id: u64,
        ending: Ending,
        (agent, at): (Option<Name>, u64),
        bills: &mut Vec<Bill>,
    ) {
        self.step_out(id, at);
        let Some(task) = self.tasks.get_mut(&id) else { return };
        if !matches!(ending, Ending::Done { .. }) {
            task.prices.clear();
            bills.extend(task.wanted.pay.as_ref().map(|_| Bill::Return { task: id }));
        }
        self.bytes.0 = self.bytes.0.saturating_sub(task.size());
        if let Some(expires) = task.expires {
            self.expiries.remove(&(expires, id));
        }
        task.state = TaskState::Over { ending, agent, at };
        // Nobody asks for it any more.
        task.wanted.params.clear();
        task.wanted.check = None;
        self.bytes.1 += task.size();
        self.over.push_back(id);
        self.forget();
    }

    /// Forgets the oldest of too many that are over.
    fn forget(&mut self) {
        while self.over.len() > Self::KEPT || self.bytes.1 > Self::MAX_BYTES {
            let Some(id) = self.over.pop_front() else { return };
            let Some(task) = self.tasks.remove(&id) else { continue };
            self.bytes.1 = self.bytes.1.saturating_sub(task.size());
            if let Some(key) = &task.wanted.key {
                self.keys.remove(key);
            }
        }
    }

    /// The record of an agent; of too many, the one that was idle longest makes room.
    pub(super) fn record_mut(&mut self, agent: &Name) -> &mut Record {
        if self.records.len() >= Self::MAX_AGENTS && !self.records.contains_key(agent) {
            let idle = self.records.iter().filter(|(_, record)| record.in_flight == 0);
            let oldest = idle.min_by_key(|(_, record)| record.last).map(|(name, _)| name.clone());
            if let Some(oldest) = oldest {
                self.records.remove(&oldest);
            }
        }
        self.records.entry(agent.clone()).or_default()
    }
}
