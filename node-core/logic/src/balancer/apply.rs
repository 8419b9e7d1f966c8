//! What acts do to tasks.

use super::{
    Act, Assignment, AttemptEnd, Done, NewTask, Refused, Settlement, Task, TaskState, Tasks,
    task::Ending,
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
    /// Takes in the next act.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn apply(&mut self, mark: Mark, act: Act) -> Result<Done, Refused> {
        match act {
            Act::Submit(tasks) => self.submit(mark, tasks),
            Act::Assign { choices, most } => {
                let begun = choices.into_iter().filter(|choice| self.assign(mark, choice, most));
                Ok(Done::Moved(count(begun.count())))
            }
            Act::Settle(ends) => {
                let ended = ends.into_iter().filter_map(|end| self.settle(mark.clock, end));
                Ok(Done::Moved(count(ended.count())))
            }
            Act::Cancel(ids) => self.cancel(mark.clock, ids),
            Act::Expire(ids) => {
                let expired = ids.into_iter().filter(|id| self.expire(mark.clock, *id));
                Ok(Done::Moved(count(expired.count())))
            }
            Act::Choose { queue: None, strategy } => {
                self.strategy = strategy.unwrap_or_default();
                Ok(Done::Chosen)
            }
            Act::Choose { queue: Some(queue), strategy } => {
                let Some(strategy) = strategy else {
                    self.chosen.remove(&queue);
                    return Ok(Done::Chosen);
                };
                if self.chosen.len() >= Self::MAX_CHOSEN && !self.chosen.contains_key(&queue) {
                    return Err(Refused::TooManyQueues { capacity: Self::MAX_CHOSEN });
                }
                self.chosen.insert(queue, strategy);
                Ok(Done::Chosen)
            }
        }
    }

    fn submit(&mut self, mark: Mark, tasks: Vec<NewTask>) -> Result<Done, Refused> {
        self.check(&tasks)?;
        let mut runs: Vec<(u64, u32)> = Vec::new();
        for task in tasks {
            let known = task.key.as_ref().and_then(|key| self.keys.get(key)).copied();
            let id = known.unwrap_or_else(|| self.accept(mark, task));
            match runs.last_mut() {
                Some((first, count)) if *first + u64::from(*count) == id => *count += 1,
                Some(_) | None => runs.push((id, 1)),
            }
        }
        Ok(Done::Submitted(runs))
    }

    fn check(&self, tasks: &[NewTask]) -> Result<(), Refused> {
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
            (
                "expires_ms",
                task.expires_ms.is_none_or(|ms| (1..=NewTask::MAX_EXPIRES_MS).contains(&ms)),
            ),
        ];
        if let Some((field, _)) = fits.iter().find(|(_, fits)| !fits) {
            return Err(Refused::Unfit { field: (*field).to_owned() });
        }
        let Some(key) = &task.key else { return Ok(()) };
        let Some(known) = self.keys.get(key) else { return Ok(()) };
        // The parameters of one that is over are forgotten.
        let same = self.get(*known).is_none_or(|there| {
            let wanted = &there.wanted;
            let like = (&wanted.queue, &wanted.method) == (&task.queue, &task.method);
            like && (there.is_over() || wanted.params == task.params)
        });
        if same { Ok(()) } else { Err(Refused::KeyReused { key: key.clone(), task: *known }) }
    }

    fn accept(&mut self, mark: Mark, wanted: NewTask) -> u64 {
        self.last += 1;
        let id = self.last;
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
            state: state.clone(),
        };
        self.bytes.0 += task.size();
        self.tasks.insert(id, task);
        self.step_in(id, state);
        id
    }

    /// Whether the attempt begins.
    fn assign(&mut self, mark: Mark, choice: &Assignment, most: u32) -> bool {
        let Assignment { task: id, attempt, agent } = choice;
        let Some(task) = self.tasks.get(id) else { return false };
        let ready =
            matches!(task.state, TaskState::Queued { not_before, .. } if not_before <= mark.clock);
        let next = task.attempt.checked_add(1) == Some(*attempt);
        let in_time = task.expires.is_none_or(|expires| mark.clock < expires);
        if !(ready && next && in_time) || self.record(agent).in_flight >= most {
            return false;
        }
        self.step_out(*id, mark.clock);
        if let Some(task) = self.tasks.get_mut(id) {
            task.attempt = *attempt;
        }
        self.record_mut(agent).given(mark.clock);
        self.step_in(*id, TaskState::Running { agent: agent.clone(), since: mark.clock });
        true
    }

    fn settle(&mut self, clock: u64, settlement: Settlement) -> Option<()> {
        let Settlement { task: id, attempt, agent, end } = settlement;
        let task = self.tasks.get(&id).filter(|task| !task.is_over())?;
        let running = matches!(&task.state, TaskState::Running { agent: at, .. } if *at == agent);
        let current = running && task.attempt == attempt;
        match end {
            // Also of an attempt that was given up: it was done.
            AttemptEnd::Done { value, took_us } if (1..=task.attempt).contains(&attempt) => {
                if value.len() > Self::MAX_TEXT {
                    let reason = format!("a result of more than {} bytes", Self::MAX_TEXT);
                    return current.then(|| self.fail(id, reason, (agent, clock)));
                }
                let record = self.record_mut(&agent);
                record.took(clock, took_us);
                record.done += 1;
                self.end(id, Ending::Done { value }, (Some(agent), clock));
            }
            AttemptEnd::Failed { reason } if current => self.fail(id, reason, (agent, clock)),
            AttemptEnd::Lost { reason } if current => self.lose(id, reason, (agent, clock)),
            AttemptEnd::Untaken { reason } if current => {
                let not_before = clock.saturating_add(Self::BACK_OFF);
                self.step_out(id, clock);
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

    fn fail(&mut self, id: u64, reason: String, (agent, clock): (Name, u64)) {
        self.record_mut(&agent).failed += 1;
        self.end(id, Ending::Failed { reason: short(reason) }, (Some(agent), clock));
    }

    /// The agent of a task did not end it: another attempt follows, if there may be one.
    fn lose(&mut self, id: u64, reason: String, (agent, clock): (Name, u64)) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        task.failures += 1;
        let (failures, most) = (task.failures, task.wanted.attempts);
        if failures >= most {
            let reason = format!("{failures} attempts failed, the last: {reason}");
            self.fail(id, reason, (agent, clock));
            return;
        }
        self.record_mut(&agent).failed += 1;
        self.step_out(id, clock);
        let doubled = Self::BACK_OFF.saturating_mul(1 << (failures - 1).min(32));
        let not_before = clock.saturating_add(doubled.min(Self::MAX_BACK_OFF));
        self.step_in(id, TaskState::Queued { not_before, last: Some(short(reason)) });
    }

    fn cancel(&mut self, clock: u64, ids: Vec<u64>) -> Result<Done, Refused> {
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
            self.end(*id, Ending::Cancelled, (agent, clock));
        }
        Ok(Done::Cancelled(open))
    }

    /// Whether it expires.
    fn expire(&mut self, clock: u64, id: u64) -> bool {
        let open = self.tasks.get(&id).filter(|task| !task.is_over());
        let due = open.and_then(|task| task.expires).is_some_and(|expires| expires <= clock);
        if due {
            let agent = self.agent_of(id);
            self.end(id, Ending::Expired, (agent, clock));
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
