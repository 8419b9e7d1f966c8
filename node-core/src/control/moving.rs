//! Commands about agents that move: cordon, drain and planned moves.

use std::time::Duration;

use covey_logic::{
    Command, NodeId,
    moving::{PlanView, PlannedMove, Rebalance},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Control, UiError};

/// Says whether a node takes agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CordonNode {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Whether it takes none from here on; that it takes them again ends its drain.
    pub on: bool,
}

/// Has a node hand its agents over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DrainNode {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// How long, in milliseconds, as `drains.deadline` is set if nothing is said; agents that are left are then
    /// stopped and started elsewhere.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub deadline_ms: Option<u64>,
}

/// The moves that would even the cluster out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PreviewRebalance {}

/// Has planned moves done; they take the place of those planned before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StartRebalance {
    /// The moves, in order, as a preview gave them.
    pub moves: Vec<PlannedMove>,
    /// Between two moves, in milliseconds; as `rebalance.interval` is set if nothing is said.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub interval_ms: Option<u64>,
}

/// What becomes of the planned moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RebalanceStep {
    /// None is begun.
    Pause,
    /// They go on.
    Resume,
    /// They end.
    Abort,
}

/// Pauses, resumes or ends the planned moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SteerRebalance {
    /// Which.
    pub step: RebalanceStep,
}

/// The planned moves and how far they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetRebalance {}

/// Moves that would even the cluster out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RebalancePreview {
    /// In the order in which they would be done; none if nothing is to be gained.
    pub moves: Vec<PlannedMove>,
}

pub(super) async fn cordon(control: &Control, request: CordonNode) -> Result<(), UiError> {
    control.done(Command::Cordon { node: request.node, on: request.on }).await
}

pub(super) async fn drain(control: &Control, request: DrainNode) -> Result<(), UiError> {
    let deadline = request
        .deadline_ms
        .map_or_else(|| control.backend().values().drain_deadline, Duration::from_millis);
    control.done(Command::Drain { node: request.node, deadline }).await
}

pub(super) async fn preview(
    control: &Control,
    _: PreviewRebalance,
) -> Result<RebalancePreview, UiError> {
    let moves = control.backend().preview_rebalance().await?;
    Ok(RebalancePreview { moves })
}

pub(super) async fn start(control: &Control, request: StartRebalance) -> Result<(), UiError> {
    let interval =
        request.interval_ms.map_or(control.backend().values().move_interval, Duration::from_millis);
    let moves = request.moves;
    control.done(Command::Rebalance(Rebalance::Start { moves, interval })).await
}

pub(super) async fn steer(control: &Control, request: SteerRebalance) -> Result<(), UiError> {
    let wish = match request.step {
        RebalanceStep::Pause => Rebalance::Pause,
        RebalanceStep::Resume => Rebalance::Resume,
        RebalanceStep::Abort => Rebalance::Abort,
    };
    control.done(Command::Rebalance(wish)).await
}

pub(super) async fn status(
    control: &Control,
    _: GetRebalance,
) -> Result<Option<PlanView>, UiError> {
    control.backend().rebalance().await
}
