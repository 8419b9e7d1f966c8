//! Topics: what is published on one goes to the agents that subscribed to it.
//!
//! A topic is a group of the namespace `topic`: an agent is in it for as long as it lives, and
//! subscribes anew when it starts anew.

use std::sync::Arc;

use covey_logic::{Name, registry::NameCommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use ts_rs::TS;

use super::{Posts, TargetOutcome, json, send, timeout};
use crate::{
    comms::Call,
    control::{Cause, UiError},
};

/// The method that subscribers are notified of.
const MESSAGE: &str = "topic.message";

/// Publishes a message on a topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Publish {
    /// The topic: a name without a namespace.
    #[ts(type = "string")]
    pub topic: Name,
    /// What is published, as JSON.
    #[serde(default)]
    #[ts(type = "unknown")]
    pub body: serde_json::Value,
    /// How long the subscribers' mailboxes may take to have it, in milliseconds: as `calls.timeout` is
    /// set if nothing is said, 600,000 at most.
    #[ts(optional, type = "number")]
    pub timeout_ms: Option<u64>,
    /// On whose behalf, for the rates that are counted for each who asks.
    #[ts(optional, type = "string")]
    pub session: Option<Name>,
}

/// Who has a message that was published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Published {
    /// Subscribers whose mailboxes have it.
    pub delivered: u32,
    /// The others, and why they have not.
    pub failed: Vec<TargetOutcome>,
}

/// Has an agent of this node hear what is published on a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// The topic: a name without a namespace.
    #[ts(type = "string")]
    pub topic: Name,
    /// Which agent; an agent that asks for itself leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub agent: Option<Name>,
}

/// Has an agent of this node hear no more of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Unsubscribe {
    /// The topic: a name without a namespace.
    #[ts(type = "string")]
    pub topic: Name,
    /// Which agent; an agent that asks for itself leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub agent: Option<Name>,
}

pub(in crate::control) async fn publish(
    door: &impl Posts,
    request: Publish,
) -> Result<Published, UiError> {
    let Publish { topic, body, timeout_ms, session } = request;
    let timeout = timeout(timeout_ms, door)?;
    let messages = door.messages();
    let members = messages.members(group_of(&topic)?).await?;
    let names = members.into_iter().filter_map(|member| member.agent).collect();
    let params = json(&json!({ "topic": topic, "body": body, "from": session }));
    let method: Arc<str> = MESSAGE.into();
    let call = |name| {
        let call = Call::new(name, Arc::clone(&method), params.clone(), timeout);
        Call { actor: session.clone(), answered: false, ..call }
    };
    let outcomes = send(&*messages, names, call).await?;
    let all = outcomes.len();
    let failed: Vec<_> = outcomes.into_iter().filter(|outcome| outcome.error.is_some()).collect();
    let delivered = u32::try_from(all - failed.len()).unwrap_or(u32::MAX);
    Ok(Published { delivered, failed })
}

pub(in crate::control) async fn subscribe(
    door: &impl Posts,
    request: Subscribe,
) -> Result<(), UiError> {
    let agent = Some(subscriber(request.agent)?);
    let group = group_of(&request.topic)?;
    let metadata = Default::default();
    door.messages().change_group(NameCommand::Join { group, agent, metadata }).await
}

pub(in crate::control) async fn unsubscribe(
    door: &impl Posts,
    request: Unsubscribe,
) -> Result<(), UiError> {
    let agent = Some(subscriber(request.agent)?);
    let group = group_of(&request.topic)?;
    door.messages().change_group(NameCommand::Quit { group, agent }).await
}

fn subscriber(agent: Option<Name>) -> Result<Name, UiError> {
    let reason = || "an agent subscribes: say which".to_owned();
    agent.ok_or_else(|| Cause::BadArguments { reason: reason() }.into())
}

fn group_of(topic: &Name) -> Result<Name, UiError> {
    let group = format!("topic/{topic}").parse();
    group
        .ok()
        .ok_or_else(|| Cause::Invalid { field: "topic".into(), value: topic.to_string() }.into())
}
