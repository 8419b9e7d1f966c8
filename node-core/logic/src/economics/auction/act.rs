//! What is asked of auctions, and what comes of it.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    credits::Credits,
    economics::{
        Account, Party,
        auction::{Phase, Qualification, Refused},
    },
    ids::Name,
};

/// A change of an auction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Open one.
    Create {
        /// Who sells.
        seller: Party,
        /// What, and how.
        terms: Terms,
    },
    /// Bid, each for itself; [`Act::MOST`] at most.
    Offer {
        /// In which auction.
        auction: u64,
        /// What, and in whose name.
        offers: Vec<(Party, Offer)>,
    },
    /// Go on to what is due after `phase`: the steward says so when the time has come.
    Proceed {
        /// Which auction.
        auction: u64,
        /// Where it is.
        phase: Phase,
    },
    /// Go on before the time has come: the seller's word.
    Close {
        /// Which auction.
        auction: u64,
        /// Who sells.
        seller: Party,
    },
    /// End it without a sale, while nobody has revealed a bid: the seller's word.
    Cancel {
        /// Which auction.
        auction: u64,
        /// Who sells.
        seller: Party,
        /// Why, for people.
        reason: String,
    },
    /// How many of its agents the wishing node asked to bid, and which did not answer in time.
    Asked {
        /// In which auction.
        auction: u64,
        /// How many.
        asked: u32,
        /// Who did not answer.
        silent: Vec<Name>,
    },
}

impl Act {
    /// Offers of one act: a node asks some dozens of agents at a time, and one entry stays small.
    pub const MOST: usize = 128;
}

/// What is sold, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The kind of auction, by its name.
    pub kind: String,
    /// What is sold, in words.
    pub lot: String,
    /// How long bids are taken.
    pub duration: Duration,
    /// What the kind has options for, by name; the others are as the kind says.
    pub options: BTreeMap<String, u64>,
    /// Who may bid.
    pub qualification: Qualification,
    /// Whether every node asks its agents that may bid to do so.
    pub solicits: bool,
}

/// What a bidder does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Offer {
    /// Bids so much, for all to see.
    Bid(Credits),
    /// Takes the lot at the price of the moment, if that is no more than this.
    Accept(Credits),
    /// Bids what the commitment says, which nobody can read.
    Commit([u8; 32]),
    /// Opens a commitment.
    Reveal {
        /// How much was bid.
        amount: Credits,
        /// What made the commitment unreadable.
        nonce: [u8; 32],
    },
}

/// What became of an offer that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "OfferTaken")]
pub enum Taken {
    /// It leads, until another is higher.
    Leads {
        /// When bids are no longer taken, by the group's clock in nanoseconds.
        #[ts(type = "number")]
        closes: u64,
    },
    /// It won: the auction is over.
    Won {
        /// What the winner pays.
        price: Credits,
    },
    /// It is sealed.
    Committed {
        /// The place in the order of commitments, from 1, by which ties are broken.
        #[ts(type = "number")]
        place: u64,
        /// What is held until it is revealed.
        deposit: Credits,
    },
    /// It is open, and its amount is held.
    Revealed,
    /// It is open, and below the reserve: it counts for nothing, and nothing is held.
    BelowReserve,
}

/// What an act did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// It is open.
    Opened {
        /// Under this number.
        auction: u64,
    },
    /// What became of each offer, in their order.
    Offered(Vec<Result<Taken, Refused>>),
    /// It went on.
    Proceeded {
        /// To this phase.
        phase: Phase,
    },
    /// It is noted who was asked.
    Noted,
}

impl Offer {
    /// In a word.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Bid(_) => "bid",
            Self::Accept(_) => "accept",
            Self::Commit(_) => "commit",
            Self::Reveal { .. } => "reveal",
        }
    }
}

impl Terms {
    /// Whose accounts are named in it, the seller's left out.
    pub fn bidders(&self) -> impl Iterator<Item = &Account> {
        self.qualification.bidders.iter()
    }
}
