//! Recovery of the group by force, when its majority is lost for good.

use covey_logic::Command;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    consensus::{Beginning, Recovery},
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

/// Leaves the damaged store of the group as it is on a node that nobody else can fill, and begins
/// another group with nothing in it: what the store held is lost for the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetGroupAside {}

/// A store that was set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupSetAside {
    /// The folder that it is in.
    pub aside: String,
}

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

pub(in crate::control) async fn set_aside(
    control: &Control,
    _: SetGroupAside,
) -> Result<GroupSetAside, UiError> {
    let Beginning { aside, lineage } = control.backend().primitives().set_aside().await?;
    control.done(Command::BeginLineage { lineage, revision: 0 }).await?;
    let aside = aside.display().to_string();
    Ok(GroupSetAside { aside })
}
