//! Commands about variables.

use std::collections::BTreeSet;

use covey_logic::{
    Name, NodeId,
    coordination::{Act, Done, Rule, Scope, Strategy, Terms, VariableView, WrittenView},
    merged::{Merge, MergedCommand, MergedOutcome, Reach, VariableAct},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    Asks, Fence, agree, fenced, freshness, odd,
    scope::{self, Way},
    wait,
};
use crate::{
    control::{Cause, UiError, core::unexpected},
    handle::Named,
};

/// Makes a variable that keeps a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RegisterVariable {
    /// Which variable; it must not be there.
    #[ts(type = "string")]
    pub variable: Name,
    /// What it holds at first, 64 KiB at most.
    pub value: String,
    /// Which nodes have it: `local`, this one alone, on its disk; `global`, all, each by itself and
    /// merged; `cluster`, all, as a majority agrees, if nothing is said.
    #[serde(default)]
    #[ts(optional)]
    pub scope: Option<Scope>,
    /// What becomes of writes that knew nothing of each other: in scope `global`
    /// `last_write_wins` if nothing is said, in scope `cluster` `consensus` and nothing else.
    #[serde(default)]
    #[ts(optional)]
    pub strategy: Option<Strategy>,
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
    /// The scope of the variable: the one in which it is there if none is said, or, if it is new,
    /// `cluster`.
    #[serde(default)]
    #[ts(optional)]
    pub scope: Option<Scope>,
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
    /// The scope of the variable: the one in which it is there if none is said, or, if it is new,
    /// `cluster`.
    #[serde(default)]
    #[ts(optional)]
    pub scope: Option<Scope>,
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
    /// The entry as of which; none in scopes that have no log: in `global` as this node has heard of
    /// it by now, in `local` as it is.
    #[ts(type = "number | null")]
    pub index: Option<u64>,
}

/// Waits for writes of a variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WatchVariable {
    /// Which variable.
    #[ts(type = "string")]
    pub variable: Name,
    /// The scope of the variable: the one in which it is there if none is said, or, if it is new,
    /// `cluster`.
    #[serde(default)]
    #[ts(optional)]
    pub scope: Option<Scope>,
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
    /// The scope of the variable: the one in which it is there if none is said, or, if it is new,
    /// `cluster`.
    #[serde(default)]
    #[ts(optional)]
    pub scope: Option<Scope>,
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
    let RegisterVariable { variable, value, scope, strategy, rule, writers, key } = asked;
    let terms = Terms { rule, writers };
    match scope::way(asks, (Named::Variable, &variable), scope).await? {
        Way::Agree => {
            suits(strategy, &[Strategy::Consensus])?;
            written(&agree(asks, Act::Register { variable, value, terms }, key).await?)
        }
        Way::Alone(reach) => {
            scope::promise_nothing(reach, None, key.as_ref())?;
            match reach {
                Reach::Local => suits(strategy, &[])?,
                Reach::Global => suits(strategy, &Strategy::MERGING)?,
            }
            let merge = Merge { terms, strategy: strategy.unwrap_or_default() };
            alone(asks, (variable, reach), VariableAct::Register { value, merge }).await
        }
    }
}

pub(in crate::control) async fn set(
    asks: &impl Asks,
    asked: SetVariable,
) -> Result<VariableSet, UiError> {
    let SetVariable { variable, scope, value, expected, fence, key } = asked;
    match scope::way(asks, (Named::Variable, &variable), scope).await? {
        Way::Agree => {
            let act = fenced(fence, Act::Write { variable, value, expected });
            written(&agree(asks, act, key).await?)
        }
        Way::Alone(reach) => {
            scope::promise_nothing(reach, fence.as_ref(), key.as_ref())?;
            alone(asks, (variable, reach), VariableAct::Write { value, expected }).await
        }
    }
}

pub(in crate::control) async fn get(
    asks: &impl Asks,
    asked: ReadVariable,
) -> Result<VariableRead, UiError> {
    let ReadVariable { variable, scope, stale } = asked;
    match scope::way(asks, (Named::Variable, &variable), scope).await? {
        Way::Agree => {
            let primitives = asks.primitives();
            let (found, index) = primitives.variable(variable.clone(), freshness(stale)).await?;
            let found = found.map(|found| VariableView::new(&variable, &found));
            Ok(VariableRead { found, index: Some(index) })
        }
        Way::Alone(reach) => {
            let found = asks.primitives().merged_variable(variable, reach).await?;
            Ok(VariableRead { found, index: None })
        }
    }
}

pub(in crate::control) async fn watch(
    asks: &impl Asks,
    asked: WatchVariable,
) -> Result<VariableChanges, UiError> {
    let WatchVariable { variable, scope, known, wait_ms } = asked;
    let wait = wait(Some(wait_ms))?;
    // Writes that are merged have no order in which each comes once.
    if let Way::Alone(reach) = scope::way(asks, (Named::Variable, &variable), scope).await? {
        return Err(scope::unagreed(reach, "an order of writes"));
    }
    let found = asks.primitives().watch_variable(variable, known, wait).await?;
    let (writes, whole) = found.map_or((Vec::new(), true), |found| (found.writes, found.whole));
    Ok(VariableChanges { writes: writes.iter().map(WrittenView::new).collect(), whole })
}

pub(in crate::control) async fn remove(
    asks: &impl Asks,
    asked: RemoveVariable,
) -> Result<(), UiError> {
    let RemoveVariable { variable, scope, expected, key } = asked;
    match scope::way(asks, (Named::Variable, &variable), scope).await? {
        Way::Agree => agree(asks, Act::Erase { variable, expected }, key).await.map(drop),
        Way::Alone(reach) => {
            scope::promise_nothing(reach, None, key.as_ref())?;
            let act = VariableAct::Erase { expected };
            let command = MergedCommand::Variable { variable, reach, act };
            asks.primitives().change(command).await.map(drop)
        }
    }
}

async fn alone(
    asks: &impl Asks,
    (variable, reach): (Name, Reach),
    act: VariableAct,
) -> Result<VariableSet, UiError> {
    let command = MergedCommand::Variable { variable, reach, act };
    let done = asks.primitives().change(command).await?;
    let MergedOutcome::Wrote { version } = done else { return Err(unexpected(&done)) };
    Ok(VariableSet { version })
}

/// Whether a strategy is one of those that a scope has.
fn suits(strategy: Option<Strategy>, has: &[Strategy]) -> Result<(), UiError> {
    match strategy {
        Some(strategy) if !has.contains(&strategy) => {
            let value = strategy.to_string();
            Err(Cause::Invalid { field: "strategy".to_owned(), value }.into())
        }
        Some(_) | None => Ok(()),
    }
}

fn written(done: &Done) -> Result<VariableSet, UiError> {
    let Done::Wrote { version } = done else { return Err(odd(done)) };
    Ok(VariableSet { version: *version })
}
