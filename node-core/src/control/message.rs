//! Commands that send messages to agents.

mod sends;
mod topic;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use covey_logic::{Name, NodeId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cause, UiError};
use crate::{
    comms::{Call, CallReply, Handle},
    handle::{Messages, NoMessage},
};

pub(super) use sends::Posts;
pub use sends::Sends;
pub use topic::{Publish, Published, Subscribe, Unsubscribe};
pub(super) use topic::{publish, subscribe, unsubscribe};

/// Sends an agent a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CallAgent {
    /// Which agent.
    #[ts(type = "string")]
    pub name: Name,
    /// What is asked of it.
    pub method: String,
    /// Its parameters.
    #[serde(default)]
    #[ts(type = "unknown")]
    pub params: serde_json::Value,
    /// How long to wait, in milliseconds: as `calls.timeout` is set if nothing is said,
    /// 600,000 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub timeout_ms: Option<u64>,
    /// On whose behalf, for the rates that are counted for each who asks; `operator` if nobody is
    /// said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub session: Option<Name>,
    /// Names the call, so that asking again does not do it twice: the node that runs the agent
    /// remembers the answer for ten minutes. 64 bytes at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub key: Option<String>,
}

impl CallAgent {
    /// The longest wait: past it, a person has long given up.
    pub const MAX_TIMEOUT: Duration = Duration::from_mins(10);

    fn call(self, door: &impl Posts) -> Result<Call, UiError> {
        let Self { name, method, params, timeout_ms, session, key } = self;
        let timeout = timeout(timeout_ms, door)?;
        let call = Call::new(name, method, json(&params), timeout);
        Ok(Call { actor: session, key: key.map(Into::into), ..call })
    }
}

/// What an agent answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CallAnswer {
    /// What it said.
    #[ts(type = "unknown")]
    pub value: serde_json::Value,
    /// The node it runs on.
    #[ts(type = "string")]
    pub node: NodeId,
    /// From the call to the answer, in microseconds.
    #[ts(type = "number")]
    pub took_us: u64,
}

/// Sends an agent a message that it does not answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct NotifyAgent {
    /// Which agent.
    #[ts(type = "string")]
    pub name: Name,
    /// What it is told.
    pub method: String,
    /// More of it.
    #[serde(default)]
    #[ts(type = "unknown")]
    pub params: serde_json::Value,
    /// How long the agent's mailbox may take to have it, in milliseconds: as `calls.timeout` is set if
    /// nothing is said, 600,000 at most.
    #[ts(optional, type = "number")]
    pub timeout_ms: Option<u64>,
    /// On whose behalf, for the rates that are counted for each who asks.
    #[ts(optional, type = "string")]
    pub session: Option<Name>,
    /// Names the message, so that sending it again does not have it handled twice.
    pub key: Option<String>,
}

/// Where an agent's mailbox has a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Notified {
    /// The node that the agent runs on.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Until its mailbox had it, in microseconds.
    #[ts(type = "number")]
    pub took_us: u64,
}

/// Sends one message to many agents at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Broadcast {
    /// Which agents; none: those that can do all of `capabilities`.
    #[ts(optional, type = "string[]")]
    pub names: Option<Vec<Name>>,
    /// What they can do.
    pub capabilities: Option<Vec<String>>,
    /// What is asked of them.
    pub method: String,
    /// Its parameters.
    #[serde(default)]
    #[ts(type = "unknown")]
    pub params: serde_json::Value,
    /// How long to wait for all of them, in milliseconds: as `calls.timeout` is set if nothing is said,
    /// 600,000 at most.
    #[ts(optional, type = "number")]
    pub timeout_ms: Option<u64>,
    /// On whose behalf, for the rates that are counted for each who asks.
    #[ts(optional, type = "string")]
    pub session: Option<Name>,
    /// Whether they do not answer: then each is done with once its mailbox has the message.
    pub notice: Option<bool>,
}

/// What became of a message to one of many agents: it has `answer` or `error`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct TargetOutcome {
    /// Which agent.
    #[ts(type = "string")]
    pub name: Name,
    /// What it said; null in the place of the value if it was not to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<CallAnswer>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<UiError>,
}

/// Calls an agent without waiting for its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SubmitCall {
    /// The call.
    pub call: CallAgent,
}

/// What to ask for the answer of a call with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CallHandle {
    /// Known to this node alone, until ten minutes after the answer came.
    #[ts(type = "string")]
    pub handle: Handle,
}

/// Asks for the answer of a call that was made before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct GetResult {
    /// Which call.
    #[ts(type = "string")]
    pub handle: Handle,
    /// How long to wait for it, in milliseconds: not at all if nothing is said, 600,000 at most.
    #[ts(optional, type = "number")]
    pub wait_ms: Option<u64>,
}

/// How a call is: it has `answer` or `error` once it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct CallState {
    /// Whether it is still on its way.
    pub pending: bool,
    /// What the agent said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<CallAnswer>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<UiError>,
}

pub(super) async fn call(door: &impl Posts, request: CallAgent) -> Result<CallAnswer, UiError> {
    let call = request.call(door)?;
    answer(&door.messages().call(call).await?)
}

pub(super) async fn notify(door: &impl Posts, request: NotifyAgent) -> Result<Notified, UiError> {
    let NotifyAgent { name, method, params, timeout_ms, session, key } = request;
    let call = CallAgent { name, method, params, timeout_ms, session, key }.call(door)?;
    let reply = door.messages().call(Call { answered: false, ..call }).await?;
    Ok(Notified { node: reply.node, took_us: micros(reply.took) })
}

pub(super) async fn broadcast(
    door: &impl Posts,
    request: Broadcast,
) -> Result<Vec<TargetOutcome>, UiError> {
    let Broadcast { names, capabilities, method, params, timeout_ms, session, notice } = request;
    let timeout = timeout(timeout_ms, door)?;
    let messages = door.messages();
    let names = match (names, capabilities) {
        (Some(names), None) => names,
        (None, Some(all)) => messages.capable(all).await?,
        (Some(_), Some(_)) | (None, None) => {
            let reason = "either names or capabilities".to_owned();
            return Err(Cause::BadArguments { reason }.into());
        }
    };
    let (method, params): (Arc<str>, _) = (method.into(), json(&params));
    let answered = !notice.unwrap_or(false);
    let call = |name| {
        let call = Call::new(name, Arc::clone(&method), params.clone(), timeout);
        Call { actor: session.clone(), answered, ..call }
    };
    send(&*messages, names, call).await
}

pub(super) async fn submit(door: &impl Posts, request: SubmitCall) -> Result<CallHandle, UiError> {
    let call = request.call.call(door)?;
    Ok(CallHandle { handle: door.messages().submit(call)? })
}

pub(super) async fn result(door: &impl Posts, request: GetResult) -> Result<CallState, UiError> {
    let wait = Duration::from_millis(request.wait_ms.unwrap_or(0));
    if wait > CallAgent::MAX_TIMEOUT {
        let value = wait.as_millis().to_string();
        return Err(Cause::Invalid { field: "wait_ms".into(), value }.into());
    }
    let ending = door.messages().ending(request.handle, wait).await?;
    let pending = ending.is_none();
    let (answer, error) = parted(ending.map(|ending| ending.and_then(|reply| answer(&reply))));
    Ok(CallState { pending, answer, error })
}

/// Sends each its call, all at once; what became of each, in the order of their names.
async fn send(
    messages: &dyn Sends,
    mut names: Vec<Name>,
    call: impl Fn(Name) -> Call,
) -> Result<Vec<TargetOutcome>, UiError> {
    names.sort();
    names.dedup();
    if names.len() > Messages::MAX_TARGETS {
        return Err(NoMessage::TooMany.into());
    }
    let calls = names.iter().cloned().map(call).collect();
    let results = messages.call_all(calls).await;
    let outcome = |(name, result): (Name, Result<CallReply, UiError>)| {
        let (answer, error) = parted(Some(result.and_then(|reply| answer(&reply))));
        TargetOutcome { name, answer, error }
    };
    Ok(names.into_iter().zip(results).map(outcome).collect())
}

fn parted(ended: Option<Result<CallAnswer, UiError>>) -> (Option<CallAnswer>, Option<UiError>) {
    match ended {
        Some(Ok(answer)) => (Some(answer), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    }
}

/// What an agent said; null of one that was not to answer.
fn answer(reply: &CallReply) -> Result<CallAnswer, UiError> {
    let text: &[u8] = if reply.value.is_empty() { b"null" } else { &reply.value };
    // The host refuses an agent's line that is no JSON before it comes here.
    let value = serde_json::from_slice(text).map_err(|error| {
        let message = format!("an answer that is no JSON: {error}");
        Cause::AgentError { number: -32_700, message, data: None }
    })?;
    Ok(CallAnswer { value, node: reply.node, took_us: micros(reply.took) })
}

/// How long to wait, if that is not too long.
fn timeout(stated_ms: Option<u64>, door: &impl Posts) -> Result<Duration, UiError> {
    let timeout = stated_ms.map_or_else(|| door.call_timeout(), Duration::from_millis);
    if timeout.is_zero() || timeout > CallAgent::MAX_TIMEOUT {
        let value = timeout.as_millis().to_string();
        return Err(Cause::Invalid { field: "timeout_ms".into(), value }.into());
    }
    Ok(timeout)
}

fn json(value: &serde_json::Value) -> Bytes {
    value.to_string().into_bytes().into()
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}
