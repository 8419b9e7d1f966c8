//! Auctions for people: one picture for each way in which bids can be drawn.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    credits::Credits,
    economics::{
        Account,
        auction::{Auction, KINDS, Kind, OptionSpec, Outcome, Phase, Qualification, Tally, Unit},
    },
    ids::NodeId,
    time::Wall,
};

/// One auction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuctionView {
    /// Its number.
    #[ts(type = "number")]
    pub auction: u64,
    /// Its kind.
    pub kind: String,
    /// What is sold.
    pub lot: String,
    /// Who sells.
    pub seller: Account,
    /// The node through which it was opened.
    #[ts(type = "string")]
    pub by: NodeId,
    /// Where it is.
    pub phase: Phase,
    /// When it was opened, in milliseconds since 1970 by that node's wall clock.
    #[ts(type = "number")]
    pub at: Wall,
    /// How long it was open, in milliseconds; until it ended, if it did.
    #[ts(type = "number")]
    pub open_ms: u64,
    /// In how long its phase is over, in milliseconds; none if the auction is.
    #[ts(type = "number | null")]
    pub due_in_ms: Option<u64>,
    /// The least to bid, or the price; none if that is nobody's to know, or it is over.
    pub asks: Option<Credits>,
    /// Who leads, where that can be known.
    pub leader: Option<Account>,
    /// How many bids there were.
    #[ts(type = "number")]
    pub bids: u64,
    /// Who may bid.
    pub qualification: Qualification,
    /// Whether nodes ask their agents that may bid.
    pub solicits: bool,
    /// Whom they asked.
    pub asked: Vec<Tally>,
    /// Who wins and what the winner pays, in a sentence.
    pub rule: String,
    /// What is to be drawn; none in a list.
    pub picture: Option<Picture>,
    /// How it ended; without what changed hands in a list.
    pub outcome: Option<Outcome>,
    /// Why it was cancelled.
    pub reason: Option<String>,
}

/// What is to be drawn of an auction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "drawn")]
#[ts(rename = "AuctionPicture")]
pub enum Picture {
    /// Bids that go up.
    Ladder {
        /// The least that the lot is sold for.
        reserve: Credits,
        /// How much a bid has to be above the last.
        increment: Credits,
        /// What takes the lot at once.
        buy_now: Option<Credits>,
        /// How often the end was moved.
        #[ts(type = "number")]
        extended: u64,
        /// The newest bids, newest first.
        rows: Vec<BidRow>,
    },
    /// A price that falls.
    Clock {
        /// The price at the beginning.
        start: Credits,
        /// The least that it falls to.
        floor: Credits,
        /// How much it falls each time.
        step: Credits,
        /// How often, in milliseconds.
        #[ts(type = "number")]
        interval_ms: u64,
        /// For how long it can be taken, in milliseconds.
        #[ts(type = "number")]
        lasts_ms: u64,
        /// What it is, or was when it was taken.
        price: Credits,
        /// In how long it falls next, in milliseconds; none if it does no more.
        #[ts(type = "number | null")]
        falls_in_ms: Option<u64>,
        /// Who took it.
        taken: Option<BidRow>,
    },
    /// Bids that nobody can read until they are opened.
    Envelopes {
        /// The least that the lot is sold for.
        reserve: Credits,
        /// What each leaves with a bid.
        deposit: Credits,
        /// How long bids are opened, in milliseconds.
        #[ts(type = "number")]
        reveal_ms: u64,
        /// In the order of commitments.
        rows: Vec<BidRow>,
    },
}

/// One bid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BidRow {
    /// Its place in the order of bids, from 1.
    #[ts(type = "number")]
    pub place: u64,
    /// Whose.
    pub bidder: Account,
    /// How much; none while it is sealed.
    pub amount: Option<Credits>,
    /// How long after the opening, in milliseconds.
    #[ts(type = "number")]
    pub after_ms: u64,
    /// How it stands.
    pub state: BidState,
}

/// How a bid stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BidState {
    /// It leads.
    Leads,
    /// Another was higher.
    Outbid,
    /// It won.
    Won,
    /// Nobody can read it yet.
    Sealed,
    /// It was opened.
    Revealed,
    /// It was opened, and is too low to count.
    BelowReserve,
    /// It was not opened in time.
    Forfeited,
    /// It was given back unopened.
    Returned,
}

/// A kind of auction, for a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "AuctionKindView")]
pub struct KindView {
    /// Its name.
    pub name: String,
    /// How it goes.
    pub summary: String,
    /// Who wins and what the winner pays.
    pub rule: String,
    /// What can be chosen.
    pub options: Vec<OptionView>,
    /// What bidders do in it.
    pub offers: Vec<String>,
}

/// An option of a kind, for a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "AuctionOptionView")]
pub struct OptionView {
    /// Its name.
    pub name: String,
    /// What its number counts.
    pub unit: Unit,
    /// What it is if nobody says; none: it has to be given.
    #[ts(type = "number | null")]
    pub default: Option<u64>,
    /// The least.
    #[ts(type = "number")]
    pub least: u64,
    /// The most.
    #[ts(type = "number")]
    pub most: u64,
    /// What it does.
    pub doc: String,
}

impl KindView {
    /// Every kind.
    #[must_use]
    pub fn all() -> Vec<Self> {
        KINDS.iter().map(Self::from).collect()
    }
}

impl From<&Kind> for KindView {
    fn from(kind: &Kind) -> Self {
        Self {
            name: kind.name.to_owned(),
            summary: kind.summary.to_owned(),
            rule: kind.rule.to_owned(),
            options: kind.options.iter().map(OptionView::from).collect(),
            offers: kind.offers.iter().map(|offer| (*offer).to_owned()).collect(),
        }
    }
}

impl From<&OptionSpec> for OptionView {
    fn from(option: &OptionSpec) -> Self {
        let OptionSpec { name, unit, default, least, most, doc } = *option;
        Self { name: name.to_owned(), unit, default, least, most, doc: doc.to_owned() }
    }
}

impl Auction {
    /// As people read it when the group's clock is at `clock`; `whole` with its picture and all that
    /// changed hands.
    #[must_use]
    pub fn view(&self, auction: u64, clock: u64, whole: bool) -> AuctionView {
        let rules = self.rules.mechanism();
        let over = self.phase.is_over();
        let end = if over { self.ended } else { clock };
        let mut outcome = self.outcome.clone();
        if let (Some(outcome), false) = (&mut outcome, whole) {
            outcome.flows.clear();
        }
        AuctionView {
            auction,
            kind: rules.kind().name.to_owned(),
            lot: self.lot.clone(),
            seller: self.seller.clone(),
            by: self.by,
            phase: self.phase,
            at: self.at,
            open_ms: end.saturating_sub(self.opened) / 1_000_000,
            due_in_ms: (!over).then(|| self.due().saturating_sub(clock) / 1_000_000),
            asks: rules.asks(clock).filter(|_| !over),
            leader: rules.leader().cloned(),
            bids: rules.bids(),
            qualification: self.qualification.clone(),
            solicits: self.solicits,
            asked: self.asked.clone(),
            rule: rules.kind().rule.to_owned(),
            picture: whole.then(|| rules.picture(end)),
            outcome,
            reason: self.reason.clone(),
        }
    }
}
