//! One posting: what was taken from one account and given to another, and why.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    credits::Credits,
    economics::Account,
    ids::{Name, NodeId},
    time::Wall,
};

/// One posting. Credits are owed to who has them, so what an account gives is its debit and what it
/// gets its credit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// When, by the wall clock of the node that wished it.
    pub at: Wall,
    /// Which wish of the log.
    pub wish: u64,
    /// Of which node.
    pub by: NodeId,
    /// What it was for.
    pub why: Why,
    /// Within what.
    pub within: Within,
    /// Who gives.
    pub debit: Account,
    /// Who gets.
    pub credit: Account,
    /// How many.
    pub amount: Credits,
}

/// What a posting or a hold is part of, if of anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Within {
    /// Of an auction.
    pub auction: Option<u64>,
    /// Of a task.
    pub task: Option<u64>,
    /// Of what this agent pays for where it runs.
    pub rent: Option<Name>,
}

/// What a posting was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PostingWhy")]
pub enum Why {
    /// New credits.
    Issued,
    /// A gift or a payment.
    Transferred,
    /// Set aside, under the number of a hold.
    Held(#[ts(type = "number")] u64),
    /// Taken of what was set aside.
    Captured(#[ts(type = "number")] u64),
    /// Gone back of what was set aside.
    Released(#[ts(type = "number")] u64),
    /// Withheld of what was set aside, as a rule was broken.
    Forfeited(#[ts(type = "number")] u64),
}

impl Why {
    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Transferred => "transferred",
            Self::Held(_) => "held",
            Self::Captured(_) => "captured",
            Self::Released(_) => "released",
            Self::Forfeited(_) => "forfeited",
        }
    }

    /// The hold that it concerns.
    #[must_use]
    pub fn hold(self) -> Option<u64> {
        match self {
            Self::Issued | Self::Transferred => None,
            Self::Held(hold)
            | Self::Captured(hold)
            | Self::Released(hold)
            | Self::Forfeited(hold) => Some(hold),
        }
    }
}
