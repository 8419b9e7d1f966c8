//! Commands about entering another cluster, and what was left behind.

use covey_logic::Wall;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Control, UiError};
use crate::archive::{Archive, ArchiveRow, JoinPlan, Replayed};

/// Reads what would come along if this node entered another cluster, and what would be archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetJoinPlan {}

/// Lists what this node left behind whenever it entered another cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListArchives {}

/// Reads an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetArchive {
    /// As the list names it.
    #[ts(type = "number")]
    pub id: Wall,
}

/// Makes in this node's cluster what an archive holds and the cluster has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReplayArchive {
    /// As the list names it.
    #[ts(type = "number")]
    pub id: Wall,
}

pub(super) async fn plan(control: &Control, _: GetJoinPlan) -> Result<JoinPlan, UiError> {
    control.backend().join_plan().await
}

pub(super) async fn list(control: &Control, _: ListArchives) -> Result<Vec<ArchiveRow>, UiError> {
    control.backend().archives().await
}

pub(super) async fn get(control: &Control, asked: GetArchive) -> Result<Archive, UiError> {
    control.backend().archive(asked.id).await
}

pub(super) async fn replay(control: &Control, asked: ReplayArchive) -> Result<Replayed, UiError> {
    control.backend().replay_archive(asked.id).await
}
