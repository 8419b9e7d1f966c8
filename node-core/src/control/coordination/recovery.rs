//! Recovery of the group by force, when its majority is lost for good.

use covey_logic::Command;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    consensus::Recovery,
    control::{Control, UiError},
};

/// Reads what a recovery by force on this node would keep, and what it may lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetRecovery {}

/// Recovers the group by force: it goes on with what this node holds, without the voters that are
/// lost. When they return they follow, and what they alone held is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RecoverGroup {}

/// A recovery that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Recovered {
    /// How many changes the group begins with.
    #[ts(type = "number")]
    pub revision: u64,
}

pub(in crate::control) async fn recovery(
    control: &Control,
    _: GetRecovery,
) -> Result<Recovery, UiError> {
    control.backend().primitives().recovery().await
}

pub(in crate::control) async fn recover(
    control: &Control,
    _: RecoverGroup,
) -> Result<Recovered, UiError> {
    let (lineage, revision) = control.backend().primitives().recover().await?;
    control.done(Command::BeginLineage { lineage, revision }).await?;
    Ok(Recovered { revision })
}
