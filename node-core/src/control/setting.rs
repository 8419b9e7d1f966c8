//! Commands about settings.

use covey_logic::{
    Name,
    agreed::Key,
    settings::{Act, Change, EditView, VersionView},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cause, Control, UiError};
use crate::{
    handle::{Changed, SettingWish},
    settings::SettingsView,
};

/// Reads every setting: what it is on this node, and who set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListSettings {}

/// Sets or unsets settings for all nodes or for one, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChangeSettings {
    /// Each setting of each place once, 100 at most.
    pub changes: Vec<Change>,
    /// Only if the settings are at this version.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub expected: Option<u64>,
    /// Whether to wait at this node, ten minutes at most, if no majority is there.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub queue: bool,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// A setting to be set on the running node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SettingHere {
    /// Which.
    #[ts(type = "string")]
    pub key: Name,
    /// What to; none: what it would be otherwise.
    pub value: Option<String>,
}

/// Sets or unsets settings on this node until it stops, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetSettingsHere {
    /// Which.
    pub changes: Vec<SettingHere>,
}

/// Sets everything as it was after a version, in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RollBackSettings {
    /// Which version; nought: before the first.
    #[ts(type = "number")]
    pub to: u64,
    /// Only if the settings are at this version.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub expected: Option<u64>,
    /// Whether to wait at this node, ten minutes at most, if no majority is there.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub queue: bool,
}

/// Unsets everything that the cluster agreed to set, in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ResetSettings {
    /// Only if the settings are at this version.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub expected: Option<u64>,
    /// Whether to wait at this node, ten minutes at most, if no majority is there.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub queue: bool,
}

/// Reads the versions of the settings that are remembered, the oldest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListSettingVersions {
    /// Only those after this one.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub after: Option<u64>,
}

/// Reads what differs between two versions of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DiffSettings {
    /// The one; nought: before the first.
    #[ts(type = "number")]
    pub from: u64,
    /// The other.
    #[ts(type = "number")]
    pub to: u64,
}

/// No longer has a change wait for a majority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WithdrawSetting {
    /// As it is listed.
    pub id: String,
}

pub(super) async fn list(control: &Control, _: ListSettings) -> Result<SettingsView, UiError> {
    Ok(control.backend().settings())
}

pub(super) async fn change(control: &Control, asked: ChangeSettings) -> Result<Changed, UiError> {
    let ChangeSettings { changes, expected, queue, key } = asked;
    let key = match key {
        Some(text) => {
            let refused = || Cause::Invalid { field: "key".to_owned(), value: text.clone() };
            Some(Key::new(&text).ok_or_else(refused)?)
        }
        None => None,
    };
    let act = Act::Change { changes, expected };
    control.backend().change_settings(SettingWish { act, key, queue }).await
}

pub(super) async fn here(control: &Control, asked: SetSettingsHere) -> Result<(), UiError> {
    let changes = asked.changes.into_iter().map(|change| (change.key, change.value)).collect();
    Ok(control.backend().set_here(changes)?)
}

pub(super) async fn roll_back(
    control: &Control,
    asked: RollBackSettings,
) -> Result<Changed, UiError> {
    let RollBackSettings { to, expected, queue } = asked;
    let act = Act::RollBack { to, expected };
    control.backend().change_settings(SettingWish { act, key: None, queue }).await
}

pub(super) async fn reset(control: &Control, asked: ResetSettings) -> Result<Changed, UiError> {
    let ResetSettings { expected, queue } = asked;
    let act = Act::Reset { expected };
    control.backend().change_settings(SettingWish { act, key: None, queue }).await
}

pub(super) async fn versions(
    control: &Control,
    asked: ListSettingVersions,
) -> Result<Vec<VersionView>, UiError> {
    Ok(control.backend().setting_versions(asked.after.unwrap_or(0)))
}

pub(super) async fn diff(control: &Control, asked: DiffSettings) -> Result<Vec<EditView>, UiError> {
    Ok(control.backend().diff_settings(asked.from, asked.to)?)
}

pub(super) async fn withdraw(control: &Control, asked: WithdrawSetting) -> Result<(), UiError> {
    if control.backend().withdraw_setting(asked.id.clone()).await? {
        return Ok(());
    }
    Err(Cause::Invalid { field: "id".to_owned(), value: asked.id }.into())
}
