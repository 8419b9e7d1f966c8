//! Commands about names.

use std::time::Duration;

use covey_logic::{
    Command, Epoch, Name, NodeId, Outcome,
    comms::Route,
    holding::Held,
    outbox::Owner,
    registry::{Backend, Count, Metadata, NameCommand, NameOutcome, Page, Query, Term},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cause, Control, NameAnswer, NameQuestion, UiError};
use crate::handle::Freshness;

/// Claims names for this node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Which names; 1,000 at most.
    pub names: Vec<Claim>,
    /// The agent of this node that they are held for, and with which they go; none: the node itself.
    #[serde(default)]
    #[ts(optional, type = "string")]
    pub holder: Option<Name>,
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
    /// Under which fencing token each is held by this node, where consensus keeps its namespace.
    #[ts(type = "Array<number | null>")]
    pub tokens: Vec<Option<u64>>,
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
    /// Whether the answer must be no older than the question: it takes a majority, and only the backend
    /// `consensus` has such an answer.
    #[serde(default)]
    pub linearizable: bool,
}

/// Counts names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CountNames {
    /// What must hold for a name to be counted.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<Term>>")]
    pub terms: Vec<Term>,
}

/// Gives names up that fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DeregisterMatching {
    /// What must hold for a name to go; one term at least.
    pub terms: Vec<Term>,
}

/// Tells something else of a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetName {
    /// Which name.
    #[ts(type = "string")]
    pub name: Name,
    /// The revision it must be at; none: whichever.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub expected: Option<u64>,
    /// All that is told of it from here on.
    #[ts(type = "Record<string, string | string[]>")]
    pub metadata: Metadata,
}

/// What the metadata of a name is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Revision {
    /// Changes with the metadata.
    #[ts(type = "number")]
    pub revision: u64,
}

/// Waits for a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WaitForName {
    /// Which name.
    #[ts(type = "string")]
    pub name: Name,
    /// How long at most, in milliseconds; an hour is the longest.
    #[ts(type = "number")]
    pub timeout_ms: u64,
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
    /// Its fencing token, if the cluster agreed on who holds it.
    #[ts(type = "number | null")]
    pub token: Option<u64>,
    /// The entry of the group's log as of which, if that was asked.
    #[ts(type = "number | null")]
    pub index: Option<u64>,
}

/// Names in one command: an answer of an outcome each stays well under 1 MiB.
const MAX_NAMES: usize = 1_000;

pub(super) async fn register(
    control: &Control,
    request: Register,
) -> Result<NameOutcomes, UiError> {
    bounded(request.names.len())?;
    let asked: Vec<Name> = request.names.iter().map(|claim| claim.name.clone()).collect();
    let names = request.names.into_iter().map(|claim| (claim.name, claim.metadata)).collect();
    let command = match request.holder {
        None => Command::Register { names },
        Some(holder) => Command::Name(NameCommand::RegisterFor { holder, names }),
    };
    match control.command(command).await? {
        Outcome::Names(outcomes) => Ok(NameOutcomes {
            tokens: asked.iter().map(|name| token(control, name)).collect(),
            outcomes: outcomes.into_iter().map(|outcome| outcome.err().map(Into::into)).collect(),
        }),
        other @ (Outcome::Done
        | Outcome::Invite { .. }
        | Outcome::Name(_)
        | Outcome::Merged(_)
        | Outcome::Reported(_)) => Err(super::core::unexpected(&other)),
    }
}

/// Under which token this node holds a name.
fn token(control: &Control, name: &Name) -> Option<u64> {
    let backend = control.backend();
    backend.lookup(name).filter(|route| route.node == backend.id())?.token
}

pub(super) async fn deregister(control: &Control, request: Deregister) -> Result<(), UiError> {
    bounded(request.names.len())?;
    match control.command(Command::Deregister { names: request.names }).await? {
        Outcome::Done => Ok(()),
        Outcome::Names(outcomes) => {
            outcomes.into_iter().collect::<Result<(), _>>().map_err(Into::into)
        }
        other @ (Outcome::Invite { .. }
        | Outcome::Name(_)
        | Outcome::Merged(_)
        | Outcome::Reported(_)) => Err(super::core::unexpected(&other)),
    }
}

pub(super) async fn lookup(
    control: &Control,
    request: Lookup,
) -> Result<Option<NameHolder>, UiError> {
    let Lookup { name, linearizable } = request;
    if linearizable {
        return lookup_agreed(control, name).await;
    }
    let holder = control.backend().lookup(&name);
    Ok(holder.map(|Route { node, epoch, token }| NameHolder { node, epoch, token, index: None }))
}

/// Who holds a name, as of an entry that is no older than this question.
async fn lookup_agreed(control: &Control, name: Name) -> Result<Option<NameHolder>, UiError> {
    let question = NameQuestion::Backend(name.namespace().to_owned());
    let answer = control.backend().read_names(question).await?;
    if !matches!(answer, NameAnswer::Backend(Backend::Consensus)) {
        let value = "true, where consensus does not keep the names".to_owned();
        return Err(Cause::Invalid { field: "linearizable".into(), value }.into());
    }
    let (held, index) =
        control.backend().primitives().holding(name, Freshness::Linearizable).await?;
    Ok(held.map(|Held { node, token, .. }| NameHolder {
        node,
        epoch: Epoch(0),
        token: Some(token),
        index: Some(index),
    }))
}

pub(super) async fn search(control: &Control, query: Query) -> Result<Page, UiError> {
    let answer = control.backend().read_names(NameQuestion::Search(query)).await?;
    if let NameAnswer::Page(page) = answer {
        Ok(page)
    } else {
        Err(super::core::unexpected(&answer))
    }
}

pub(super) async fn count(control: &Control, request: CountNames) -> Result<Count, UiError> {
    let query = Query::all(request.terms);
    let answer = control.backend().read_names(NameQuestion::Count(query)).await?;
    if let NameAnswer::Count(count) = answer {
        Ok(count)
    } else {
        Err(super::core::unexpected(&answer))
    }
}

/// How many names were given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GivenUp {
    /// That many.
    pub count: u32,
}

pub(super) async fn deregister_matching(
    control: &Control,
    request: DeregisterMatching,
) -> Result<GivenUp, UiError> {
    if request.terms.is_empty() {
        return Err(Cause::Invalid { field: "terms".into(), value: "none".into() }.into());
    }
    let query = Query::all(request.terms);
    let wish = NameCommand::DeregisterMatching { query };
    let answer = control.command(Command::Name(wish)).await?;
    if let Outcome::Name(NameOutcome::Count(count)) = answer {
        Ok(GivenUp { count })
    } else {
        Err(super::core::unexpected(&answer))
    }
}

pub(super) async fn set(control: &Control, request: SetName) -> Result<Revision, UiError> {
    let SetName { name, expected, metadata } = request;
    let wish = NameCommand::SetMetadata { name, expected, metadata };
    let answer = control.command(Command::Name(wish)).await?;
    if let Outcome::Name(NameOutcome::Revision(revision)) = answer {
        Ok(Revision { revision })
    } else {
        Err(super::core::unexpected(&answer))
    }
}

pub(super) async fn wait(control: &Control, request: WaitForName) -> Result<NameHolder, UiError> {
    let limit = Duration::from_millis(request.timeout_ms);
    let owner = control.backend().wait_for(request.name, limit).await?;
    let Owner { node, epoch, token } = owner;
    Ok(NameHolder { node, epoch, token, index: None })
}

fn bounded(names: usize) -> Result<(), UiError> {
    match names {
        1..=MAX_NAMES => Ok(()),
        _ => Err(Cause::Invalid { field: "names".into(), value: format!("{names} names") }.into()),
    }
}
