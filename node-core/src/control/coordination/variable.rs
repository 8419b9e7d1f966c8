//! Commands about variables.

use std::collections::BTreeSet;

use covey_logic::{
    Name, NodeId,
    coordination::{Act, Done, Rule, Terms, VariableView, WrittenView},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Asks, Fence, agree, fenced, freshness, odd, wait};
use crate::control::UiError;

/// Makes a variable that keeps a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RegisterVariable {
    /// Which variable; it must not be there.
    #[ts(type = "string")]
    pub variable: Name,
    /// What it holds at first, 64 KiB at most.
    pub value: String,
    /// What it may hold; any text if nothing is said.
    #[serde(default)]
    #[ts(optional, as = "Option<Rule>")]
    pub rule: Rule,
    /// The nodes whose users may write it; all if none is said.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub writers: BTreeSet<NodeId>,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Writes a variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetVariable {
    /// Which variable.
    #[ts(type = "string")]
    pub variable: Name,
    /// What it is to hold, 64 KiB at most.
    pub value: String,
    /// The version it must be at; nought: it must not be there; none: whichever.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub expected: Option<u64>,
    /// Only while this holding lasts.
    #[serde(default)]
    #[ts(optional)]
    pub fence: Option<Fence>,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// A variable that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VariableSet {
    /// Its version from here on.
    #[ts(type = "number")]
    pub version: u64,
}

/// Reads a variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReadVariable {
    /// Which variable.
    #[ts(type = "string")]
    pub variable: Name,
    /// Whether this node may answer from what it has, which may be old, without asking a majority.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub stale: bool,
}

/// A variable that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VariableRead {
    /// What was found.
    pub found: Option<VariableView>,
    /// The entry as of which.
    #[ts(type = "number")]
    pub index: u64,
}

/// Waits for writes of a variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WatchVariable {
    /// Which variable.
    #[ts(type = "string")]
    pub variable: Name,
    /// The version that is known; nought: none.
    #[serde(default)]
    #[ts(optional, as = "Option<u32>")]
    pub known: u64,
    /// How long to wait for a write, in milliseconds, an hour at most.
    #[ts(type = "number")]
    pub wait_ms: u64,
}

/// Writes of a variable that were waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VariableChanges {
    /// The writes after the version that was known, oldest first; none if none came in time, or the
    /// variable was removed.
    pub writes: Vec<WrittenView>,
    /// Whether these are all: some may be forgotten, or the variable was removed meanwhile.
    pub whole: bool,
}

/// Removes a variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RemoveVariable {
    /// Which variable.
    #[ts(type = "string")]
    pub variable: Name,
    /// The version it must be at; none: whichever.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub expected: Option<u64>,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

pub(in crate::control) async fn register(
    asks: &impl Asks,
    asked: RegisterVariable,
) -> Result<VariableSet, UiError> {
    let RegisterVariable { variable, value, rule, writers, key } = asked;
    let act = Act::Register { variable, value, terms: Terms { rule, writers } };
    written(&agree(asks, act, key).await?)
}

pub(in crate::control) async fn set(
    asks: &impl Asks,
    asked: SetVariable,
) -> Result<VariableSet, UiError> {
    let SetVariable { variable, value, expected, fence, key } = asked;
    let act = fenced(fence, Act::Write { variable, value, expected });
    written(&agree(asks, act, key).await?)
}

pub(in crate::control) async fn get(
    asks: &impl Asks,
    asked: ReadVariable,
) -> Result<VariableRead, UiError> {
    let ReadVariable { variable, stale } = asked;
    let (found, index) = asks.primitives().variable(variable.clone(), freshness(stale)).await?;
    Ok(VariableRead { found: found.map(|found| VariableView::new(&variable, &found)), index })
}

pub(in crate::control) async fn watch(
    asks: &impl Asks,
    asked: WatchVariable,
) -> Result<VariableChanges, UiError> {
    let WatchVariable { variable, known, wait_ms } = asked;
    let found = asks.primitives().watch_variable(variable, known, wait(Some(wait_ms))?).await?;
    let (writes, whole) = found.map_or((Vec::new(), true), |found| (found.writes, found.whole));
    Ok(VariableChanges { writes: writes.iter().map(WrittenView::new).collect(), whole })
}

pub(in crate::control) async fn remove(
    asks: &impl Asks,
    asked: RemoveVariable,
) -> Result<(), UiError> {
    let RemoveVariable { variable, expected, key } = asked;
    agree(asks, Act::Erase { variable, expected }, key).await.map(drop)
}

fn written(done: &Done) -> Result<VariableSet, UiError> {
    let Done::Wrote { version } = done else { return Err(odd(done)) };
    Ok(VariableSet { version: *version })
}
