//! What takes tasks, as the doors see it.

use std::time::Duration;

use covey_logic::{
    Name,
    balancer::{
        BalancerView, NewTask, PreviewView, Queue, StrategyKind, TaskFilter, TaskPage, TaskView,
    },
};

use crate::{control::backend::Answer, handle::Workload};

/// Takes tasks; see [`Workload`].
pub trait Works: Send + Sync {
    /// Submits tasks, all or none; their numbers.
    fn submit(&self, tasks: Vec<NewTask>) -> Answer<'_, Vec<u64>>;

    /// Cancels tasks; those that were open.
    fn cancel(&self, tasks: Vec<u64>) -> Answer<'_, Vec<u64>>;

    /// Cancels tasks that a session of this node submitted; those that were open.
    fn cancel_own(&self, session: Name, tasks: Vec<u64>) -> Answer<'_, Vec<u64>>;

    /// One task.
    fn task(&self, id: u64) -> Answer<'_, TaskView>;

    /// Tasks, the newest first.
    fn list(&self, filter: TaskFilter) -> Answer<'_, TaskPage>;

    /// How tasks are once all are over, or the wait is.
    fn wait(&self, tasks: Vec<u64>, wait: Duration) -> Answer<'_, Vec<TaskView>>;

    /// How tasks are spread.
    fn balance(&self) -> Answer<'_, BalancerView>;

    /// How a burst would spread, by each strategy; by the one of the queue where none is said.
    fn preview(
        &self,
        queue: Queue,
        strategies: Vec<Option<StrategyKind>>,
        burst: u32,
    ) -> Answer<'_, Vec<PreviewView>>;

    /// Chooses the strategy of a queue, or of all.
    fn choose(&self, queue: Option<Queue>, strategy: Option<StrategyKind>) -> Answer<'_, ()>;
}

impl Works for Workload {
    fn submit(&self, tasks: Vec<NewTask>) -> Answer<'_, Vec<u64>> {
        Box::pin(async move { Ok(Self::submit(self, tasks).await?) })
    }

    fn cancel(&self, tasks: Vec<u64>) -> Answer<'_, Vec<u64>> {
        Box::pin(async move { Ok(Self::cancel(self, tasks).await?) })
    }

    fn cancel_own(&self, session: Name, tasks: Vec<u64>) -> Answer<'_, Vec<u64>> {
        Box::pin(async move { Ok(Self::cancel_own(self, &session, tasks).await?) })
    }

    fn task(&self, id: u64) -> Answer<'_, TaskView> {
        Box::pin(async move { Ok(Self::task(self, id)?) })
    }

    fn list(&self, filter: TaskFilter) -> Answer<'_, TaskPage> {
        Box::pin(async move { Ok(Self::list(self, &filter)?) })
    }

    fn wait(&self, tasks: Vec<u64>, wait: Duration) -> Answer<'_, Vec<TaskView>> {
        Box::pin(async move { Ok(Self::wait(self, tasks, wait).await?) })
    }

    fn balance(&self) -> Answer<'_, BalancerView> {
        Box::pin(async move { Ok(Self::balance(self).await?) })
    }

    fn preview(
        &self,
        queue: Queue,
        strategies: Vec<Option<StrategyKind>>,
        burst: u32,
    ) -> Answer<'_, Vec<PreviewView>> {
        Box::pin(async move { Ok(Self::preview(self, queue, strategies, burst).await?) })
    }

    fn choose(&self, queue: Option<Queue>, strategy: Option<StrategyKind>) -> Answer<'_, ()> {
        Box::pin(async move { Ok(Self::choose(self, queue, strategy).await?) })
    }
}
