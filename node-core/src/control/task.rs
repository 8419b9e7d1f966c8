//! Commands about tasks, and about how they are spread.

mod balancer;
mod works;

use std::time::Duration;

use covey_logic::{
    Credits, Epoch, Name,
    agreed::Key,
    balancer::{NewTask, Pay, Priority, Queue, TaskFilter, TaskPage, TaskPhase, TaskView, Tasks},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cause, Control, UiError};
use crate::balancer::Check;

pub use balancer::{GetBalancer, PreviewBalancer, SetBalancer};
pub(super) use balancer::{balancer, preview, set};
pub use works::Works;

/// Submits tasks: all of them are accepted, or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct SubmitTasks {
    /// The tasks, 1,000 and 64 KiB at most.
    pub tasks: Vec<NewTaskWish>,
    /// Who submits them; an agent that asks for itself leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub session: Option<Name>,
}

/// A task to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct NewTaskWish {
    /// What an agent must be able to do: all of it, eight at most.
    pub capabilities: Vec<String>,
    /// What it is asked to do.
    pub method: String,
    /// With which parameters: 32 KiB at most.
    #[serde(default)]
    #[ts(type = "unknown")]
    pub params: serde_json::Value,
    /// What comes first.
    #[serde(default)]
    #[ts(as = "Option<Priority>", optional)]
    pub priority: Priority,
    /// In how long it expires if it is not done, in milliseconds; never if nothing is said.
    #[ts(optional, type = "number")]
    pub expires_ms: Option<u64>,
    /// How long one attempt may take, in milliseconds: a minute if nothing is said, a day at most.
    #[ts(optional, type = "number")]
    pub timeout_ms: Option<u64>,
    /// How many attempts may end with their agent, or without an answer: five if nothing is said,
    /// 100 at most.
    pub attempts: Option<u32>,
    /// Names the task: submitted again under the key it is the same task, as long as that is
    /// remembered. 64 bytes at most.
    #[ts(optional, type = "string")]
    pub key: Option<Key>,
    /// What is paid for it at most, in credits, to the owner of the node whose agent does it: of
    /// what is held from its submission on, the price that the auction comes to. Its queue takes the
    /// strategy `auction`. Nothing is paid if nothing is said.
    pub pay: Option<Credits>,
    /// What the answer has to fit to be one, a JSON Schema that refers to nothing; the task fails
    /// with an answer that does not. 32 KiB at most.
    #[ts(optional, type = "unknown")]
    pub check: Option<serde_json::Value>,
}

/// Tasks that were accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TasksSubmitted {
    /// Their numbers, in the order in which they were submitted.
    #[ts(type = "number[]")]
    pub tasks: Vec<u64>,
}

/// Reads a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetTask {
    /// Its number.
    #[ts(type = "number")]
    pub task: u64,
}

/// Lists tasks, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
#[ts(optional_fields)]
pub struct ListTasks {
    /// Of one queue: its capabilities joined by `+`.
    #[ts(optional, type = "string")]
    pub queue: Option<Queue>,
    /// So far.
    pub state: Option<TaskPhase>,
    /// Below this number.
    #[ts(optional, type = "number")]
    pub before: Option<u64>,
    /// How many at most: 100 if nothing is said, 1,000 at most.
    pub limit: Option<u32>,
}

/// Waits for tasks to be over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WaitForTasks {
    /// Which, 1,000 at most.
    #[ts(type = "number[]")]
    pub tasks: Vec<u64>,
    /// How long, in milliseconds: ten minutes at most. Who is not over by then is told as it is.
    #[ts(type = "number")]
    pub wait_ms: u64,
}

/// Cancels tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CancelTasks {
    /// Which, 1,000 at most.
    #[ts(type = "number[]")]
    pub tasks: Vec<u64>,
}

/// Tasks that were cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TasksCancelled {
    /// Those of them that were open.
    #[ts(type = "number[]")]
    pub tasks: Vec<u64>,
}

/// The longest wait.
const MAX_WAIT: Duration = Duration::from_mins(10);
/// Tasks that are listed at once.
const LISTED: (u32, u32) = (100, 1_000);

pub(super) async fn submit(
    control: &Control,
    request: SubmitTasks,
) -> Result<TasksSubmitted, UiError> {
    submit_to(&*control.backend().workload(), request, None).await
}

/// Submits tasks that are paid for by this life of an agent, or else by the owner of this node.
pub(super) async fn submit_to(
    works: &dyn Works,
    request: SubmitTasks,
    payer: Option<(Name, Epoch)>,
) -> Result<TasksSubmitted, UiError> {
    let SubmitTasks { tasks, session } = request;
    let tasks: Result<Vec<NewTask>, UiError> =
        tasks.into_iter().map(|wish| wish.task(session.clone(), payer.clone())).collect();
    Ok(TasksSubmitted { tasks: works.submit(tasks?).await? })
}

pub(super) async fn get(control: &Control, request: GetTask) -> Result<TaskView, UiError> {
    get_from(&*control.backend().workload(), request).await
}

pub(super) async fn get_from(works: &dyn Works, request: GetTask) -> Result<TaskView, UiError> {
    works.task(request.task).await
}

pub(super) async fn list(control: &Control, request: ListTasks) -> Result<TaskPage, UiError> {
    let ListTasks { queue, state, before, limit } = request;
    let limit = limit.unwrap_or(LISTED.0);
    if !(1..=LISTED.1).contains(&limit) {
        return Err(Cause::Invalid { field: "limit".into(), value: limit.to_string() }.into());
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    control.backend().workload().list(TaskFilter { queue, state, before, limit }).await
}

pub(super) async fn wait(
    control: &Control,
    request: WaitForTasks,
) -> Result<Vec<TaskView>, UiError> {
    wait_for(&*control.backend().workload(), request).await
}

pub(super) async fn wait_for(
    works: &dyn Works,
    request: WaitForTasks,
) -> Result<Vec<TaskView>, UiError> {
    let WaitForTasks { tasks, wait_ms } = request;
    let wait = Duration::from_millis(wait_ms);
    if wait > MAX_WAIT {
        return Err(Cause::Invalid { field: "wait_ms".into(), value: wait_ms.to_string() }.into());
    }
    works.wait(few(tasks)?, wait).await
}

pub(super) async fn cancel(
    control: &Control,
    request: CancelTasks,
) -> Result<TasksCancelled, UiError> {
    let tasks = control.backend().workload().cancel(few(request.tasks)?).await?;
    Ok(TasksCancelled { tasks })
}

/// Cancels what an agent submitted itself.
pub(super) async fn cancel_own(
    works: &dyn Works,
    agent: &Name,
    tasks: Vec<u64>,
) -> Result<TasksCancelled, UiError> {
    let tasks = works.cancel_own(agent.clone(), few(tasks)?).await?;
    Ok(TasksCancelled { tasks })
}

fn few(tasks: Vec<u64>) -> Result<Vec<u64>, UiError> {
    if (1..=Tasks::MAX_AT_ONCE).contains(&tasks.len()) {
        return Ok(tasks);
    }
    Err(Cause::Invalid { field: "tasks".into(), value: tasks.len().to_string() }.into())
}

impl NewTaskWish {
    fn task(self, session: Option<Name>, payer: Option<(Name, Epoch)>) -> Result<NewTask, UiError> {
        let Self {
            capabilities,
            method,
            params,
            priority,
            expires_ms,
            timeout_ms,
            attempts,
            key,
            pay,
            check,
        } = self;
        Ok(NewTask {
            queue: queue(&capabilities)?,
            method,
            params: params.to_string(),
            priority,
            expires_ms,
            timeout_ms: timeout_ms.unwrap_or(NewTask::TIMEOUT_MS),
            attempts: attempts.unwrap_or(NewTask::ATTEMPTS),
            key: key.as_ref().map(checked).transpose()?,
            session,
            pay: pay.map(|most| Pay { most, by: payer }),
            check: check.as_ref().map(schema).transpose()?,
        })
    }
}

/// A schema that is one, as text.
fn schema(check: &serde_json::Value) -> Result<String, UiError> {
    let text = check.to_string();
    Check::new(check).map(|_check| text).map_err(|value| {
        let field = "check".into();
        Cause::Invalid { field, value }.into()
    })
}

/// A key of 1 to 64 bytes: read as text, it may be of any length.
fn checked(key: &Key) -> Result<Key, UiError> {
    let value = || key.as_str().to_owned();
    Key::new(key.as_str())
        .ok_or_else(|| Cause::Invalid { field: "key".into(), value: value() }.into())
}

fn queue(capabilities: &[String]) -> Result<Queue, UiError> {
    Queue::of(capabilities).map_err(|_none: covey_logic::balancer::NoQueue| {
        Cause::Invalid { field: "capabilities".into(), value: capabilities.join("+") }.into()
    })
}
