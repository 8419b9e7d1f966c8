//! Commands about names.

use covey_logic::{Command, Epoch, Name, NodeId, Outcome, registry::Metadata};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cause, Control, UiError};

/// Claims names for this node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Which names; 1,000 at most.
    pub names: Vec<Claim>,
}

/// A name to claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The name.
    #[ts(type = "string")]
    pub name: Name,
    /// What to tell of it.
    #[serde(default)]
    #[ts(optional, type = "Record<string, string | string[]>")]
    pub metadata: Metadata,
}

/// What came of each claim, in the order asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NameOutcomes {
    /// Why a name was refused; null if it was registered.
    pub outcomes: Vec<Option<UiError>>,
}

/// Gives names up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Deregister {
    /// Which names.
    #[ts(type = "string[]")]
    pub names: Vec<Name>,
}

/// Asks who holds a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Which name.
    #[ts(type = "string")]
    pub name: Name,
}

/// Who holds a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NameHolder {
    /// The node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Which life of the agent of this name, or "0" for a name without one.
    #[ts(type = "string")]
    pub epoch: Epoch,
}

/// Names in one command: an answer of an outcome each stays well under 1 MiB.
const MAX_NAMES: usize = 1_000;

pub(super) async fn register(
    control: &Control,
    request: Register,
) -> Result<NameOutcomes, UiError> {
    bounded(request.names.len())?;
    let names = request.names.into_iter().map(|claim| (claim.name, claim.metadata)).collect();
    match control.command(Command::Register { names }).await? {
        Outcome::Names(outcomes) => Ok(NameOutcomes {
            outcomes: outcomes.into_iter().map(|outcome| outcome.err().map(Into::into)).collect(),
        }),
        other @ (Outcome::Done | Outcome::Invite { .. }) => Err(super::core::unexpected(&other)),
    }
}

pub(super) async fn deregister(control: &Control, request: Deregister) -> Result<(), UiError> {
    bounded(request.names.len())?;
    match control.command(Command::Deregister { names: request.names }).await? {
        Outcome::Done => Ok(()),
        Outcome::Names(outcomes) => {
            outcomes.into_iter().collect::<Result<(), _>>().map_err(Into::into)
        }
        other @ Outcome::Invite { .. } => Err(super::core::unexpected(&other)),
    }
}

pub(super) async fn lookup(
    control: &Control,
    request: Lookup,
) -> Result<Option<NameHolder>, UiError> {
    let holder = control.backend().lookup(&request.name);
    Ok(holder.map(|route| NameHolder { node: route.node, epoch: route.epoch }))
}

fn bounded(names: usize) -> Result<(), UiError> {
    match names {
        1..=MAX_NAMES => Ok(()),
        _ => Err(Cause::Invalid { field: "names".into(), value: format!("{names} names") }.into()),
    }
}
