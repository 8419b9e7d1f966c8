//! What a variable may hold, and who may write it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::NodeId;

/// What a variable may hold. Values are text; a rule says which text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "VariableRule")]
pub enum Rule {
    /// Any text.
    #[default]
    Text,
    /// A whole number from `min` to `max`, in decimal.
    Integer {
        /// The least.
        #[ts(type = "number")]
        min: i64,
        /// The greatest.
        #[ts(type = "number")]
        max: i64,
    },
    /// `true` or `false`.
    Boolean,
    /// One of these.
    OneOf {
        /// Which.
        values: BTreeSet<String>,
    },
    /// A JSON document.
    Json,
}

/// The rule of a variable, and who may write it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "VariableTerms")]
pub struct Terms {
    /// What it may hold.
    pub rule: Rule,
    /// The nodes whose users may write it; empty: all.
    #[ts(type = "string[]")]
    pub writers: BTreeSet<NodeId>,
}

impl Rule {
    /// Values that may be listed, and bytes of all of them.
    pub const ONE_OF: (usize, usize) = (100, 4_096);

    /// Whether a value keeps the rule.
    #[must_use]
    pub fn allows(&self, value: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Integer { min, max } => {
                value.parse::<i64>().is_ok_and(|number| (*min..=*max).contains(&number))
            }
            Self::Boolean => matches!(value, "true" | "false"),
            Self::OneOf { values } => values.contains(value),
            Self::Json => serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok(),
        }
    }

    /// Whether the rule can be kept at all, and is small enough.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Text | Self::Boolean | Self::Json => true,
            Self::Integer { min, max } => min <= max,
            Self::OneOf { values } => {
                let (most, bytes) = Self::ONE_OF;
                (1..=most).contains(&values.len())
                    && values.iter().map(String::len).sum::<usize>() <= bytes
            }
        }
    }
}

impl Terms {
    /// The most nodes that are named.
    pub const MAX_WRITERS: usize = 100;

    /// Whether a node's user may write.
    #[must_use]
    pub fn admits(&self, node: NodeId) -> bool {
        self.writers.is_empty() || self.writers.contains(&node)
    }

    /// Whether they can be kept, and are small enough.
    #[must_use]
    pub fn are_sound(&self) -> bool {
        self.rule.is_sound() && self.writers.len() <= Self::MAX_WRITERS
    }
}
