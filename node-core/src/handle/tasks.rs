//! Tasks, asked of this node.

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{
    Name, Node, NodeId,
    agreed::{Agreed, Granted},
    balancer::{
        Able, Act, BalancerView, Done, Limits, NewTask, PreviewView, Queue, Refused, StrategyKind,
        TaskFilter, TaskPage, TaskView, Tasks,
    },
};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{AskError, Messages, NodeHandle, Primitives};
use crate::{
    consensus::{Agreement, ProposeError},
    settings::NodeSettings,
};

/// Tasks, to be submitted and looked at from this node; cheap to clone, and it keeps no node
/// running.
#[derive(Clone, Debug)]
pub struct Workload {
    me: NodeId,
    agreement: Agreement,
    messages: Messages,
    settings: NodeSettings,
}

/// Between two looks of one that waits: entries come in thousands a second.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

impl NodeHandle {
    /// Tasks.
    #[must_use]
    pub fn workload(&self) -> Workload {
        let agreement = self.parts.agreement.clone();
        Workload::new(self.id, agreement, (self.messages.clone(), self.settings.clone()))
    }
}

impl Workload {
    pub(crate) fn new(
        me: NodeId,
        agreement: Agreement,
        (messages, settings): (Messages, NodeSettings),
    ) -> Self {
        Self { me, agreement, messages, settings }
    }

    /// Submits tasks, all or none; their numbers. They are on the disks of a majority when this
    /// returns.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`]; after [`ProposeError::Unknown`] ask again if each has a key.
    pub async fn submit(&self, tasks: Vec<NewTask>) -> Result<Vec<u64>, ProposeError> {
        Ok(self.agree(Act::Submit(tasks)).await?.ids())
    }

    /// Cancels tasks; those that were open.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn cancel(&self, tasks: Vec<u64>) -> Result<Vec<u64>, ProposeError> {
        Ok(self.agree(Act::Cancel(tasks)).await?.ids())
    }

    /// Cancels tasks that `session` of this node submitted; those that were open.
    ///
    /// # Errors
    ///
    /// [`Refused::NotYours`]; see [`ProposeError`].
    pub async fn cancel_own(
        &self,
        session: &Name,
        tasks: Vec<u64>,
    ) -> Result<Vec<u64>, ProposeError> {
        let other = self.look(|all, _| {
            let own = |task: &u64| {
                let there = all.get(*task);
                there.is_none_or(|there| {
                    there.by == self.me && there.wanted.session.as_ref() == Some(session)
                })
            };
            tasks.iter().copied().find(|task| !own(task))
        })?;
        match other {
            Some(task) => Err(ProposeError::Refused(Refused::NotYours { task }.into())),
            None => self.cancel(tasks).await,
        }
    }

    /// Chooses the strategy of a queue, or that of all which have none of their own.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn choose(
        &self,
        queue: Option<Queue>,
        strategy: Option<StrategyKind>,
    ) -> Result<(), ProposeError> {
        self.agree(Act::Choose { queue, strategy }).await.map(drop)
    }

    /// One task, as this node has it.
    ///
    /// # Errors
    ///
    /// [`Refused::NoTask`], and [`ProposeError::NoLeader`] without a group.
    pub fn task(&self, id: u64) -> Result<TaskView, ProposeError> {
        let view =
            self.look(|tasks, clock| tasks.get(id).map(|task| TaskView::new(id, task, clock)))?;
        view.ok_or_else(|| no_task(id))
    }

    /// Tasks, as this node has them, the newest first.
    ///
    /// # Errors
    ///
    /// [`ProposeError::NoLeader`] without a group.
    pub fn list(&self, filter: &TaskFilter) -> Result<TaskPage, ProposeError> {
        self.look(|tasks, clock| tasks.page(filter, clock))
    }

    /// Waits until all of these are over, `wait` at most; how they are then.
    ///
    /// # Errors
    ///
    /// As [`Self::task`]; of what is forgotten meanwhile too.
    pub async fn wait(&self, ids: Vec<u64>, wait: Duration) -> Result<Vec<TaskView>, ProposeError> {
        let deadline = Instant::now() + wait;
        let group = self.agreement.group().ok_or(ProposeError::NoLeader)?;
        let mut revision = group.revision();
        loop {
            // Marked first, so that no change is missed between the look and the wait.
            revision.mark_unchanged();
            let over = |agreed: &Agreed| {
                let there = |id: &u64| agreed.tasks().get(*id);
                ids.iter().all(|id| there(id).is_none_or(|task| task.is_over()))
            };
            let over = group.look_here(over).0;
            if over || !matches!(timeout_at(deadline, revision.changed()).await, Ok(Ok(()))) {
                return ids.iter().map(|id| self.task(*id)).collect();
            }
            sleep_until(deadline.min(Instant::now() + LOOK_PAUSE)).await;
        }
    }

    /// How tasks are spread, as this node sees it.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`]; without a node that runs, nobody is able.
    pub async fn balance(&self) -> Result<BalancerView, ProposeError> {
        let queues = self.look(|tasks, _| tasks.queues())?;
        let able = self.messages.able(queues).await.unwrap_or_default();
        self.look(|tasks, clock| tasks.balance(clock, &able, self.limits()))
    }

    /// How a burst of tasks of a queue would spread, by each of these strategies.
    ///
    /// # Errors
    ///
    /// As [`Self::balance`].
    pub async fn preview(
        &self,
        queue: Queue,
        strategies: Vec<Option<StrategyKind>>,
        burst: u32,
    ) -> Result<Vec<PreviewView>, ProposeError> {
        let able = self.messages.able(vec![queue.clone()]).await.unwrap_or_default();
        let able = able.get(&queue).cloned().unwrap_or_default();
        let limits = self.limits();
        self.look(|tasks, clock| {
            let by = |kind: Option<StrategyKind>| {
                let kind = kind.unwrap_or_else(|| tasks.strategy(&queue));
                tasks.preview((clock, &able), kind, limits, burst)
            };
            strategies.into_iter().map(by).collect()
        })
    }

    fn limits(&self) -> Limits {
        Limits::from(&*self.settings.values())
    }

    async fn agree(&self, act: Act) -> Result<Done, ProposeError> {
        let group = self.agreement.group().ok_or(ProposeError::NoLeader)?;
        let granted = group.propose(act, None, Primitives::AGREE_TIMEOUT).await?;
        // Else another wish was answered under a key that nobody else has.
        if let Granted::Tasks(done) = granted { Ok(done) } else { Err(ProposeError::Unknown) }
    }

    fn look<T>(&self, look: impl FnOnce(&Tasks, u64) -> T) -> Result<T, ProposeError> {
        let group = self.agreement.group().ok_or(ProposeError::NoLeader)?;
        let clock = group.clock_here();
        Ok(group.look_here(|agreed| look(agreed.tasks(), clock)).0)
    }
}

impl Messages {
    /// Who can do the tasks of each queue.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub(crate) async fn able(
        &self,
        queues: Vec<Queue>,
    ) -> Result<BTreeMap<Queue, Vec<Able>>, AskError> {
        let able = |node: &Node| {
            let of = |queue: Queue| {
                let able = node.able(&queue);
                (queue, able)
            };
            queues.into_iter().map(of).collect()
        };
        self.asking.look(able).await
    }
}

fn no_task(task: u64) -> ProposeError {
    ProposeError::Refused(Refused::NoTask { task }.into())
}
