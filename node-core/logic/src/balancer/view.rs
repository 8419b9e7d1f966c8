//! Tasks and agents as people see them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    Able, Chance, Limits, NoChoice, Pool, Priority, Queue, StrategyKind, Task, TaskState, Tasks,
    dispatch::{choice, worker},
    task::Ending,
};
use crate::{
    credits::Credits,
    ids::{Name, NodeId},
    time::Wall,
};

/// How far a task is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TaskPhase {
    /// It waits for an agent.
    Queued,
    /// An agent has it.
    Running,
    /// It was done.
    Done,
    /// It was not, and will not be.
    Failed,
    /// Its time was over before it was done.
    Expired,
    /// Somebody cancelled it.
    Cancelled,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct TaskView {
    /// Its number.
    #[ts(type = "number")]
    pub task: u64,
    /// The capabilities it takes, joined by `+`.
    pub queue: String,
    /// What is asked.
    pub method: String,
    /// What comes first.
    pub priority: Priority,
    /// How far it is.
    pub state: TaskPhase,
    /// Which agent has it, or had it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub agent: Option<Name>,
    /// The number of the last attempt; 0 before the first.
    pub attempt: u32,
    /// Attempts that failed.
    pub failures: u32,
    /// How many may.
    pub attempts: u32,
    /// The node that submitted it.
    #[ts(type = "string")]
    pub by: NodeId,
    /// Who submitted it there, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub session: Option<Name>,
    /// When, by the clock of that node.
    #[ts(type = "number")]
    pub at: Wall,
    /// In how long it expires, in milliseconds; nothing if it does not, or is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub expires_in_ms: Option<u64>,
    /// From its acceptance to its end, in milliseconds by the group's clock; so far if it is open.
    #[ts(type = "number")]
    pub age_ms: u64,
    /// What the agent answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "unknown")]
    pub value: Option<serde_json::Value>,
    /// Why it failed, or how the last attempt ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is paid for it at most, in credits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay: Option<Credits>,
    /// What was agreed on with who has it, or was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Credits>,
}

/// A page of tasks, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TaskPage {
    /// The tasks.
    pub tasks: Vec<TaskView>,
    /// Ask for those before this number for the next page; nothing if there is none.
    #[ts(type = "number | null")]
    pub next: Option<u64>,
    /// How many tasks are open in all.
    pub open: u32,
}

/// Which tasks to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Of one queue.
    pub queue: Option<Queue>,
    /// So far.
    pub state: Option<TaskPhase>,
    /// Below this number.
    pub before: Option<u64>,
    /// How many at most.
    pub limit: usize,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct QueueView {
    /// The capabilities its tasks take, joined by `+`.
    pub queue: String,
    /// How its agents are chosen.
    pub strategy: StrategyKind,
    /// Whether that was chosen for it alone.
    pub own: bool,
    /// Tasks that wait.
    pub waiting: u32,
    /// Tasks that an agent has.
    pub running: u32,
    /// Agents that can do them.
    pub agents: u32,
    /// Why those that wait get no agent, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stuck: Option<Stuck>,
}

/// Why no agent is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stuck {
    /// None that runs has the capabilities.
    NoSuitableAgent,
    /// All that have them are at their limits.
    AllOverloaded,
    /// None that has them bids: their nodes take no work by auction, or they are being tried.
    NoBids,
    /// All that have them ask for more than is paid.
    TooDear,
}

/// An agent that has, had or could have tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct AgentLoadView {
    /// Which.
    #[ts(type = "string")]
    pub agent: Name,
    /// Where it runs; nothing if it can do no task of an open queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub node: Option<NodeId>,
    /// Tasks it has.
    pub in_flight: u32,
    /// How long it takes for one, in microseconds: peak EWMA. Nothing before its first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub latency_us: Option<u64>,
    /// Tasks it was given.
    #[ts(type = "number")]
    pub assigned: u64,
    /// Tasks it did.
    #[ts(type = "number")]
    pub done: u64,
    /// Attempts that failed with it.
    #[ts(type = "number")]
    pub failed: u64,
    /// Whether it gets no more for now.
    pub overloaded: bool,
    /// The mean time between two ends while it has tasks, in microseconds. Nothing before its first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub pace_us: Option<u64>,
    /// What it asks for its next task by auction, in thousandths of a credit, rounded up. Nothing if
    /// its node takes no work by auction, and before its first task.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub asks_thousandths: Option<u64>,
}

/// How tasks are spread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BalancerView {
    /// How agents are chosen for queues that have no strategy of their own.
    pub strategy: StrategyKind,
    /// Tasks in flight at one agent at most, as set on this node.
    pub in_flight: u32,
    /// The queues with open tasks or a strategy of their own.
    pub queues: Vec<QueueView>,
    /// The agents.
    pub agents: Vec<AgentLoadView>,
    /// Every strategy.
    pub strategies: Vec<StrategyView>,
}

/// A strategy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StrategyView {
    /// Which.
    pub strategy: StrategyKind,
    /// Its name for people.
    pub label: String,
    /// What it does, in a sentence.
    pub about: String,
}

impl TaskView {
    /// A task when the group's clock is at `clock`.
    #[must_use]
    pub fn new(id: u64, task: &Task, clock: u64) -> Self {
        let Task { wanted, by, at, accepted, expires, attempt, failures, state, .. } = task;
        let (mut agent, mut end, mut value, mut reason) = (None, clock, None, None);
        let phase = match state {
            TaskState::Queued { last, .. } => {
                reason.clone_from(last);
                TaskPhase::Queued
            }
            TaskState::Running { agent: has, .. } => {
                agent = Some(has.clone());
                TaskPhase::Running
            }
            TaskState::Over { ending, agent: had, at } => {
                agent.clone_from(had);
                end = *at;
                match ending {
                    Ending::Done { value: text } => {
                        value = serde_json::from_str(text).ok();
                        TaskPhase::Done
                    }
                    Ending::Failed { reason: why } => {
                        reason = Some(why.clone());
                        TaskPhase::Failed
                    }
                    Ending::Expired => TaskPhase::Expired,
                    Ending::Cancelled => TaskPhase::Cancelled,
                }
            }
        };
        let open = expires.filter(|_| !task.is_over());
        Self {
            task: id,
            queue: wanted.queue.to_string(),
            method: wanted.method.clone(),
            priority: wanted.priority,
            state: phase,
            agent,
            attempt: *attempt,
            failures: *failures,
            attempts: wanted.attempts,
            by: *by,
            session: wanted.session.clone(),
            at: *at,
            expires_in_ms: open.map(|expires| expires.saturating_sub(clock) / 1_000_000),
            age_ms: end.saturating_sub(*accepted) / 1_000_000,
            value,
            reason,
            pay: wanted.pay.as_ref().map(|pay| pay.most),
            price: task.price(),
        }
    }
}

impl Task {
    /// How far it is, in a word.
    #[must_use]
    pub fn phase(&self) -> TaskPhase {
        match &self.state {
            TaskState::Queued { .. } => TaskPhase::Queued,
            TaskState::Running { .. } => TaskPhase::Running,
            TaskState::Over { ending, .. } => match ending {
                Ending::Done { .. } => TaskPhase::Done,
                Ending::Failed { .. } => TaskPhase::Failed,
                Ending::Expired => TaskPhase::Expired,
                Ending::Cancelled => TaskPhase::Cancelled,
            },
        }
    }
}

impl Tasks {
    /// The tasks that fit, the newest first, when the group's clock is at `clock`.
    #[must_use]
    pub fn page(&self, filter: &TaskFilter, clock: u64) -> TaskPage {
        let TaskFilter { queue, state, before, limit } = filter;
        let fits = |task: &Task| {
            queue.as_ref().is_none_or(|queue| task.wanted.queue == *queue)
                && state.is_none_or(|state| task.phase() == state)
        };
        let below = ..before.unwrap_or(u64::MAX);
        let mut found = self.tasks.range(below).rev().filter(|(_, task)| fits(task));
        let tasks: Vec<TaskView> =
            found.by_ref().take(*limit).map(|(id, task)| TaskView::new(*id, task, clock)).collect();
        let more = found.next().is_some();
        let next = tasks.last().filter(|_| more).map(|task| task.task);
        TaskPage { tasks, next, open: count(self.open()) }
    }

    /// The queues whose agents are worth knowing of.
    #[must_use]
    pub fn queues(&self) -> Vec<Queue> {
        let mut queues: Vec<Queue> = self.lines.keys().chain(self.chosen.keys()).cloned().collect();
        let recent = self.tasks.values().rev().take(100);
        queues.extend(recent.map(|task| task.wanted.queue.clone()));
        queues.sort_unstable();
        queues.dedup();
        queues
    }

    /// How tasks are spread when the group's clock is at `clock`; `able` says who can do the tasks
    /// of [`Self::queues`].
    #[must_use]
    pub fn balance(
        &self,
        clock: u64,
        able: &BTreeMap<Queue, Vec<Able>>,
        limits: Limits,
    ) -> BalancerView {
        let queue = |(queue, agents): (&Queue, &Vec<Able>)| {
            let line = self.line(queue);
            let first = line.and_then(|line| self.get(line.waiting().next()?));
            let mut pool = Pool::new(self.strategy(queue), limits);
            for able in agents {
                pool.set(&able.agent, worker(self, clock, able));
            }
            let stuck = first.and_then(|task| choice(&mut pool, &mut Chance::new(0), task).err());
            QueueView {
                queue: queue.to_string(),
                strategy: self.strategy(queue),
                own: self.chosen.contains_key(queue),
                waiting: count(line.map_or(0, |line| line.waiting().len())),
                running: count(line.map_or(0, |line| line.running().len())),
                agents: count(agents.len()),
                stuck: stuck.map(Into::into),
            }
        };
        let strategies = StrategyKind::ALL.iter().map(|kind| StrategyView {
            strategy: *kind,
            label: kind.label().to_owned(),
            about: kind.about().to_owned(),
        });
        BalancerView {
            strategy: self.strategy,
            in_flight: limits.in_flight,
            queues: able.iter().map(queue).collect(),
            agents: self.loads(clock, able, limits),
            strategies: strategies.collect(),
        }
    }

    fn loads(
        &self,
        clock: u64,
        able: &BTreeMap<Queue, Vec<Able>>,
        limits: Limits,
    ) -> Vec<AgentLoadView> {
        let there: BTreeMap<&Name, &Able> =
            able.values().flatten().map(|able| (&able.agent, able)).collect();
        let counted = self.records.keys().filter(|name| !there.contains_key(name));
        let names = there.keys().copied().chain(counted);
        let mut loads: Vec<AgentLoadView> = names
            .map(|name| {
                let record = self.record(name);
                let able = there.get(name).copied();
                let worker = able.map(|able| worker(self, clock, able));
                AgentLoadView {
                    agent: name.clone(),
                    node: able.map(|able| able.node),
                    in_flight: record.in_flight,
                    latency_us: record.latency.map(|latency| latency.value(clock)),
                    assigned: record.assigned,
                    done: record.done,
                    failed: record.failed,
                    overloaded: worker.is_some_and(|worker| !limits.admit(&worker)),
                    pace_us: record.pace_us(clock),
                    asks_thousandths: worker.and_then(|it| Some(it.asks()?.thousandths())),
                }
            })
            .collect();
        loads.sort_by(|one, other| one.agent.cmp(&other.agent));
        loads
    }
}

impl From<NoChoice> for Stuck {
    fn from(why: NoChoice) -> Self {
        match why {
            NoChoice::NoSuitableAgent => Self::NoSuitableAgent,
            NoChoice::AllOverloaded { .. } => Self::AllOverloaded,
            NoChoice::NoBids { .. } => Self::NoBids,
            NoChoice::TooDear { .. } => Self::TooDear,
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
