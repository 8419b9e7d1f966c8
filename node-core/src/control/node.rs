//! Commands about this node and about members.

use std::collections::BTreeMap;

use covey_logic::{Command, NodeId, agent::Programs, node::RefugeView};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Control, UiError};

/// Puts a node out of the cluster for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RevokeMember {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
}

/// Asks where the agents of a node would go if the node were lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WhatIfLost {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
}

/// Renames this node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RenameNode {
    /// The name from here on, 1 to 40 characters.
    pub name: String,
}

/// Labels this node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LabelNode {
    /// All labels from here on.
    pub labels: BTreeMap<String, String>,
}

/// Says whose programs this node runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetPrograms {
    /// Whose.
    pub programs: Programs,
}

/// Stops this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StopNode {}

pub(super) async fn revoke(control: &Control, request: RevokeMember) -> Result<(), UiError> {
    control.done(Command::Revoke { node: request.node }).await
}

pub(super) async fn rename(control: &Control, request: RenameNode) -> Result<(), UiError> {
    control.done(Command::Rename { name: request.name }).await
}

pub(super) async fn label(control: &Control, request: LabelNode) -> Result<(), UiError> {
    control.done(Command::SetLabels { labels: request.labels }).await
}

pub(super) async fn programs(control: &Control, request: SetPrograms) -> Result<(), UiError> {
    control.done(Command::SetPrograms { programs: request.programs }).await
}

pub(super) async fn stop(control: &Control, _: StopNode) -> Result<(), UiError> {
    control.ask_to_stop();
    Ok(())
}

pub(super) async fn what_if(
    control: &Control,
    request: WhatIfLost,
) -> Result<Vec<RefugeView>, UiError> {
    control.backend().what_if_lost(request.node).await
}
