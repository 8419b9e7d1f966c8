//! Commands about groups of owners and about namespaces.

use covey_logic::{
    Command, Name,
    registry::{Backend, MemberView, Metadata, NameCommand, NamespaceView},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Control, NameAnswer, NameQuestion, UiError, core::unexpected};

/// Joins a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct JoinGroup {
    /// Which group.
    #[ts(type = "string")]
    pub group: Name,
    /// Which agent of this node joins; none: the node itself.
    #[serde(default)]
    #[ts(optional, type = "string")]
    pub agent: Option<Name>,
    /// What the member tells of itself.
    #[serde(default)]
    #[ts(optional, type = "Record<string, string | string[]>")]
    pub metadata: Metadata,
}

/// Leaves a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct QuitGroup {
    /// Which group.
    #[ts(type = "string")]
    pub group: Name,
    /// Which agent of this node leaves; none: the node itself.
    #[serde(default)]
    #[ts(optional, type = "string")]
    pub agent: Option<Name>,
}

/// Asks who is in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListMembers {
    /// Which group.
    #[ts(type = "string")]
    pub group: Name,
}

/// Asks for every group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListGroups {}

/// A group that somebody is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupSize {
    /// Which group.
    #[ts(type = "string")]
    pub id: Name,
    /// How many are in it.
    pub members: u32,
}

/// Asks for every namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListNamespaces {}

/// Chooses what keeps the names of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetNamespace {
    /// Which namespace.
    pub namespace: String,
    /// What keeps its names from here on.
    pub backend: Backend,
}

/// Has everything in a namespace go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CleanNamespace {
    /// Which namespace.
    pub namespace: String,
}

pub(super) async fn join(control: &Control, request: JoinGroup) -> Result<(), UiError> {
    let JoinGroup { group, agent, metadata } = request;
    control.done(Command::Name(NameCommand::Join { group, agent, metadata })).await
}

pub(super) async fn quit(control: &Control, request: QuitGroup) -> Result<(), UiError> {
    let QuitGroup { group, agent } = request;
    control.done(Command::Name(NameCommand::Quit { group, agent })).await
}

pub(super) async fn members(
    control: &Control,
    request: ListMembers,
) -> Result<Vec<MemberView>, UiError> {
    let answer = control.backend().read_names(NameQuestion::Members(request.group)).await?;
    if let NameAnswer::Members(members) = answer { Ok(members) } else { Err(unexpected(&answer)) }
}

pub(super) async fn groups(control: &Control, _: ListGroups) -> Result<Vec<GroupSize>, UiError> {
    let answer = control.backend().read_names(NameQuestion::Groups).await?;
    if let NameAnswer::Groups(groups) = answer {
        Ok(groups.into_iter().map(|(id, members)| GroupSize { id, members }).collect())
    } else {
        Err(unexpected(&answer))
    }
}

pub(super) async fn namespaces(
    control: &Control,
    _: ListNamespaces,
) -> Result<Vec<NamespaceView>, UiError> {
    let answer = control.backend().read_names(NameQuestion::Namespaces).await?;
    if let NameAnswer::Namespaces(namespaces) = answer {
        Ok(namespaces)
    } else {
        Err(unexpected(&answer))
    }
}

pub(super) async fn set(control: &Control, request: SetNamespace) -> Result<(), UiError> {
    let SetNamespace { namespace, backend } = request;
    control.done(Command::Name(NameCommand::SetBackend { namespace, backend })).await
}

pub(super) async fn clean(control: &Control, request: CleanNamespace) -> Result<(), UiError> {
    let CleanNamespace { namespace } = request;
    control.done(Command::Name(NameCommand::CleanUp { namespace })).await
}
