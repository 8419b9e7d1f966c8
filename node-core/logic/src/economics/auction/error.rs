//! Why an auction refused.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    credits::Credits,
    economics::{Account, auction::Phase, ledger},
    ids::Name,
};

/// Why an auction refused, alike on every node. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "AuctionRefused")]
pub enum Refused {
    /// The account cannot pay, or somebody speaks for another.
    #[error(transparent)]
    Ledger(#[from] ledger::Refused),
    /// Look it up: it never was, or it was over long ago.
    #[error("there is no auction {auction}")]
    NoAuction {
        /// Which.
        #[ts(type = "number")]
        auction: u64,
    },
    /// Choose one of those that there are.
    #[error("there is no auction of the kind {kind}")]
    NoKind {
        /// Which was asked for.
        kind: String,
    },
    /// Choose one of those that the kind has.
    #[error("an auction of the kind {kind} has no option {option}")]
    NoOption {
        /// Of which kind.
        kind: String,
        /// Which was given.
        option: String,
    },
    /// Give it, or give one within the bounds.
    #[error("{option} is from {least} to {most}, not {value}")]
    OptionBounds {
        /// Which.
        option: String,
        /// What was given; nought if nothing was.
        #[ts(type = "number")]
        value: u64,
        /// The least.
        #[ts(type = "number")]
        least: u64,
        /// The most.
        #[ts(type = "number")]
        most: u64,
    },
    /// Choose a duration within the bounds.
    #[error("an auction takes bids for {least_ms} ms to {most_ms} ms")]
    Duration {
        /// The shortest.
        #[ts(type = "number")]
        least_ms: u64,
        /// The longest.
        #[ts(type = "number")]
        most_ms: u64,
    },
    /// Shorten it, or name fewer.
    #[error("{what} has {most} at most")]
    TooLong {
        /// What.
        what: String,
        /// The bound.
        most: usize,
    },
    /// It is over, or bids are no longer taken.
    #[error("auction {auction} is {phase}")]
    Over {
        /// Which.
        #[ts(type = "number")]
        auction: u64,
        /// Where it is.
        phase: Phase,
    },
    /// Bids are no longer taken, and it is about to go on.
    #[error("the time for that in auction {auction} is over")]
    Late {
        /// Which.
        #[ts(type = "number")]
        auction: u64,
    },
    /// Come again then.
    #[error("auction {auction} goes on in {wait_ms} ms")]
    TooEarly {
        /// Which.
        #[ts(type = "number")]
        auction: u64,
        /// In how long.
        #[ts(type = "number")]
        wait_ms: u64,
    },
    /// Offer what the kind takes.
    #[error("an auction of the kind {kind} does not take a {offer}")]
    NotOfKind {
        /// Of which kind.
        kind: String,
        /// What was offered.
        offer: String,
    },
    /// Only the seller may.
    #[error("{account} does not sell in auction {auction}")]
    NotSeller {
        /// Which.
        #[ts(type = "number")]
        auction: u64,
        /// Who asked.
        account: Account,
    },
    /// Who sells does not bid.
    #[error("{account} sells in auction {auction}, and may not bid")]
    OwnAuction {
        /// Which.
        #[ts(type = "number")]
        auction: u64,
        /// Who asked.
        account: Account,
    },
    /// Only those that the auction names may bid.
    #[error("{account} is none of those that may bid in auction {auction}")]
    NotQualified {
        /// Which.
        #[ts(type = "number")]
        auction: u64,
        /// Who asked.
        account: Account,
    },
    /// Only agents that can do it may bid.
    #[error("{account} does not have the capability {capability}")]
    NotCapable {
        /// Who asked.
        account: Account,
        /// What it lacks.
        #[ts(type = "string")]
        capability: Name,
    },
    /// Bid more.
    #[error("{least} credits is the least to bid")]
    TooLow {
        /// The least.
        least: Credits,
    },
    /// Wait: nobody has bid more.
    #[error("{account} leads already")]
    Leads {
        /// Who asked.
        account: Account,
    },
    /// Wait until it falls, or offer more.
    #[error("the price is {price} credits")]
    PriceAbove {
        /// What it is.
        price: Credits,
    },
    /// One bidder commits once.
    #[error("{account} has committed already")]
    Committed {
        /// Who asked.
        account: Account,
    },
    /// Nothing is there to open.
    #[error("{account} has not committed")]
    NotCommitted {
        /// Who asked.
        account: Account,
    },
    /// Come again when all commitments are in.
    #[error("bids of auction {auction} are not opened yet")]
    RevealEarly {
        /// Which.
        #[ts(type = "number")]
        auction: u64,
    },
    /// It came too late: the deposit is forfeited.
    #[error("bids of auction {auction} are no longer opened")]
    RevealLate {
        /// Which.
        #[ts(type = "number")]
        auction: u64,
    },
    /// Open what was committed.
    #[error("that does not open the commitment of {account}")]
    FalseReveal {
        /// Who asked.
        account: Account,
    },
    /// It is open already.
    #[error("the bid of {account} is open already")]
    Revealed {
        /// Who asked.
        account: Account,
    },
    /// Let it come to its end: the seller has no say in it any more.
    #[error("bids of auction {auction} are being opened")]
    Opening {
        /// Which.
        #[ts(type = "number")]
        auction: u64,
    },
    /// As many take part as may.
    #[error("there are {capacity} already")]
    Full {
        /// The bound.
        capacity: usize,
    },
}
