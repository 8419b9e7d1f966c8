//! Commands about what the cluster agrees on, and about what needs no agreement.

mod agrees;
mod barrier;
mod counter;
mod place;
mod recovery;
mod scope;
mod variable;

use std::time::Duration;

use covey_logic::{
    Name,
    agreed::Key,
    coordination::{Act, DecisionView, Done, Place},
    ids::IdError,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use agrees::Agrees;
pub(super) use agrees::Asks;
pub use barrier::{BarrierPassed, BreakBarrier, WaitAtBarrier};
pub(super) use barrier::{break_barrier, wait_at_barrier};
pub use counter::{AddToCounter, Counted, CounterRead, ReadCounter, RemoveCounter};
pub(super) use counter::{add, counter, discard};
pub use place::{
    AcquireLease, LeaseHeld, PlaceRead, ReleaseLease, RenewLease, RevokeLease, WatchLease,
};
pub(super) use place::{acquire, release, renew, revoke, watch as watch_lease};
pub use recovery::{GetRecovery, GroupSetAside, RecoverGroup, Recovered, SetGroupAside};
pub(super) use recovery::{recover, recovery, set_aside};
pub use variable::{
    ReadVariable, RegisterVariable, RemoveVariable, SetVariable, VariableChanges, VariableRead,
    VariableSet, WatchVariable,
};
pub(super) use variable::{get as variable, register, remove, set, watch as watch_variable};

use super::{Cause, UiError};
use crate::handle::{CoordinationView, Freshness};

/// Reads what the cluster agrees on, as this node has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetCoordination {}

/// A holding that must last for a change to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Fence {
    /// Of what.
    pub place: Place,
    /// Its fencing token.
    #[ts(type = "number")]
    pub token: u64,
}

/// Proposes an answer to a question: the first that the cluster agrees on stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProposeDecision {
    /// Which question.
    #[ts(type = "string")]
    pub question: Name,
    /// The answer, 64 KiB at most.
    pub value: String,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// What a question was settled to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Settled {
    /// Whether it was this proposal that settled it.
    pub first: bool,
    /// The answer that stands; none if it was reopened meanwhile.
    pub decision: Option<DecisionView>,
}

/// Reads what a question was settled to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReadDecision {
    /// Which question.
    #[ts(type = "string")]
    pub question: Name,
    /// Whether this node may answer from what it has, which may be old, without asking a majority.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub stale: bool,
}

/// A question that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DecisionRead {
    /// What was found.
    pub found: Option<DecisionView>,
    /// The entry as of which.
    #[ts(type = "number")]
    pub index: u64,
}

/// Forgets what a question was settled to: it may be settled anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReopenDecision {
    /// Which question.
    #[ts(type = "string")]
    pub question: Name,
}

/// Who takes something if nobody is said.
const SESSION: &str = "operator";
/// The longest that a command waits.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

pub(super) async fn coordination(
    asks: &impl Asks,
    _: GetCoordination,
) -> Result<CoordinationView, UiError> {
    asks.primitives().coordination().await
}

pub(super) async fn decide(asks: &impl Asks, asked: ProposeDecision) -> Result<Settled, UiError> {
    let ProposeDecision { question, value, key } = asked;
    let act = Act::Decide { question: question.clone(), value };
    let done = agree(asks, act, key).await?;
    let Done::Decided { first, .. } = done else { return Err(odd(&done)) };
    let read = ReadDecision { question, stale: false };
    Ok(Settled { first, decision: decision(asks, read).await?.found })
}

pub(super) async fn decision(
    asks: &impl Asks,
    asked: ReadDecision,
) -> Result<DecisionRead, UiError> {
    let ReadDecision { question, stale } = asked;
    let (found, index) = asks.primitives().decision(question.clone(), freshness(stale)).await?;
    let found = found.map(|found| DecisionView::new(&question, &found));
    Ok(DecisionRead { found, index })
}

pub(super) async fn reopen(asks: &impl Asks, asked: ReopenDecision) -> Result<(), UiError> {
    agree(asks, Act::Reopen { question: asked.question }, None).await.map(drop)
}

async fn agree(asks: &impl Asks, act: Act, text: Option<String>) -> Result<Done, UiError> {
    let key = key(text)?;
    asks.primitives().agree(act, key).await
}

fn fenced(fence: Option<Fence>, act: Act) -> Act {
    match fence {
        Some(Fence { place, token }) => Act::Fenced { place, token, act: Box::new(act) },
        None => act,
    }
}

/// Who asks; somebody, if nobody is said.
fn session(said: Option<Name>) -> Result<Name, UiError> {
    let Some(session) = said else {
        let bad = |error: IdError| Cause::BadQuery { reason: error.to_string() };
        return Ok(Name::new(SESSION).map_err(bad)?);
    };
    Ok(session)
}

fn freshness(stale: bool) -> Freshness {
    if stale { Freshness::Stale } else { Freshness::Linearizable }
}

fn wait(ms: Option<u64>) -> Result<Duration, UiError> {
    let wait = Duration::from_millis(ms.unwrap_or(0));
    if wait <= LONGEST_WAIT {
        return Ok(wait);
    }
    let value = wait.as_millis().to_string();
    Err(Cause::Invalid { field: "wait_ms".to_owned(), value }.into())
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
