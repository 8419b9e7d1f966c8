//! Why a change was refused.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::Name;

/// Why a change was refused, alike on every node. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SettingRefused")]
pub enum Refused {
    /// Look at the list of settings.
    #[error("there is no setting {key}")]
    Unknown {
        /// Which key.
        #[ts(type = "string")]
        key: Name,
    },
    /// Choose another value.
    #[error("{key} cannot be {value:?}: {problem}")]
    Invalid {
        /// Which setting.
        #[ts(type = "string")]
        key: Name,
        /// The value.
        value: String,
        /// What is wrong with it.
        problem: Problem,
    },
    /// Set it for the cluster.
    #[error("{key} is set for the whole cluster alone")]
    NotHere {
        /// Which setting.
        #[ts(type = "string")]
        key: Name,
    },
    /// Decide on one.
    #[error("{key} is changed twice")]
    Twice {
        /// Which setting.
        #[ts(type = "string")]
        key: Name,
    },
    /// Say what to change.
    #[error("nothing is to be changed")]
    Nothing,
    /// Look at them again and decide anew.
    #[error("the settings are at version {version}")]
    Conflict {
        /// Where they are.
        #[ts(type = "number")]
        version: u64,
    },
    /// Choose a version of the history.
    #[error("version {version} is not remembered")]
    NoVersion {
        /// Which.
        #[ts(type = "number")]
        version: u64,
    },
    /// Unset something first, or change less at once.
    #[error("{capacity} is the most")]
    Full {
        /// The bound.
        capacity: usize,
    },
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SettingProblem")]
pub enum Problem {
    /// It is neither on nor off.
    NoToggle,
    /// It is no whole number.
    NoCount,
    /// It is no time.
    NoSpan,
    /// It is no level.
    NoLevel,
    /// It is no list of rates.
    NoRates,
    /// It is no list of names.
    NoNames,
    /// It is out of bounds.
    Outside {
        /// The least.
        least: String,
        /// The most.
        most: String,
    },
    /// It has too many bytes.
    Long {
        /// The bound.
        capacity: usize,
    },
}

impl Problem {
    pub(super) fn outside(least: &impl fmt::Display, most: &impl fmt::Display) -> Self {
        Self::Outside { least: least.to_string(), most: most.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoToggle => f.write_str("it is true or false"),
            Self::NoCount => f.write_str("it is a whole number"),
            Self::NoSpan => f.write_str("it is a time like 500ms, 30s, 10m, 2h or 1d"),
            Self::NoLevel => f.write_str("it is error, warn, info, debug or trace"),
            Self::NoRates => crate::guard::NotARule.fmt(f),
            Self::NoNames => super::NoNames.fmt(f),
            Self::Outside { least, most } => write!(f, "it is from {least} to {most}"),
            Self::Long { capacity } => write!(f, "it has {capacity} bytes at most"),
        }
    }
}
