//! Commands about auctions.

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{
    Credits, Name,
    agreed::Agreed,
    economics::{
        Account, Done, Refused,
        auction::{self, Act, AuctionView, KindView, Offer, Phase, Qualification, Taken, Terms},
    },
    ids::unhex,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Asks, key, odd};
use crate::{
    control::{Cause, UiError},
    handle::Freshness,
    market::SealedOpening,
};

/// Opens an auction in which this node's user, or the agent that asks, sells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CreateAuction {
    /// The kind, by its name; `auction.kinds` lists them.
    pub kind: String,
    /// What is sold, in words; 256 bytes at most.
    pub lot: String,
    /// How long bids are taken, in milliseconds.
    #[ts(type = "number")]
    pub duration_ms: u64,
    /// Options of the kind, by name; the others are as the kind says.
    #[serde(default)]
    #[ts(optional, as = "Option<BTreeMap<String, u32>>")]
    pub options: BTreeMap<String, u64>,
    /// Only agents with this capability may bid.
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub capability: Option<Name>,
    /// Only these accounts may bid; none: all.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<Account>>")]
    pub bidders: Vec<Account>,
    /// Whether every node asks its agents that may bid.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub solicit: bool,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// An auction that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuctionOpened {
    /// Its number.
    #[ts(type = "number")]
    pub auction: u64,
}

/// Bids so much, for all to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BidInAuction {
    /// In which auction.
    #[ts(type = "number")]
    pub auction: u64,
    /// How much.
    pub amount: Credits,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Takes the lot at the price of the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AcceptPrice {
    /// In which auction.
    #[ts(type = "number")]
    pub auction: u64,
    /// The most that is paid: the price may differ when the cluster agrees.
    pub most: Credits,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Makes a sealed bid: whoever asks has computed the commitment, so that the amount goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CommitBid {
    /// In which auction.
    #[ts(type = "number")]
    pub auction: u64,
    /// The commitment, in 64 hexadecimal digits.
    pub commitment: String,
    /// The opening, sealed with `market.key`: this node opens the bid by itself when bids are opened.
    #[serde(default)]
    #[ts(optional)]
    pub opening: Option<SealedOpening>,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Opens a sealed bid, while bids are opened and not before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RevealBid {
    /// In which auction.
    #[ts(type = "number")]
    pub auction: u64,
    /// How much was bid.
    pub amount: Credits,
    /// What was committed with it, in 64 hexadecimal digits.
    pub nonce: String,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// A bid that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BidTaken {
    /// What became of it.
    pub taken: Taken,
}

/// Ends an auction before its time, or, if bids are sealed, has them opened: the seller's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CloseAuction {
    /// Which.
    #[ts(type = "number")]
    pub auction: u64,
}

/// Takes the lot back, before any sealed bid is opened: the seller's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CancelAuction {
    /// Which.
    #[ts(type = "number")]
    pub auction: u64,
    /// Why, for people; 256 bytes at most.
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub reason: String,
}

/// Where an auction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuctionPhaseNow {
    /// Its phase.
    pub phase: Phase,
}

/// Lists auctions: those that are open, and the last that are over, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListAuctions {
    /// How many that are over at most; 50 if nothing is said, 1,000 at most.
    #[serde(default)]
    #[ts(optional)]
    pub over: Option<u32>,
    /// Whether this node may answer from what it has, which may be old, without asking a majority.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub stale: bool,
}

/// Shows one auction with what is to be drawn of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetAuction {
    /// Which.
    #[ts(type = "number")]
    pub auction: u64,
    /// Whether this node may answer from what it has, which may be old, without asking a majority.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub stale: bool,
}

/// Lists the kinds of auctions, with what can be chosen in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListAuctionKinds {}

/// Shows the key to seal openings of this node's user with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetMarketKey {}

/// The key to seal openings with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MarketKey {
    /// A point of P-256, uncompressed, in 130 hexadecimal digits.
    pub key: String,
}

pub(in crate::control) async fn create(
    asks: &impl Asks,
    asked: CreateAuction,
) -> Result<AuctionOpened, UiError> {
    let CreateAuction { kind, lot, duration_ms, options, capability, bidders, solicit, .. } = asked;
    let duration = Duration::from_millis(duration_ms);
    let qualification = Qualification { capability, bidders };
    let terms = Terms { kind, lot, duration, options, qualification, solicits: solicit };
    let market = asks.market();
    let act = Act::Create { seller: market.party(), terms };
    match market.agree(act.into(), key(asked.key)?).await? {
        Done::Auction(auction::Done::Opened { auction }) => Ok(AuctionOpened { auction }),
        other @ (Done::Auction(_) | Done::Ledger(_) | Done::Rent(_)) => Err(odd(&other)),
    }
}

pub(in crate::control) async fn bid(
    asks: &impl Asks,
    asked: BidInAuction,
) -> Result<BidTaken, UiError> {
    let BidInAuction { auction, amount, key: text } = asked;
    let taken = asks.market().offer(auction, Offer::Bid(amount), key(text)?).await?;
    Ok(BidTaken { taken })
}

pub(in crate::control) async fn accept(
    asks: &impl Asks,
    asked: AcceptPrice,
) -> Result<BidTaken, UiError> {
    let AcceptPrice { auction, most, key: text } = asked;
    let taken = asks.market().offer(auction, Offer::Accept(most), key(text)?).await?;
    Ok(BidTaken { taken })
}

pub(in crate::control) async fn commit(
    asks: &impl Asks,
    asked: CommitBid,
) -> Result<BidTaken, UiError> {
    let CommitBid { auction, commitment, opening, key: text } = asked;
    let commitment = digits("commitment", &commitment)?;
    let taken = asks.market().commit((auction, commitment), opening, key(text)?).await?;
    Ok(BidTaken { taken })
}

pub(in crate::control) async fn reveal(
    asks: &impl Asks,
    asked: RevealBid,
) -> Result<BidTaken, UiError> {
    let RevealBid { auction, amount, nonce, key: text } = asked;
    let offer = Offer::Reveal { amount, nonce: digits("nonce", &nonce)? };
    Ok(BidTaken { taken: asks.market().offer(auction, offer, key(text)?).await? })
}

pub(in crate::control) async fn close(
    asks: &impl Asks,
    asked: CloseAuction,
) -> Result<AuctionPhaseNow, UiError> {
    let market = asks.market();
    let act = Act::Close { auction: asked.auction, seller: market.party() };
    proceeded(&market.agree(act.into(), None).await?)
}

pub(in crate::control) async fn cancel(
    asks: &impl Asks,
    asked: CancelAuction,
) -> Result<AuctionPhaseNow, UiError> {
    let CancelAuction { auction, reason } = asked;
    let market = asks.market();
    let act = Act::Cancel { auction, seller: market.party(), reason };
    proceeded(&market.agree(act.into(), None).await?)
}

pub(in crate::control) async fn list(
    asks: &impl Asks,
    asked: ListAuctions,
) -> Result<Vec<AuctionView>, UiError> {
    /// What is over and listed if nothing is said: some screens.
    const OVER: u32 = 50;

    let over = usize::try_from(asked.over.unwrap_or(OVER)).unwrap_or(usize::MAX);
    let mut listed = Vec::new();
    let look = |agreed: &Agreed, clock: u64| {
        let auctions = agreed.economics().auctions();
        let all = auctions.open().rev().chain(auctions.over().rev().take(over));
        listed = all.map(|(number, it)| it.view(number, clock, false)).collect();
    };
    asks.market().look(freshness(asked.stale), Box::new(look)).await?;
    Ok(listed)
}

pub(in crate::control) async fn get(
    asks: &impl Asks,
    asked: GetAuction,
) -> Result<AuctionView, UiError> {
    let GetAuction { auction, stale } = asked;
    let mut found = None;
    let look = |agreed: &Agreed, clock: u64| {
        let it = agreed.economics().auctions().get(auction);
        found = it.map(|it| it.view(auction, clock, true));
    };
    asks.market().look(freshness(stale), Box::new(look)).await?;
    found.ok_or_else(|| Refused::from(auction::Refused::NoAuction { auction }).into())
}

pub(in crate::control) async fn kinds(
    _: &impl Asks,
    _: ListAuctionKinds,
) -> Result<Vec<KindView>, UiError> {
    Ok(KindView::all())
}

pub(in crate::control) async fn key_of(
    asks: &impl Asks,
    _: GetMarketKey,
) -> Result<MarketKey, UiError> {
    Ok(MarketKey { key: asks.market().key() })
}

fn proceeded(done: &Done) -> Result<AuctionPhaseNow, UiError> {
    match done {
        Done::Auction(auction::Done::Proceeded { phase }) => Ok(AuctionPhaseNow { phase: *phase }),
        Done::Auction(_) | Done::Ledger(_) | Done::Rent(_) => Err(odd(done)),
    }
}

pub(super) fn freshness(stale: bool) -> Freshness {
    if stale { Freshness::Stale } else { Freshness::Linearizable }
}

fn digits(field: &str, text: &str) -> Result<[u8; 32], UiError> {
    let bad = || Cause::Invalid { field: field.to_owned(), value: String::new() };
    Ok(unhex(text).ok_or_else(bad)?)
}
