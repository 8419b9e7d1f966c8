//! Commands about how tasks are spread.

use covey_logic::balancer::{BalancerView, PreviewView, Queue, StrategyKind, Tasks};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::control::{Cause, Control, UiError};

/// Reads how tasks are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetBalancer {}

/// Tries how a burst of tasks would spread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct PreviewBalancer {
    /// Which capabilities the tasks take.
    pub capabilities: Vec<String>,
    /// By which strategy, beside the one that is.
    pub strategy: StrategyKind,
    /// How many tasks: 100 if nothing is said, 10,000 at most.
    pub burst: Option<u32>,
}

/// Chooses a strategy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct SetBalancer {
    /// For which queue: its capabilities joined by `+`; for all that have none of their own if
    /// nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub queue: Option<Queue>,
    /// Which; as for all if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<StrategyKind>,
}

pub(in crate::control) async fn balancer(
    control: &Control,
    _: GetBalancer,
) -> Result<BalancerView, UiError> {
    control.backend().workload().balance().await
}

/// The one that is first, then the other.
pub(in crate::control) async fn preview(
    control: &Control,
    request: PreviewBalancer,
) -> Result<Vec<PreviewView>, UiError> {
    /// Tasks that are tried if nothing is said.
    const BURST: u32 = 100;
    let PreviewBalancer { capabilities, strategy, burst } = request;
    let burst = burst.unwrap_or(BURST);
    if !(1..=Tasks::MAX_BURST).contains(&burst) {
        return Err(Cause::Invalid { field: "burst".into(), value: burst.to_string() }.into());
    }
    let queue = super::queue(&capabilities)?;
    control.backend().workload().preview(queue, vec![None, Some(strategy)], burst).await
}

pub(in crate::control) async fn set(
    control: &Control,
    request: SetBalancer,
) -> Result<(), UiError> {
    let SetBalancer { queue, strategy } = request;
    control.backend().workload().choose(queue, strategy).await
}
