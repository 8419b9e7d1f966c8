//! One auction.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    economics::{
        Account,
        auction::{Outcome, Rules},
    },
    ids::{Name, NodeId},
    time::Wall,
};

/// An auction, open or over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auction {
    /// What is sold, in words.
    pub lot: String,
    /// Who sells.
    pub seller: Account,
    /// The node through which it was opened.
    pub by: NodeId,
    /// When it was opened, by the group's clock in nanoseconds.
    pub opened: u64,
    /// And by the wall clock of the node that wished it.
    pub at: Wall,
    /// When it ended, by the group's clock in nanoseconds; nought while it has not.
    pub ended: u64,
    /// Where it is.
    pub phase: Phase,
    /// Who may bid.
    pub qualification: Qualification,
    /// Whether nodes ask their agents that may bid.
    pub solicits: bool,
    /// Whom they asked.
    pub asked: Vec<Tally>,
    /// The rules of its kind, and what was bid.
    pub rules: Rules,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Why it was cancelled.
    pub reason: Option<String>,
}

/// Where an auction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "AuctionPhase")]
pub enum Phase {
    /// Bids are taken.
    Open,
    /// Sealed bids are opened.
    Revealing,
    /// The lot is sold, and paid.
    Sold,
    /// Nobody got the lot.
    Unsold,
    /// The seller took it back.
    Cancelled,
}

/// Who may bid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "AuctionQualification")]
pub struct Qualification {
    /// Only agents with this capability, as their nodes know them; none: whoever else may.
    #[ts(type = "string | null")]
    pub capability: Option<Name>,
    /// Only these accounts; none: all.
    pub bidders: Vec<Account>,
}

/// Whom a node asked to bid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "AuctionTally")]
pub struct Tally {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// How many of its agents.
    pub asked: u32,
    /// Which of them did not answer in time.
    #[ts(type = "string[]")]
    pub silent: Vec<Name>,
}

impl Phase {
    /// Whether the auction is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Open | Self::Revealing)
    }

    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Revealing => "revealing",
            Self::Sold => "sold",
            Self::Unsold => "unsold",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Qualification {
    /// Accounts that can be named: more are told by a capability.
    pub const MOST: usize = 100;

    /// Whether the log lets an account bid.
    #[must_use]
    pub fn admits(&self, account: &Account) -> bool {
        let named = self.bidders.is_empty() || self.bidders.contains(account);
        let agent = self.capability.is_none() || matches!(account, Account::Agent(_));
        named && agent
    }
}
