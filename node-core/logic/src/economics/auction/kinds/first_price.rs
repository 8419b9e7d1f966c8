//! Sealed bids, of which the highest is paid.

use serde::{Deserialize, Serialize};

use crate::{
    credits::Credits,
    economics::{
        Account,
        auction::{
            Kind, Mechanism, Offer, Options, Outcome, Phase, Picture, Refused, Taken,
            kinds::sealed::{self, Sealed},
            room::Room,
        },
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstPrice(Sealed);

fn price(bid: Credits, _next: Option<Credits>, _reserve: Credits) -> Credits {
    bid
}

impl Mechanism for FirstPrice {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn open(options: &Options, opened: u64, closes: u64) -> Result<Self, Refused> {
        Ok(Self(Sealed::new(options, opened, closes)))
    }

    fn take(
        &mut self,
        room: &mut Room<'_>,
        bidder: &Account,
        offer: &Offer,
    ) -> Result<(Taken, Option<Outcome>), Refused> {
        self.0.take(&KIND, room, (bidder, offer))
    }

    fn phase(&self) -> Phase {
        self.0.phase()
    }

    fn closes(&self) -> u64 {
        self.0.closes()
    }

    fn due(&self) -> u64 {
        self.0.due()
    }

    fn proceed(&mut self, room: &mut Room<'_>) -> Option<Outcome> {
        self.0.proceed(room, price)
    }

    fn refund(&mut self, room: &mut Room<'_>) -> Outcome {
        self.0.refund(room)
    }

    fn asks(&self, _clock: u64) -> Option<Credits> {
        None
    }

    fn bids(&self) -> u64 {
        self.0.bids()
    }

    fn unopened(&self, account: &Account) -> Option<[u8; 32]> {
        self.0.unopened(account)
    }

    fn picture(&self, _clock: u64) -> Picture {
        self.0.picture()
    }
}
