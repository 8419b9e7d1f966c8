//! Commands about barriers.

use covey_logic::{
    Name,
    coordination::{Act, Fate, Holder},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Asks, agree, key, session, wait};
use crate::{
    control::{Control, UiError},
    handle::Arrive,
};

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

/// Ends a generation of a barrier for all who wait at it; each is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BreakBarrier {
    /// Which barrier.
    #[ts(type = "string")]
    pub barrier: Name,
    /// The generation that is meant: a later one goes on.
    #[ts(type = "number")]
    pub generation: u64,
}

pub(in crate::control) async fn wait_at_barrier(
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

pub(in crate::control) async fn break_barrier(
    control: &Control,
    asked: BreakBarrier,
) -> Result<(), UiError> {
    let BreakBarrier { barrier, generation } = asked;
    let by = Holder { node: control.backend().id(), session: session(None)? };
    agree(control, Act::Break { barrier, generation, by }, None).await.map(drop)
}
