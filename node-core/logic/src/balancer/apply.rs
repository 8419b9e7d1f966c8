//! What acts do to tasks.

use std::collections::BTreeMap;

use super::{
    Act, Assignment, AttemptEnd, Bill, Done, NewTask, Queue, Refused, Settlement, StrategyKind,
    Task, TaskState, Tasks, task::Ending,
};
use crate::{
    ids::{Name, NodeId},
    time::Wall,
};

/// Under which circumstances an act is taken in.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// The group's clock, in nanoseconds.
    pub clock: u64,
    /// Whose act it is.
    pub by: NodeId,
    /// When it was wished, by the clock of that node.
    pub at: Wall,
}

impl Tasks {
    /// Takes in the next act; what that asks of the ledger goes to `bills`.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn apply(&mut self, mark: Mark, act: Act, bills: &mut Vec<Bill>) -> Result<Done, Refused> {
        match act {
            Act::Submit(tasks) => self.submit(mark, tasks, bills),
            Act::Assign { choices, most } => {
                let begun = choices.into_iter().filter(|choice| self.assign(mark, choice, most));
                Ok(Done::Moved(count(begun.count())))
            }
            Act::Settle(ends) => {
                let settle = |end| self.settle(mark.clock, end, bills);
                let ended = ends.into_iter().filter_map(settle);
                Ok(Done::Moved(count(ended.count())))
            }
            Act::Cancel(ids) => self.cancel(mark.clock, ids, bills),
            Act::Expire(ids) => {
                let expired = ids.into_iter().filter(|id| self.expire(mark.clock, *id, bills));
                Ok(Done::Moved(count(expired.count())))
            }
            Act::Choose { queue, strategy } => self.choose(queue, strategy),
        }
    }

    fn choose(
        &mut self,
        queue: Option<Queue>,
        strategy: Option<StrategyKind>,
    ) -> Result<Done, Refused> {
        let next = match &queue {
            Some(_) => strategy.unwrap_or(self.strategy),
            None => strategy.unwrap_or_default(),
        };
        if next != StrategyKind::Auction {
            self.pay_nothing(queue.as_ref())?;
        }
        match (queue, strategy) {
            (None, _) => self.strategy = next,
            (Some(queue), None) => {
                self.chosen.remove(&queue);
            }
            (Some(queue), Some(strategy)) => {
                if self.chosen.len() >= Self::MAX_CHOSEN && !self.chosen.contains_key(&queue) {
                    return Err(Refused::TooManyQueues { capacity: Self::MAX_CHOSEN });
                }
                self.chosen.insert(queue, strategy);
            }
        }
        Ok(Done::Chosen)
    }

    /// Whether no open task of a queue pays; if none is named, of those that follow the strategy of
    /// all.
    fn pay_nothing(&self, queue: Option<&Queue>) -> Result<(), Refused> {
        let meant = |other: &Queue| match queue {
            Some(queue) => queue == other,
            None => !self.chosen.contains_key(other),
        };
        for (queue, line) in self.lines().filter(|(queue, _)| meant(queue)) {
            let pays = |id: &u64| self.get(*id).is_some_and(|task| task.wanted.pay.is_some());
            let tasks = count(line.waiting().chain(line.running()).filter(pays).count());
            if tasks > 0 {
                return Err(Refused::PaysByAuction { queue: queue.clone(), tasks });
            }
        }
        Ok(())
    }

    fn submit(
        &mut self,
        mark: Mark,
        tasks: Vec<NewTask>,
        bills: &mut Vec<Bill>,
    ) -> Result<Done, Refused> {
        self.check(&tasks)?;
        let mut runs: Vec<(u64, u32)> = Vec::new();
        for task in tasks {
            let known = task.key.as_ref().and_then(|key| self.keys.get(key)).copied();
            let id = known.unwrap_or_else(|| self.accept(mark, task, bills));
            match runs.last_mut() {
                Some((first, count)) if *first + u64::from(*count) == id => *count += 1,
                Some(_) | None => runs.push((id, 1)),
            }
        }
        Ok(Done::Submitted(runs))
    }

    pub(super) fn check(&self, tasks: &[NewTask]) -> Result<(), Refused> {
        if !(1..=Self::MAX_AT_ONCE).contains(&tasks.len()) {
            return Err(Refused::Count { count: tasks.len(), capacity: Self::MAX_AT_ONCE });
        }
        let bytes = tasks.iter().map(NewTask::size).sum();
        if bytes > Self::MAX_ENTRY {
            return Err(Refused::TooLarge { bytes, capacity: Self::MAX_ENTRY });
        }
        if self.open() + tasks.len() > Self::MAX_OPEN {
            return Err(Refused::Full { capacity: Self::MAX_OPEN });
        }
        if self.bytes.0 + bytes > Self::MAX_BYTES {
            return Err(Refused::OutOfSpace { capacity: Self::MAX_BYTES });
        }
        tasks.iter().try_for_each(|task| self.check_one(task))
    }

    fn check_one(&self, task: &NewTask) -> Result<(), Refused> {
        let fits = [
            ("method", (1..=NewTask::MAX_METHOD).contains(&task.method.len())),
            ("params", task.params.len() <= Self::MAX_TEXT),
            ("timeout_ms", (1..=NewTask::MAX_TIMEOUT_MS).contains(&task.timeout_ms)),
            ("attempts", (1..=NewTask::MAX_ATTEMPTS).contains(&task.attempts)),
            ("check", task.check.as_ref().is_none_or(|check| check.len() <= Self::MAX_TEXT)),
            ("pay", task.pay.as_ref().is_none_or(|pay| !pay.most.is_zero())),
            (
                "expires_ms",
                task.expires_ms.is_none_or(|ms| (1..=NewTask::MAX_EXPIRES_MS).contains(&ms)),
            ),
        ];
        if let Some((field, _)) = fits.iter().find(|(_, fits)| !fits) {
            return Err(Refused::Unfit { field: (*field).to_owned() });
        }
        let there = task.key.as_ref().and_then(|key| Some((key, self.keys.get(key)?)));
        let Some((key, known)) = there else {
            let strategy = self.strategy(&task.queue);
            if task.pay.is_some() && strategy != StrategyKind::Auction {
                return Err(Refused::NotByAuction { queue: task.queue.clone(), strategy });
            }
            return Ok(());
        };
        // The parameters of one that is over are forgotten.
        let same = self.get(*known).is_none_or(|there| {
            let wanted = &there.wanted;
            let what = |task: &NewTask| {
                let most = task.pay.as_ref().map(|pay| pay.most);
                (task.queue.clone(), task.method.clone(), most)
            };
            let (there_fits, fits) = ((&wanted.params, &wanted.check), (&task.params, &task.check));
            what(wanted) == what(task) && (there.is_over() || there_fits == fits)
        });
        if same { Ok(()) } else { Err(Refused::KeyReused { key: key.clone(), task: *known }) }
    }

    fn accept(&mut self, mark: Mark, wanted: NewTask, bills: &mut Vec<Bill>) -> u64 {
        self.last += 1;
        let id = self.last;
        bills.extend(wanted.pay.clone().map(|pay| Bill::Hold { task: id, pay }));
        let span = |ms: u64| ms.saturating_mul(1_000_000);
        let expires = wanted.expires_ms.map(|ms| mark.clock.saturating_add(span(ms)));
        if let Some(expires) = expires {
            self.expiries.insert((expires, id));
        }
        if let Some(key) = &wanted.key {
            self.keys.insert(key.clone(), id);
        }
        let state = TaskState::Queued { not_before: 0, last: None };
        let task = Task {
            wanted,
            by: mark.by,
            at: mark.at,
            accepted: mark.clock,
            expires,
            attempt: 0,
            failures: 0,
            prices: BTreeMap::new(),
            state: state.clone(),
        };
        self.bytes.0 += task.size();
        self.tasks.insert(id, task);
        self.step_in(id, state);
        id
    }

    /// Whether the attempt begins.
    fn assign(&mut self, mark: Mark, choice: &Assignment, most: u32) -> bool {
        let Assignment { task: id, attempt, agent, price } = choice;
        let Some(task) = self.tasks.get(id) else { return false };
        let ready =
            matches!(task.state, TaskState::Queued { not_before, .. } if not_before <= mark.clock);
        let next = task.attempt.checked_add(1) == Some(*attempt);
        let in_time = task.expires.is_none_or(|expires| mark.clock < expires);
        let fair = match (&task.wanted.pay, price) {
            (Some(pay), Some(price)) => *price <= pay.most,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !(ready && next && in_time && fair) || self.record(agent).in_flight >= most {
            return false;
        }
        self.step_out(*id, mark.clock);
        if let Some(task) = self.tasks.get_mut(id) {
            task.attempt = *attempt;
            task.prices.extend(price.map(|price| (*attempt, price)));
        }
        self.record_mut(agent).given(mark.clock);
        self.step_in(*id, TaskState::Running { agent: agent.clone(), since: mark.clock });
        true
    }

    fn settle(&mut self, clock: u64, settlement: Settlement, bills: &mut Vec<Bill>) -> Option<()> {
        let Settlement { task: id, attempt, agent, end } = settlement;
        let task = self.tasks.get(&id).filter(|task| !task.is_over())?;
        let since = match &task.state {
            TaskState::Running { agent: at, since } if *at == agent => Some(*since),
            TaskState::Running { .. } | TaskState::Queued { .. } | TaskState::Over { .. } => None,
        };
        let since = since.filter(|_| task.attempt == attempt);
        let current = since.is_some();
        match end {
            // Also of an attempt that was given up: it was done.
            AttemptEnd::Done { value, took_us, node } if (1..=task.attempt).contains(&attempt) => {
                if value.len() > Self::MAX_TEXT {
                    let reason = format!("a result of more than {} bytes", Self::MAX_TEXT);
                    return current.then(|| self.fail(id, reason, (agent, clock), bills));
                }
                let record = self.record_mut(&agent);
                record.took(clock, took_us);
                record.done += 1;
                if let Some(since) = since {
                    record.pace.done(since, clock);
                }
                self.pay(id, attempt, node, bills);
                self.end(id, Ending::Done { value }, (Some(agent), clock), bills);
            }
            AttemptEnd::Failed { reason } if current => {
                self.fail(id, reason, (agent, clock), bills);
            }
            AttemptEnd::Lost { reason } if current => self.lose(id, reason, (agent, clock), bills),
            AttemptEnd::Untaken { reason } if current => {
                let not_before = clock.saturating_add(Self::BACK_OFF);
                self.step_out(id, clock);
                if let Some(task) = self.tasks.get_mut(&id) {
                    task.prices.remove(&attempt);
                }
                let last = Some(short(reason));
                self.step_in(id, TaskState::Queued { not_before, last });
            }
            AttemptEnd::Done { .. }
            | AttemptEnd::Failed { .. }
            | AttemptEnd::Lost { .. }
            | AttemptEnd::Untaken { .. } => return None,
        }
        Some(())
    }

    /// A task is done: its end pays what was agreed on for this attempt.
    fn pay(&mut self, id: u64, attempt: u32, to: NodeId, bills: &mut Vec<Bill>) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        task.prices.retain(|other, _| *other == attempt);
        let price = task.price_of(attempt);
        bills.extend(task.wanted.pay.as_ref().map(|_| Bill::Pay { task: id, to, price }));
    }

    fn fail(
        &mut self,
        id: u64,
        reason: String,
        (agent, clock): (Name, u64),
        bills: &mut Vec<Bill>,
    ) {
        self.failed(id, &agent, clock);
        self.end(id, Ending::Failed { reason: short(reason) }, (Some(agent), clock), bills);
    }

    /// An attempt came to nothing.
    fn failed(&mut self, id: u64, agent: &Name, clock: u64) {
        let state = self.tasks.get(&id).map(|task| &task.state);
        let since = match state {
            Some(TaskState::Running { since, .. }) => *since,
            Some(TaskState::Queued { .. } | TaskState::Over { .. }) | None => clock,
        };
        let record = self.record_mut(agent);
        record.failed += 1;
        record.pace.failed(since, clock, Self::BACK_OFF);
    }

    /// The agent of a task did not end it: another attempt follows, if there may be one.
    fn lose(
        &mut self,
        id: u64,
        reason: String,
        (agent, clock): (Name, u64),
        bills: &mut Vec<Bill>,
    ) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        task.failures += 1;
        let (failures, most) = (task.failures, task.wanted.attempts);
        if failures >= most {
            let reason = format!("{failures} attempts failed, the last: {reason}");
            self.fail(id, reason, (agent, clock), bills);
            return;
        }
        self.failed(id, &agent, clock);
        self.step_out(id, clock);
        let doubled = Self::BACK_OFF.saturating_mul(1 << (failures - 1).min(32));
        let not_before = clock.saturating_add(doubled.min(Self::MAX_BACK_OFF));
        self.step_in(id, TaskState::Queued { not_before, last: Some(short(reason)) });
    }

    fn cancel(
        &mut self,
        clock: u64,
        ids: Vec<u64>,
        bills: &mut Vec<Bill>,
    ) -> Result<Done, Refused> {
        if ids.len() > Self::MAX_AT_ONCE {
            return Err(Refused::Count { count: ids.len(), capacity: Self::MAX_AT_ONCE });
        }
        if let Some(task) = ids.iter().find(|id| !self.tasks.contains_key(id)) {
            return Err(Refused::NoTask { task: *task });
        }
        let open = |id: &u64| self.get(*id).is_some_and(|task| !task.is_over());
        let open: Vec<u64> = ids.into_iter().filter(open).collect();
        for id in &open {
            let agent = self.agent_of(*id);
            self.end(*id, Ending::Cancelled, (agent, clock), bills);
        }
        Ok(Done::Cancelled(open))
    }

    /// Whether it expires.
    fn expire(&mut self, clock: u64, id: u64, bills: &mut Vec<Bill>) -> bool {
        let open = self.tasks.get(&id).filter(|task| !task.is_over());
        let due = open.and_then(|task| task.expires).is_some_and(|expires| expires <= clock);
        if due {
            let agent = self.agent_of(id);
            self.end(id, Ending::Expired, (agent, clock), bills);
        }
        due
    }

    fn agent_of(&self, id: u64) -> Option<Name> {
        match &self.tasks.get(&id)?.state {
            TaskState::Running { agent, .. } => Some(agent.clone()),
            TaskState::Over { agent, .. } => agent.clone(),
            TaskState::Queued { .. } => None,
        }
    }
}

/// The longest reason that is kept, in bytes: a few lines.
const REASON: usize = 512;

fn short(mut reason: String) -> String {
    reason.truncate(reason.floor_char_boundary(REASON));
    reason
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
