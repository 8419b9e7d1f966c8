//! How an auction ended, in numbers.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{credits::Credits, economics::Account};

/// How an auction ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "AuctionOutcome")]
pub struct Outcome {
    /// Who got the lot; none: nobody.
    pub sale: Option<Sale>,
    /// What was paid and given back when it ended, in the order in which it was.
    pub flows: Vec<Flow>,
}

/// Who got the lot, and for how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Sale {
    /// Who.
    pub winner: Account,
    /// What the winner offered.
    pub bid: Credits,
    /// What the winner pays.
    pub price: Credits,
}

/// Credits that changed hands when an auction ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "AuctionFlow")]
pub struct Flow {
    /// Whose they were.
    pub from: Account,
    /// Whose they are.
    pub to: Account,
    /// How many.
    pub amount: Credits,
    /// What for.
    pub cause: Cause,
}

/// What credits were paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "AuctionCause")]
pub enum Cause {
    /// The lot.
    Payment,
    /// Nothing: they were held, and are free again.
    Refund,
    /// A sealed bid was not opened.
    Forfeit,
}
