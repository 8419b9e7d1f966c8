//! What was set when by whom, and what each version changed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::{Name, NodeId},
    settings::Place,
    time::Wall,
};

/// A value that somebody set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The value, as [`Kind::parse`](super::Kind::parse) reads it.
    pub value: String,
    /// Who set it, and when.
    pub mark: Mark,
}

/// Who did something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The index of the entry that did it, which is the version of the settings from it on.
    pub version: u64,
    /// The node whose user did it.
    pub by: NodeId,
    /// When, by that node's clock: for people alone.
    pub at: Wall,
}

/// What one entry changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Who, and when.
    pub mark: Mark,
    /// How it came about.
    pub how: How,
    /// What it changed, each setting of each place once.
    pub edits: Vec<Edit>,
}

/// How a version came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SettingsHow")]
pub enum How {
    /// Somebody set or unset something.
    Changed,
    /// Everything was set as it was after another version.
    RolledBack {
        /// Which.
        #[ts(type = "number")]
        to: u64,
    },
    /// Everything was unset.
    Reset,
}

/// A setting that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// For whom.
    pub place: Place,
    /// Which setting.
    pub key: Name,
    /// What it was set to before; none: it was not set.
    pub old: Option<String>,
    /// What it is set to after; none: it is not set.
    pub new: Option<String>,
}
