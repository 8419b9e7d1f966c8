//! Commands about guards.

use covey_logic::{
    Name,
    guard::{GuardView, RateReset},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cause, Control, UiError};

/// Reads the guards of this node: breakers, bulkheads and rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetGuard {}

/// Lets calls of an agent through again, or of all agents, here and on the nodes that are reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ResetGuard {
    /// Which agent; none: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub name: Option<Name>,
}

/// Which breakers were not closed on this node, and are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GuardReset {
    /// Of which agents.
    #[ts(type = "string[]")]
    pub closed: Vec<Name>,
}

/// Has a rate begin anew on every node: all of it can be asked for at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ResetRate {
    /// The operation that its rule is for, as that says it.
    pub operation: String,
    /// For whom; none: for all who ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub actor: Option<Name>,
}

/// Commands that no rate is for, so that a rule that is too strict can be seen and taken back.
const UNLIMITED: [&str; 4] = ["agent.call", "guard.", "rate.", "setting."];

/// Takes from the rates that a command must pass; a call of an agent does so when it is made, by
/// the agent and the method.
pub(super) async fn admit(
    control: &Control,
    command: &str,
    actor: Option<Name>,
) -> Result<(), UiError> {
    if UNLIMITED.iter().any(|start| command.starts_with(start)) {
        return Ok(());
    }
    control.backend().admit(actor, command.to_owned()).await
}

pub(super) async fn get(control: &Control, _: GetGuard) -> Result<GuardView, UiError> {
    Ok(control.backend().guard())
}

pub(super) async fn reset(control: &Control, asked: ResetGuard) -> Result<GuardReset, UiError> {
    Ok(GuardReset { closed: control.backend().reset_breakers(asked.name) })
}

pub(super) async fn reset_rate(control: &Control, asked: ResetRate) -> Result<(), UiError> {
    let ResetRate { operation, actor } = asked;
    if !control.backend().has_rate(&operation) {
        return Err(Cause::Invalid { field: "operation".to_owned(), value: operation }.into());
    }
    control.backend().reset_rate(RateReset { operation, actor }).await
}
