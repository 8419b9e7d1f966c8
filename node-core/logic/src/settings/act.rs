//! What is wished of the settings, and what comes of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::{Name, NodeId},
    settings::Refused,
};

/// A change of what the cluster agreed to set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Set or unset some, all or nothing.
    Change {
        /// Each setting of each place once.
        changes: Vec<Change>,
        /// Only if the settings are at this version.
        expected: Option<u64>,
    },
    /// Set everything as it was after a version.
    RollBack {
        /// Which.
        to: u64,
        /// Only if the settings are at this version.
        expected: Option<u64>,
    },
    /// Unset everything.
    Reset {
        /// Only if the settings are at this version.
        expected: Option<u64>,
    },
}

/// A setting to be set, or unset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "SettingChange")]
pub struct Change {
    /// Which setting.
    #[ts(type = "string")]
    pub key: Name,
    /// For whom.
    #[serde(default)]
    pub place: Place,
    /// What to; none: it is unset here.
    pub value: Option<String>,
}

/// For whom something is set.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SettingPlace")]
pub enum Place {
    /// For all nodes.
    #[default]
    Cluster,
    /// For one node.
    Node(#[ts(type = "string")] NodeId),
}

/// What an entry did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The version from here on; as before if nothing changed.
    pub version: u64,
    /// How many settings changed.
    pub changed: u32,
}

/// What became of an entry; a refused one changed nothing.
pub type Outcome = Result<Done, Refused>;
