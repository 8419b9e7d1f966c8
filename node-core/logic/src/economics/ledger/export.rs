//! The postings as a table.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    credits::Credits,
    economics::{
        Account,
        ledger::{Posting, Why},
    },
    ids::{Name, NodeId},
    time::Wall,
};

/// One posting, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PostingView {
    /// Its number, from 1, without gaps.
    #[ts(type = "number")]
    pub posting: u64,
    /// When, in milliseconds since 1970 by the wall clock of the node that wished it.
    #[ts(type = "number")]
    pub at: Wall,
    /// Which wish of the log caused it.
    #[ts(type = "number")]
    pub wish: u64,
    /// Of which node.
    #[ts(type = "string")]
    pub by: NodeId,
    /// What it was for.
    pub why: Why,
    /// Within which auction.
    #[ts(type = "number | null")]
    pub auction: Option<u64>,
    /// For which task.
    #[ts(type = "number | null")]
    pub task: Option<u64>,
    /// For the place of which agent.
    #[ts(type = "string | null")]
    pub rent: Option<Name>,
    /// Who gave.
    pub debit: Account,
    /// Who got.
    pub credit: Account,
    /// How many credits.
    pub amount: Credits,
}

impl From<&Posting> for PostingView {
    fn from(posting: &Posting) -> Self {
        Self {
            posting: posting.number,
            at: posting.at,
            wish: posting.wish,
            by: posting.by,
            why: posting.why,
            auction: posting.within.auction,
            task: posting.within.task,
            rent: posting.within.rent.clone(),
            debit: posting.debit.clone(),
            credit: posting.credit.clone(),
            amount: posting.amount,
        }
    }
}

/// Postings as comma-separated values (RFC 4180), with a line of names. No field holds what would
/// have to be quoted.
#[must_use]
pub fn csv(postings: &[PostingView]) -> String {
    let mut text =
        "posting,at_ms,wish,by,why,hold,auction,task,rent,debit,credit,amount\r\n".to_owned();
    for posting in postings {
        let or_empty = |number: Option<u64>| number.map(|it| it.to_string()).unwrap_or_default();
        let fields = [
            posting.posting.to_string(),
            posting.at.0.to_string(),
            posting.wish.to_string(),
            posting.by.to_string(),
            posting.why.as_str().to_owned(),
            or_empty(posting.why.hold()),
            or_empty(posting.auction),
            or_empty(posting.task),
            posting.rent.as_ref().map(ToString::to_string).unwrap_or_default(),
            posting.debit.to_string(),
            posting.credit.to_string(),
            posting.amount.to_string(),
        ];
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}
