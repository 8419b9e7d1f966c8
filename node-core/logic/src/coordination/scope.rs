//! Which nodes have a part in a counter or a variable.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which nodes have a part in a counter or a variable.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PrimitiveScope")]
pub enum Scope {
    /// One node alone, on its disk; another node has its own under the same name.
    Local,
    /// All nodes, each by itself: always there, also without a majority, and merged.
    Global,
    /// A majority agrees on every change.
    #[default]
    Cluster,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Global => "global",
            Self::Cluster => "cluster",
        })
    }
}
