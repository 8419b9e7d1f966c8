//! Changes that wait until a majority is there to agree on them.

use std::time::Duration;

use covey_logic::{
    Wall,
    settings::{Act, Change, Place},
};
use serde::{Deserialize, Serialize};

use crate::entropy::{self, EntropyError};

/// A change that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Names it in lists, and is the idempotency key under which it is proposed.
    pub id: String,
    /// What is wished.
    pub act: Act,
    /// When it was asked for.
    pub asked: Wall,
    /// When it is dropped, if it was not made by then.
    pub expires: Wall,
    /// Whether it was handed on once without an answer: it may have been made.
    pub handed_on: bool,
}

impl Pending {
    /// How long a change waits: long enough for a restart of the others, too short to surprise
    /// whoever forgot it.
    pub const AGE: Duration = Duration::from_mins(10);
    /// Changes that wait at most.
    pub const CAPACITY: usize = 100;

    /// A change that is asked for at `now`.
    ///
    /// # Errors
    ///
    /// See [`EntropyError`].
    pub(super) fn new(act: Act, now: Wall) -> Result<Self, EntropyError> {
        let id = covey_logic::ids::hex(&entropy::bytes::<8>()?);
        let age = u64::try_from(Self::AGE.as_millis()).unwrap_or(u64::MAX);
        let expires = Wall(now.0.saturating_add(age));
        Ok(Self { id, act, asked: now, expires, handed_on: false })
    }
}

/// An act in words, as a command line would say it.
pub(super) fn words(act: &Act) -> String {
    match act {
        Act::Change { changes, .. } => {
            let words: Vec<_> = changes.iter().map(change_words).collect();
            words.join(", ")
        }
        Act::RollBack { to, .. } => format!("roll back to version {to}"),
        Act::Reset { .. } => "reset everything".to_owned(),
    }
}

fn change_words(Change { key, place, value }: &Change) -> String {
    let whom = match place {
        Place::Cluster => String::new(),
        Place::Node(node) => format!(" for {}", node.short()),
    };
    match value {
        Some(value) => format!("{key}={value}{whom}"),
        None => format!("{key} unset{whom}"),
    }
}
