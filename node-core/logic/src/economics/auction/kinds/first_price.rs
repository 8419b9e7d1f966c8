//! Sealed bids, of which the highest is paid.

use serde::{Deserialize, Serialize};

use crate::{
    credits::Credits,
    economics::auction::{
        Kind,
        kinds::sealed::{self, Pricing, SealedBids},
    },
};

pub(super) const KIND: Kind = Kind {
    name: "first_price",
    summary: "Nobody sees a bid before all are in. Then each bidder opens its own, or forfeits the \
              deposit.",
    rule: "The highest bid wins and is paid; of equal bids that which was committed first.",
    options: sealed::OPTIONS,
    offers: sealed::OFFERS,
};

/// One auction of the kind.
pub type FirstPrice = SealedBids<Highest>;

/// The winner pays what it bid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(unnameable_types, reason = "it tells the kind apart, and nothing else")]
pub struct Highest;

impl Pricing for Highest {
    const KIND: &'static Kind = &KIND;

    fn price(bid: Credits, _next: Option<Credits>, _reserve: Credits) -> Credits {
        bid
    }
}
