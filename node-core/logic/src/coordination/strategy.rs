//! What becomes of writes that knew nothing of each other.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What becomes of writes that knew nothing of each other; the same on every node, in whichever
/// order the writes came there.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "ConflictStrategy")]
pub enum Strategy {
    /// The last one stands, by the hybrid clocks of the writers; a removal counts as a write.
    #[default]
    LastWriteWins,
    /// The greatest: whole numbers by their size, other text after them and by its bytes.
    Greatest,
    /// The least, in the same order.
    Least,
    /// JSON arrays: every element that one of them has, once, in the order of their text.
    Union,
    /// None is preferred: all are shown, until a write that knows of them settles it.
    KeepAll,
    /// There are none: a majority agrees on each write. The strategy of scope `cluster`.
    Consensus,
}

impl Strategy {
    /// Those of scope `global`.
    pub const MERGING: [Self; 5] =
        [Self::LastWriteWins, Self::Greatest, Self::Least, Self::Union, Self::KeepAll];

    /// Whether a value is one that it can merge.
    #[must_use]
    pub fn takes(self, value: &str) -> bool {
        self != Self::Union || elements(value).is_some()
    }

    /// One of several values, the last written last; none if they stand beside each other.
    #[must_use]
    pub fn merge(self, values: &[&str]) -> Option<String> {
        if let [value] = values {
            return Some((*value).to_owned());
        }
        match self {
            Self::LastWriteWins => values.last().copied().map(str::to_owned),
            Self::Greatest => values.iter().max_by_key(|it| rank(it)).copied().map(str::to_owned),
            Self::Least => values.iter().min_by_key(|it| rank(it)).copied().map(str::to_owned),
            Self::Union => Some(union(values)),
            Self::KeepAll | Self::Consensus => None,
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LastWriteWins => "last_write_wins",
            Self::Greatest => "greatest",
            Self::Least => "least",
            Self::Union => "union",
            Self::KeepAll => "keep_all",
            Self::Consensus => "consensus",
        })
    }
}

/// Numbers before text, text by its bytes; `1` and `01` are one number and two texts.
fn rank<'a>(value: &&'a str) -> (bool, Option<i128>, &'a str) {
    let number = value.parse().ok();
    (number.is_none(), number, value)
}

fn elements(value: &str) -> Option<Vec<serde_json::Value>> {
    serde_json::from_str(value).ok()
}

/// The elements of all, each once; what is no array, as of a variable whose terms were others once,
/// counts as an element.
fn union(values: &[&str]) -> String {
    let own = |value: &&str| elements(value).unwrap_or_else(|| vec![(*value).into()]);
    let found: BTreeMap<String, serde_json::Value> =
        values.iter().flat_map(own).map(|element| (element.to_string(), element)).collect();
    serde_json::Value::Array(found.into_values().collect()).to_string()
}
