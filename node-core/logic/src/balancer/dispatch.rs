//! What a steward does: which agent is asked next, and what is said of those who answered.
//!
//! It holds no truth. What it does follows from the tasks of the log, from who is there, and from
//! which calls this node makes; whoever is steward next comes to the same from the same.

use std::collections::BTreeMap;

use super::{
    Assignment, Bid, Chance, Limits, NoChoice, Pool, Queue, Strain, Task, TaskState, Tasks, Worker,
};
use crate::{
    credits::{Ask, Credits},
    ids::{Name, NodeId},
};

/// An agent that can do the tasks of a queue, as a node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Able {
    /// Which.
    pub agent: Name,
    /// Where it runs.
    pub node: NodeId,
    /// Capabilities it has beyond those of the queue.
    pub extra: u32,
    /// How busy its node is, if that is known.
    pub strain: Option<Strain>,
    /// What its node asks for a second of an agent's work; none if it takes none by auction.
    pub ask: Option<Ask>,
}

/// A call that a steward makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// For which task.
    pub task: u64,
    /// For which attempt.
    pub attempt: u32,
    /// Whom.
    pub agent: Name,
    /// What the call is known by: who repeats it takes it up where it is.
    pub key: String,
    /// What is asked.
    pub method: String,
    /// With which parameters, as JSON.
    pub params: String,
    /// What the answer has to fit, a JSON Schema.
    pub check: Option<String>,
    /// How long the attempt may still take, in nanoseconds.
    pub left: u64,
}

/// What is to be done now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Calls to make.
    pub errands: Vec<Errand>,
    /// Calls of which nobody waits for the answer any more.
    pub dropped: Vec<u64>,
    /// Choices to be agreed on.
    pub choices: Vec<Assignment>,
    /// Tasks whose end is to be agreed on.
    pub expired: Vec<u64>,
    /// When to look again at the latest, by the group's clock.
    pub again: Option<u64>,
    /// Why tasks of a queue get no agent.
    pub stuck: BTreeMap<Queue, NoChoice>,
}

/// Chooses agents for the queues of one steward.
#[derive(Debug)]
pub struct Dispatcher {
    chance: Chance,
    pools: BTreeMap<Queue, Pool>,
    /// The attempts this node has calls for, or ends to tell.
    carried: BTreeMap<u64, u32>,
}

impl Dispatcher {
    /// Choices that one round makes: they fit into one entry of the log.
    pub const MAX_CHOICES: usize = 256;

    /// One that has done nothing yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { chance: Chance::new(seed), pools: BTreeMap::new(), carried: BTreeMap::new() }
    }

    /// What to do when the group's clock is at `clock`, for the queues of which `able` tells who
    /// there is: those are this node's.
    pub fn round(
        &mut self,
        tasks: &Tasks,
        clock: u64,
        able: &BTreeMap<Queue, Vec<Able>>,
        limits: Limits,
    ) -> Round {
        let mut round = Round::default();
        self.let_go(tasks, &mut round);
        self.pools.retain(|queue, _| able.contains_key(queue));
        let mine = |id: &u64| tasks.get(*id).is_some_and(|t| able.contains_key(&t.wanted.queue));
        round.expired = tasks.expired(clock).filter(mine).take(Tasks::MAX_AT_ONCE).collect();
        round.again = tasks.expiries().find(|(_, id)| mine(id)).map(|(at, _)| at);
        for (queue, agents) in able {
            self.take_up(tasks, clock, queue, &mut round);
            self.refresh(tasks, clock, (queue, agents), limits);
            self.choose(tasks, clock, queue, &mut round);
        }
        round
    }

    /// The calls this node makes, or whose ends it tells.
    #[must_use]
    pub fn carried(&self) -> usize {
        self.carried.len()
    }

    /// The agents of a queue as they are chosen from.
    #[must_use]
    pub fn pool(&self, queue: &Queue) -> Option<&Pool> {
        self.pools.get(queue)
    }

    /// Forgets attempts that are over.
    fn let_go(&mut self, tasks: &Tasks, round: &mut Round) {
        self.carried.retain(|id, attempt| {
            let stays = tasks.get(*id).is_some_and(|task| {
                matches!(task.state, TaskState::Running { .. }) && task.attempt == *attempt
            });
            if !stays {
                round.dropped.push(*id);
            }
            stays
        });
    }

    /// Takes up attempts that were agreed on, by whichever steward.
    fn take_up(&mut self, tasks: &Tasks, clock: u64, queue: &Queue, round: &mut Round) {
        let Some(line) = tasks.line(queue) else { return };
        for id in line.running() {
            let Some(task) = tasks.get(id) else { continue };
            let TaskState::Running { agent, since } = &task.state else { continue };
            if self.carried.contains_key(&id) {
                continue;
            }
            self.carried.insert(id, task.attempt);
            round.errands.push(errand((id, task), agent, left(task, *since, clock)));
        }
    }

    fn refresh(
        &mut self,
        tasks: &Tasks,
        clock: u64,
        (queue, agents): (&Queue, &[Able]),
        limits: Limits,
    ) {
        let kind = tasks.strategy(queue);
        let pool = self.pools.entry(queue.clone()).or_insert_with(|| Pool::new(kind, limits));
        pool.set_rules(kind, limits);
        let there: BTreeMap<&Name, &Able> = agents.iter().map(|able| (&able.agent, able)).collect();
        pool.retain(|name| there.contains_key(name));
        for able in there.values() {
            pool.set(&able.agent, worker(tasks, clock, able));
        }
    }

    fn choose(&mut self, tasks: &Tasks, clock: u64, queue: &Queue, round: &mut Round) {
        let Some(line) = tasks.line(queue) else { return };
        let Some(pool) = self.pools.get_mut(queue) else { return };
        for id in line.waiting() {
            if round.choices.len() >= Self::MAX_CHOICES {
                return;
            }
            let Some(task) = tasks.get(id) else { continue };
            let TaskState::Queued { not_before, .. } = task.state else { continue };
            if not_before > clock {
                round.again = Some(round.again.map_or(not_before, |at| at.min(not_before)));
                continue;
            }
            match choice(pool, &mut self.chance, task) {
                Ok((agent, price)) => {
                    let attempt = task.attempt.saturating_add(1);
                    round.choices.push(Assignment { task: id, attempt, agent, price });
                }
                // Others may pay more.
                Err(why @ NoChoice::TooDear { .. }) => {
                    round.stuck.entry(queue.clone()).or_insert(why);
                }
                Err(why) => {
                    round.stuck.insert(queue.clone(), why);
                    return;
                }
            }
        }
    }
}

/// Who takes a task, and what it is paid if the task pays.
pub(super) fn choice(
    pool: &mut Pool,
    chance: &mut Chance,
    task: &Task,
) -> Result<(Name, Option<Credits>), NoChoice> {
    match &task.wanted.pay {
        Some(pay) => pool.award(pay.most).map(|(agent, price)| (agent, Some(price))),
        None => Ok((pool.choose(chance)?, None)),
    }
}

/// What is known of an agent, from the log and from its node.
#[must_use]
pub fn worker(tasks: &Tasks, clock: u64, able: &Able) -> Worker {
    let record = tasks.record(&able.agent);
    Worker {
        in_flight: record.in_flight,
        latency_us: record.latency.map(|latency| latency.value(clock)),
        pace_us: record.pace_us(clock),
        extra: able.extra,
        strain: able.strain,
        bid: able.ask.map(|ask| Bid { node: able.node, ask }),
    }
}

fn errand((id, task): (u64, &Task), agent: &Name, left: u64) -> Errand {
    Errand {
        task: id,
        attempt: task.attempt,
        agent: agent.clone(),
        key: task.call_key(id),
        method: task.wanted.method.clone(),
        params: task.wanted.params.clone(),
        check: task.wanted.check.clone(),
        left,
    }
}

/// How long an attempt may still take; a moment at least, in which an answer that is there is
/// heard.
fn left(task: &Task, since: u64, clock: u64) -> u64 {
    const MOMENT: u64 = 100_000_000;
    let end = since.saturating_add(task.wanted.timeout_ms.saturating_mul(1_000_000));
    end.saturating_sub(clock).max(MOMENT)
}
