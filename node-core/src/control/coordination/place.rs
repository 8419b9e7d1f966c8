//! Commands about locks, elections and semaphores.

use std::time::Duration;

use covey_logic::{
    Name,
    coordination::{Act, Place, PlaceView},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Asks, agree, key, session, wait};
use crate::{control::UiError, handle::Acquire};

/// Takes a lock, stands for an election, or takes a permit of a semaphore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AcquireLease {
    /// Of what.
    pub place: Place,
    /// How many may hold it at once: of a semaphore, the same for all who come; else one.
    #[serde(default)]
    #[ts(optional)]
    pub permits: Option<u32>,
    /// Who takes it, as this node tells them apart; `operator` if nobody is said.
    #[serde(default)]
    #[ts(optional, type = "string")]
    pub session: Option<Name>,
    /// How long it is held without a word, in milliseconds, from a second to twelve hours; as
    /// `locks.lease` is set if nothing is said.
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

/// A lease that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LeaseHeld {
    /// The fencing token, of an election the term: greater than every one of this place before.
    #[ts(type = "number")]
    pub token: u64,
}

/// Begins a lease anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RenewLease {
    /// Of what.
    pub place: Place,
    /// The fencing token that it was given under.
    #[ts(type = "number")]
    pub token: u64,
}

/// Takes from its holder what is held; the next in line has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RevokeLease {
    /// Which.
    pub place: Place,
    /// The fencing token of the holding that is meant: who came to hold it since keeps it.
    #[ts(type = "number")]
    pub token: u64,
}

/// Gives up what is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReleaseLease {
    /// Which.
    pub place: Place,
    /// The fencing token that it was given under.
    #[ts(type = "number")]
    pub token: u64,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Waits until something is held otherwise than before: who leads, for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WatchLease {
    /// What.
    pub place: Place,
    /// The token of the holding that is known; none: nobody is known to hold it.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub known: Option<u64>,
    /// How long to wait for a change, in milliseconds, an hour at most; nought if nothing is said.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub wait_ms: Option<u64>,
}

/// How something is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlaceRead {
    /// What was found; none if nobody holds it.
    pub found: Option<PlaceView>,
    /// The entry as of which.
    #[ts(type = "number")]
    pub index: u64,
}

pub(in crate::control) async fn acquire(
    asks: &impl Asks,
    asked: AcquireLease,
) -> Result<LeaseHeld, UiError> {
    let acquire = Acquire {
        place: asked.place,
        session: session(asked.session)?,
        permits: asked.permits.unwrap_or(1),
        lease: asked.lease_ms.map_or_else(|| asks.lease(), Duration::from_millis),
        wait: wait(asked.wait_ms)?,
        key: key(asked.key)?,
    };
    Ok(LeaseHeld { token: asks.primitives().acquire(acquire).await? })
}

pub(in crate::control) async fn renew(asks: &impl Asks, asked: RenewLease) -> Result<(), UiError> {
    let RenewLease { place, token } = asked;
    agree(asks, Act::Renew { place, token }, None).await.map(drop)
}

pub(in crate::control) async fn release(
    asks: &impl Asks,
    asked: ReleaseLease,
) -> Result<(), UiError> {
    let ReleaseLease { place, token, key } = asked;
    agree(asks, Act::Release { place, token }, key).await.map(drop)
}

pub(in crate::control) async fn revoke(
    asks: &impl Asks,
    asked: RevokeLease,
) -> Result<(), UiError> {
    let RevokeLease { place, token } = asked;
    agree(asks, Act::Revoke { place, token }, None).await.map(drop)
}

pub(in crate::control) async fn watch(
    asks: &impl Asks,
    asked: WatchLease,
) -> Result<PlaceRead, UiError> {
    let WatchLease { place, known, wait_ms } = asked;
    let wait = wait(wait_ms)?;
    let (found, index) = asks.primitives().watch_place(place.clone(), known, wait).await?;
    Ok(PlaceRead { found: found.map(|seats| PlaceView::new(&place, &seats)), index })
}
