//! What the cluster agreed to change, as facts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Fact;
use crate::ids::Name;

/// How somebody came to hold something no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Parting {
    /// It was given up.
    Released,
    /// Its lease ended without a word.
    Expired,
    /// An operator took it away.
    Revoked,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SessionFate {
    /// It settled what it was about.
    Settled,
    /// It came to no result that settles it.
    Unsettled,
    /// Too few answered.
    NoQuorum,
    /// A participant failed, and it was to end then.
    Aborted,
    /// It would have taken more messages than it may.
    OverBudget,
    /// Its time was up before it came to a result.
    Expired,
    /// Somebody ended it.
    Cancelled,
}

/// A value, or its beginning if it is long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(type = "string")]
pub struct Excerpt(String);

impl Excerpt {
    /// The longest, in bytes: a line or two, as an event is kept on every node for a month.
    pub const MAX_LEN: usize = 256;

    /// The beginning of a value, with an ellipsis if that is not all.
    #[must_use]
    pub fn of(value: &str) -> Self {
        if value.len() <= Self::MAX_LEN {
            return Self(value.to_owned());
        }
        let ellipsis = '…';
        let end = value.floor_char_boundary(Self::MAX_LEN - ellipsis.len_utf8());
        let mut text = value.get(..end).unwrap_or_default().to_owned();
        text.push(ellipsis);
        Self(text)
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Excerpt> for String {
    fn from(excerpt: Excerpt) -> Self {
        excerpt.0
    }
}

impl Fact {
    /// What changed, if the cluster agreed on it: a primitive by its name, an auction by its number.
    #[must_use]
    pub fn subject(&self) -> Option<Name> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "all others are what a node saw")]
        match self {
            Self::PlaceTaken { place, .. } | Self::PlaceLeft { place, .. } => {
                Some(place.name.clone())
            }
            Self::BarrierEnded { barrier: name, .. }
            | Self::CounterMade { counter: name }
            | Self::CounterRemoved { counter: name, .. }
            | Self::VariableChanged { variable: name, .. }
            | Self::QuestionSettled { question: name, .. }
            | Self::QuestionReopened { question: name, .. }
            | Self::AgentUnpaid { name, .. } => Some(name.clone()),
            Self::ChangesOmitted { name, .. } => name.clone(),
            Self::CreditsIssued { .. } => Name::new("ledger").ok(),
            Self::AuctionOpened { auction, .. }
            | Self::AuctionClosed { auction, .. }
            | Self::AuctionCancelled { auction, .. } => {
                Name::new(&format!("auction/{auction}")).ok()
            }
            Self::SessionStarted { session, .. } | Self::SessionEnded { session, .. } => {
                Name::new(&format!("session/{session}")).ok()
            }
            _ => None,
        }
    }

    /// Whether it follows from what the cluster agreed on, so that every node knows it by itself.
    #[must_use]
    pub fn is_agreed(&self) -> bool {
        matches!(self, Self::ChangesOmitted { .. }) || self.subject().is_some()
    }
}
