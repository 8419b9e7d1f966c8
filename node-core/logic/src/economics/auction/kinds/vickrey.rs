//! Sealed bids, of which the second highest is paid.

use serde::{Deserialize, Serialize};

use crate::{
    credits::Credits,
    economics::auction::{
        Kind,
        kinds::sealed::{self, Pricing, SealedBids},
    },
};

pub(super) const KIND: Kind = Kind {
    name: "vickrey",
    summary: "Nobody sees a bid before all are in. Then each bidder opens its own, or forfeits the \
              deposit. The winner pays less than it bid, so it is best to bid what the lot is worth.",
    rule: "The highest bid wins, of equal bids that which was committed first; it pays the second \
           highest, or the reserve if there is none.",
    options: sealed::OPTIONS,
    offers: sealed::OFFERS,
};

/// One auction of the kind.
pub type Vickrey = SealedBids<SecondHighest>;

/// The next bid, or the reserve if there is none: so it is best to bid what the lot is worth
/// (Vickrey, *Counterspeculation, Auctions, and Competitive Sealed Tenders*, 1961).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(unnameable_types, reason = "it tells the kind apart, and nothing else")]
pub struct SecondHighest;

impl Pricing for SecondHighest {
    const KIND: &'static Kind = &KIND;

    fn price(_bid: Credits, next: Option<Credits>, reserve: Credits) -> Credits {
        next.unwrap_or(reserve)
    }
}
