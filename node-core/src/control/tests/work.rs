//! Tasks without a group.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use covey_logic::{
    Name, Wall,
    balancer::{
        self, BalancerView, Limits, NewTask, PreviewView, Priority, Queue, StrategyKind,
        TaskFilter, TaskPage, TaskView, Tasks,
    },
};

use super::double::{THIS, ready};
use crate::{
    consensus::ProposeError,
    control::{UiError, Works, backend::Answer},
};

/// Tasks without a group: one that waits.
pub(super) struct Work(Mutex<Tasks>);

impl Work {
    pub(super) fn new() -> Self {
        let work = Self(Mutex::default());
        let new = NewTask {
            queue: "add".parse().unwrap(),
            method: "add".to_owned(),
            params: "1".to_owned(),
            priority: Priority::Normal,
            expires_ms: None,
            timeout_ms: NewTask::TIMEOUT_MS,
            attempts: NewTask::ATTEMPTS,
            key: None,
            session: None,
            pay: None,
            check: None,
        };
        work.apply(balancer::Act::Submit(vec![new])).unwrap();
        work
    }

    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.0.lock().unwrap()
    }

    fn apply(&self, act: balancer::Act) -> Result<Vec<u64>, UiError> {
        let mark = balancer::Mark { clock: 0, by: THIS, at: Wall(1) };
        let done = self.tasks().apply(mark, act, &mut Vec::new());
        Ok(done.map_err(|refused| ProposeError::Refused(refused.into()))?.ids())
    }

    fn view(&self, id: u64) -> Result<TaskView, UiError> {
        let tasks = self.tasks();
        let task = tasks.get(id).map(|task| TaskView::new(id, task, 0));
        let none = balancer::Refused::NoTask { task: id };
        task.ok_or_else(|| ProposeError::Refused(none.into()).into())
    }
}

impl Works for Work {
    fn submit(&self, tasks: Vec<NewTask>) -> Answer<'_, Vec<u64>> {
        Box::pin(async move { self.apply(balancer::Act::Submit(tasks)) })
    }

    fn cancel(&self, tasks: Vec<u64>) -> Answer<'_, Vec<u64>> {
        Box::pin(async move { self.apply(balancer::Act::Cancel(tasks)) })
    }

    fn cancel_own(&self, _: Name, tasks: Vec<u64>) -> Answer<'_, Vec<u64>> {
        self.cancel(tasks)
    }

    fn task(&self, id: u64) -> Answer<'_, TaskView> {
        Box::pin(async move { self.view(id) })
    }

    fn list(&self, filter: TaskFilter) -> Answer<'_, TaskPage> {
        ready(self.tasks().page(&filter, 0))
    }

    fn wait(&self, tasks: Vec<u64>, _: Duration) -> Answer<'_, Vec<TaskView>> {
        Box::pin(async move { tasks.into_iter().map(|id| self.view(id)).collect() })
    }

    fn balance(&self) -> Answer<'_, BalancerView> {
        ready(self.tasks().balance(0, &BTreeMap::new(), Limits::default()))
    }

    fn preview(
        &self,
        _: Queue,
        strategies: Vec<Option<StrategyKind>>,
        burst: u32,
    ) -> Answer<'_, Vec<PreviewView>> {
        let tasks = self.tasks();
        let limits = Limits::default();
        let by = |kind: StrategyKind| tasks.preview((0, &[]), kind, limits, burst);
        ready(strategies.into_iter().map(|kind| by(kind.unwrap_or_default())).collect())
    }

    fn choose(&self, queue: Option<Queue>, strategy: Option<StrategyKind>) -> Answer<'_, ()> {
        let chosen = self.apply(balancer::Act::Choose { queue, strategy });
        Box::pin(async move { chosen.map(drop) })
    }
}
