//! Commands about counters.

use covey_logic::{
    Name,
    coordination::{Act, CounterView, Done, Scope},
    merged::{Count, MergedCommand, MergedOutcome},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    Asks, Fence, agree, fenced, freshness, odd,
    scope::{self, Way},
};
use crate::{
    control::{UiError, core::unexpected},
    handle::Named,
};

/// Changes a counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddToCounter {
    /// Which counter.
    #[ts(type = "string")]
    pub counter: Name,
    /// By how much.
    #[ts(type = "number")]
    pub by: i64,
    /// `global` counts without asking anyone, also without a majority, and what was counted apart is
    /// added up; `cluster`, where nothing else is said of a new counter, agrees on every change.
    #[serde(default)]
    #[ts(optional)]
    pub scope: Option<Scope>,
    /// Only while this holding lasts.
    #[serde(default)]
    #[ts(optional)]
    pub fence: Option<Fence>,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Reads a counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReadCounter {
    /// Which counter.
    #[ts(type = "string")]
    pub counter: Name,
    /// The scope of the counter: the one in which it is there if none is said, or, if it is new,
    /// `cluster`.
    #[serde(default)]
    #[ts(optional)]
    pub scope: Option<Scope>,
    /// Whether this node may answer from what it has, which may be old, without asking a majority.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub stale: bool,
}

/// What a counter is at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Counted {
    /// Its value, in decimal: it may pass what a number of JavaScript holds.
    pub value: String,
}

/// A counter that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CounterRead {
    /// What was found.
    pub found: CounterView,
    /// The entry as of which; none in scope `global`: as this node has heard of it by now.
    #[ts(type = "number | null")]
    pub index: Option<u64>,
}

/// Removes a counter that is agreed on: it is at nought from there on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RemoveCounter {
    /// Which counter.
    #[ts(type = "string")]
    pub counter: Name,
}

pub(in crate::control) async fn add(
    asks: &impl Asks,
    asked: AddToCounter,
) -> Result<Counted, UiError> {
    let AddToCounter { counter, by, scope, fence, key } = asked;
    let value = match scope::way(asks, (Named::Counter, &counter), scope).await? {
        Way::Agree => {
            let done = agree(asks, fenced(fence, Act::Add { counter, by }), key).await?;
            let Done::Counted { value } = done else { return Err(odd(&done)) };
            value.into()
        }
        Way::Alone(reach) => {
            scope::promise_nothing(reach, fence.as_ref(), key.as_ref())?;
            let done = asks.primitives().change(MergedCommand::Count { counter, by }).await?;
            let MergedOutcome::Counted { value } = done else { return Err(unexpected(&done)) };
            value
        }
    };
    Ok(Counted { value: value.to_string() })
}

pub(in crate::control) async fn counter(
    asks: &impl Asks,
    asked: ReadCounter,
) -> Result<CounterRead, UiError> {
    let ReadCounter { counter, scope, stale } = asked;
    match scope::way(asks, (Named::Counter, &counter), scope).await? {
        Way::Agree => {
            let primitives = asks.primitives();
            let (found, index) = primitives.counter(counter.clone(), freshness(stale)).await?;
            Ok(CounterRead { found: CounterView::new(&counter, found), index: Some(index) })
        }
        Way::Alone(_) => {
            let found = asks.primitives().merged_counter(counter.clone()).await?;
            let found = found.unwrap_or_else(|| Count::default().view(&counter));
            Ok(CounterRead { found, index: None })
        }
    }
}

pub(in crate::control) async fn discard(
    asks: &impl Asks,
    asked: RemoveCounter,
) -> Result<(), UiError> {
    let RemoveCounter { counter } = asked;
    match scope::way(asks, (Named::Counter, &counter), None).await? {
        Way::Agree => agree(asks, Act::Discard { counter }, None).await.map(drop),
        // What others count meanwhile could not be told from what they counted before.
        Way::Alone(reach) => Err(scope::unagreed(reach, "to remove a counter")),
    }
}
