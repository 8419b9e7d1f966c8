//! Commands about what the cluster agrees on, and about what needs no agreement.

mod agrees;
mod place;
mod recovery;
mod scope;
mod variable;

use std::time::Duration;

use covey_logic::{
    Name,
    agreed::Key,
    coordination::{Act, CounterView, DecisionView, Done, Fate, Place, Scope},
    ids::IdError,
    merged::{Count, MergedCommand, MergedOutcome},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use agrees::Agrees;
pub(super) use agrees::Asks;
pub use place::{AcquireLease, LeaseHeld, PlaceRead, ReleaseLease, RenewLease, WatchLease};
pub(super) use place::{acquire, release, renew, watch as watch_lease};
pub use recovery::{GetRecovery, GroupSetAside, RecoverGroup, Recovered, SetGroupAside};
pub(super) use recovery::{recover, recovery, set_aside};
pub use variable::{
    ReadVariable, RegisterVariable, RemoveVariable, SetVariable, VariableChanges, VariableRead,
    VariableSet, WatchVariable,
};
pub(super) use variable::{get as variable, register, remove, set, watch as watch_variable};

use scope::Way;

use super::{Cause, UiError, core::unexpected};
use crate::handle::{Arrive, CoordinationView, Freshness, Named};

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

/// Waits at a barrier until as many are there as it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WaitAtBarrier {
    /// Which barrier.
    #[ts(type = "string")]
    pub barrier: Name,
    /// Who waits, as this node tells them apart; `operator` if nobody is said. Two of one name are
    /// one party.
    #[serde(default)]
    #[ts(optional, type = "string")]
    pub session: Option<Name>,
    /// How many it takes, this one counted; all who come must say the same.
    pub parties: u32,
    /// How long to wait, in milliseconds, an hour at most; then it is broken for all.
    #[ts(type = "number")]
    pub wait_ms: u64,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// How waiting at a barrier ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BarrierPassed {
    /// Of which generation: each is greater than every one before.
    #[ts(type = "number")]
    pub generation: u64,
    /// Whether it opened, or who broke it.
    pub fate: Fate,
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

pub(super) async fn wait_at_barrier(
    asks: &impl Asks,
    asked: WaitAtBarrier,
) -> Result<BarrierPassed, UiError> {
    let WaitAtBarrier { barrier, parties, .. } = asked;
    let (wait, key) = (wait(Some(asked.wait_ms))?, key(asked.key)?);
    let session = session(asked.session)?;
    let arrive = Arrive { barrier, session, parties, wait, key };
    let (generation, fate) = asks.primitives().arrive(arrive).await?;
    Ok(BarrierPassed { generation, fate })
}

pub(super) async fn add(asks: &impl Asks, asked: AddToCounter) -> Result<Counted, UiError> {
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

pub(super) async fn counter(asks: &impl Asks, asked: ReadCounter) -> Result<CounterRead, UiError> {
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
