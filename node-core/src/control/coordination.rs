//! Commands about what the cluster agrees on.

use std::time::Duration;

use covey_logic::{
    Name,
    agreed::Key,
    coordination::{Act, Counter, CounterView, Done, VariableView},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cause, Control, UiError};
use crate::handle::{Acquire, CoordinationView};

/// Reads what the cluster agrees on, as this node has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetCoordination {}

/// Takes a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AcquireLock {
    /// Which lock.
    #[ts(type = "string")]
    pub lock: Name,
    /// Who takes it, as this node tells them apart; `operator` if nobody is said.
    #[serde(default)]
    #[ts(optional, type = "string")]
    pub session: Option<Name>,
    /// How long it is held without a word, in milliseconds, from a second to twelve hours; 30,000 if
    /// nothing is said.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub lease_ms: Option<u64>,
    /// How long to stand in line for it, in milliseconds, an hour at most; nought if nothing is said.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub wait_ms: Option<u64>,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// A lock that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LockHeld {
    /// The fencing token: greater than every one of this lock before.
    #[ts(type = "number")]
    pub token: u64,
}

/// Begins the lease of a lock anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RenewLock {
    /// Which lock.
    #[ts(type = "string")]
    pub lock: Name,
    /// The fencing token that it was given under.
    #[ts(type = "number")]
    pub token: u64,
}

/// Gives a lock up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReleaseLock {
    /// Which lock.
    #[ts(type = "string")]
    pub lock: Name,
    /// The fencing token that it was given under.
    #[ts(type = "number")]
    pub token: u64,
}

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
}

/// What a counter is at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Counted {
    /// Its value, in decimal: it may pass what a number of JavaScript holds.
    pub value: String,
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
}

/// A lease if nothing is said.
const LEASE: Duration = Duration::from_secs(30);
/// The longest time in line.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// Who takes a lock if nobody is said.
const SESSION: &str = "operator";

pub(super) async fn coordination(
    control: &Control,
    _: GetCoordination,
) -> Result<CoordinationView, UiError> {
    control.backend().coordination().await
}

pub(super) async fn acquire(control: &Control, asked: AcquireLock) -> Result<LockHeld, UiError> {
    let wait = Duration::from_millis(asked.wait_ms.unwrap_or(0));
    if wait > LONGEST_WAIT {
        let value = wait.as_millis().to_string();
        return Err(Cause::Invalid { field: "wait_ms".to_owned(), value }.into());
    }
    let session = match asked.session {
        Some(session) => session,
        None => {
            Name::new(SESSION).map_err(|error| Cause::BadQuery { reason: error.to_string() })?
        }
    };
    let lease = asked.lease_ms.map_or(LEASE, Duration::from_millis);
    let key = key(asked.key)?;
    let acquire = Acquire { lock: asked.lock, session, lease, wait, key };
    Ok(LockHeld { token: control.backend().acquire(acquire).await? })
}

pub(super) async fn renew(control: &Control, asked: RenewLock) -> Result<(), UiError> {
    agree(control, Act::Renew { lock: asked.lock, token: asked.token }, None).await.map(drop)
}

pub(super) async fn release(control: &Control, asked: ReleaseLock) -> Result<(), UiError> {
    agree(control, Act::Release { lock: asked.lock, token: asked.token }, None).await.map(drop)
}

pub(super) async fn add(control: &Control, asked: AddToCounter) -> Result<Counted, UiError> {
    let act = Act::Add { counter: asked.counter, by: asked.by };
    let done = agree(control, act, asked.key).await?;
    let Done::Counted { value } = &done else { return Err(odd(&done)) };
    Ok(Counted { value: value.to_string() })
}

pub(super) async fn counter(control: &Control, asked: ReadCounter) -> Result<CounterView, UiError> {
    let counter: Counter = control.backend().counter(asked.counter.clone()).await?;
    Ok(CounterView::new(&asked.counter, counter))
}

pub(super) async fn set(control: &Control, asked: SetVariable) -> Result<VariableSet, UiError> {
    let SetVariable { variable, value, expected, key } = asked;
    let act = Act::Write { variable, value, expected };
    let done = agree(control, act, key).await?;
    let Done::Wrote { version } = done else { return Err(odd(&done)) };
    Ok(VariableSet { version })
}

pub(super) async fn variable(
    control: &Control,
    asked: ReadVariable,
) -> Result<Option<VariableView>, UiError> {
    let found = control.backend().variable(asked.variable.clone()).await?;
    Ok(found.map(|found| VariableView::new(&asked.variable, &found)))
}

pub(super) async fn remove(control: &Control, asked: RemoveVariable) -> Result<(), UiError> {
    let act = Act::Erase { variable: asked.variable, expected: asked.expected };
    agree(control, act, None).await.map(drop)
}

async fn agree(control: &Control, act: Act, text: Option<String>) -> Result<Done, UiError> {
    let key = key(text)?;
    control.backend().agree(act, key).await
}

fn key(text: Option<String>) -> Result<Option<Key>, UiError> {
    let Some(text) = text else { return Ok(None) };
    let key = Key::new(&text);
    let refused = || Cause::Invalid { field: "key".to_owned(), value: text.clone() };
    Ok(Some(key.ok_or_else(refused)?))
}

/// A key that was given before, to another kind of wish: it is answered with what that one did.
fn odd(done: &Done) -> UiError {
    Cause::Invalid { field: "key".to_owned(), value: format!("{done:?}") }.into()
}
