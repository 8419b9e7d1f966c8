//! Pictures for people.

use covey_logic::{
    Wall,
    settings::{SettingView, StrangerView},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Pending, pending};

/// The settings as this node has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SettingsView {
    /// The version of what the cluster agreed to set, as far as this node knows.
    #[ts(type = "number")]
    pub version: u64,
    /// Every setting, by key.
    pub settings: Vec<SettingView>,
    /// Keys that a newer node set and this one does not know.
    pub strangers: Vec<StrangerView>,
    /// Changes that wait at this node for a majority, the first first.
    pub pending: Vec<PendingView>,
}

/// A change that waits for a majority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "PendingChange")]
pub struct PendingView {
    /// Names it.
    pub id: String,
    /// What is to change, in words.
    pub change: String,
    /// When it was asked for.
    #[ts(type = "number")]
    pub asked: Wall,
    /// When it is dropped.
    #[ts(type = "number")]
    pub expires: Wall,
}

impl From<&Pending> for PendingView {
    fn from(waiting: &Pending) -> Self {
        let Pending { id, act, asked, expires, .. } = waiting;
        Self { id: id.clone(), change: pending::words(act), asked: *asked, expires: *expires }
    }
}
