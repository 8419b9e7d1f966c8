//! Commands about credits and auctions.

mod auction;
mod ledger;
mod trades;

pub use auction::{
    AcceptPrice, AuctionOpened, AuctionPhaseNow, BidInAuction, BidTaken, CancelAuction,
    CloseAuction, CommitBid, CreateAuction, GetAuction, GetMarketKey, ListAuctionKinds,
    ListAuctions, MarketKey, RevealBid,
};
pub(super) use auction::{
    accept, bid, cancel, close, commit, create, get, key_of, kinds, list, reveal,
};
pub use ledger::{
    AuditLedger, CaptureHold, CreditsHeld, ExportLedger, GetStatement, HoldCredits, IssueCredits,
    ListAccounts, ListHolds, Posted, ReleaseHold, TransferCredits,
};
pub(super) use ledger::{
    accounts, audit, capture, export, hold, holds, issue, release, statement, transfer,
};
pub(super) use trades::Asks;
pub(crate) use trades::Trader;
pub use trades::{Look, Trades};

use covey_logic::agreed::Key;

use super::{Cause, UiError};

/// A key that makes it safe to ask again.
fn key(text: Option<String>) -> Result<Option<Key>, UiError> {
    let Some(text) = text else { return Ok(None) };
    let key = Key::new(&text);
    let refused = || Cause::Invalid { field: "key".to_owned(), value: text.clone() };
    Ok(Some(key.ok_or_else(refused)?))
}

/// Another wish was answered under the key that was given.
fn odd(done: &impl std::fmt::Debug) -> UiError {
    Cause::Invalid { field: "key".to_owned(), value: format!("{done:?}") }.into()
}
