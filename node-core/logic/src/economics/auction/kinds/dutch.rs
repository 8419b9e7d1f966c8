//! A price that falls with time, until the first takes it.

use serde::{Deserialize, Serialize};

use crate::{
    credits::Credits,
    economics::{
        Account,
        auction::{
            BidRow, BidState, Kind, Mechanism, Offer, OptionSpec, Options, Outcome, Phase, Picture,
            Refused, Taken, room::Room,
        },
    },
};

pub(super) const KIND: Kind = Kind {
    name: "dutch",
    summary: "The price falls step by step, by the cluster's clock. Whoever takes it first has the \
              lot.",
    rule: "The first who accepts wins, in the order in which the cluster agrees, and pays the price \
           of that moment.",
    options: &[
        OptionSpec::credits("start", None, "The price at the beginning."),
        OptionSpec::credits("floor", Some(0), "The least that the price falls to."),
        OptionSpec::credits("step", None, "How much it falls each time."),
        OptionSpec::ms("interval", 1_000, (10, 86_400_000), "How often it falls."),
    ],
    offers: &["accept"],
};

/// One auction of the kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dutch {
    start: Credits,
    floor: Credits,
    step: Credits,
    interval: u64,
    opened: u64,
    closes: u64,
    taken: Option<(Account, Credits, u64)>,
}

impl Dutch {
    fn steps(&self, clock: u64) -> u64 {
        clock.saturating_sub(self.opened).checked_div(self.interval).unwrap_or_default()
    }

    fn price(&self, clock: u64) -> Credits {
        let fallen = Credits::new(self.step.get().saturating_mul(self.steps(clock)));
        self.start.without(fallen.unwrap_or(Credits::MAX)).max(self.floor).max(Credits::ONE)
    }

    /// In how long it falls next; none if it does no more.
    fn next_in(&self, clock: u64) -> Option<u64> {
        let last = self.price(clock) <= self.floor.max(Credits::ONE);
        let next = self.steps(clock).saturating_add(1).saturating_mul(self.interval);
        (!last).then(|| self.opened.saturating_add(next).saturating_sub(clock))
    }
}

impl Mechanism for Dutch {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn open(options: &Options, opened: u64, closes: u64) -> Result<Self, Refused> {
        let (start, floor) = (options.credits("start"), options.credits("floor"));
        if floor > start {
            return Err(Refused::OptionBounds {
                option: "floor".to_owned(),
                value: floor.get(),
                least: 0,
                most: start.get(),
            });
        }
        let (step, interval) = (options.credits("step"), options.nanos("interval"));
        Ok(Self { start, floor, step, interval, opened, closes, taken: None })
    }

    fn take(
        &mut self,
        room: &mut Room<'_>,
        bidder: &Account,
        offer: &Offer,
    ) -> Result<(Taken, Option<Outcome>), Refused> {
        let Offer::Accept(most) = offer else { return Err(KIND.refuses(offer)) };
        let price = self.price(room.clock());
        if *most < price {
            return Err(Refused::PriceAbove { price });
        }
        let hold = room.hold(bidder, price)?;
        self.taken = Some((bidder.clone(), price, room.clock()));
        let mut outcome = Outcome::default();
        room.sell(&mut outcome, (hold, price), price);
        Ok((Taken::Won { price }, Some(outcome)))
    }

    fn phase(&self) -> Phase {
        Phase::Open
    }

    fn closes(&self) -> u64 {
        self.closes
    }

    fn proceed(&mut self, _room: &mut Room<'_>) -> Option<Outcome> {
        Some(Outcome::default())
    }

    fn refund(&mut self, _room: &mut Room<'_>) -> Outcome {
        Outcome::default()
    }

    fn asks(&self, clock: u64) -> Option<Credits> {
        Some(self.price(clock))
    }

    fn bids(&self) -> u64 {
        u64::from(self.taken.is_some())
    }

    fn picture(&self, clock: u64) -> Picture {
        let row = |(bidder, amount, at): &(Account, Credits, u64)| BidRow {
            place: 1,
            bidder: bidder.clone(),
            amount: Some(*amount),
            after_ms: at.saturating_sub(self.opened) / 1_000_000,
            state: BidState::Won,
        };
        let clock = self.taken.as_ref().map_or(clock, |(_, _, at)| *at).min(self.closes);
        Picture::Clock {
            start: self.start,
            floor: self.floor.max(Credits::ONE),
            step: self.step,
            interval_ms: self.interval / 1_000_000,
            lasts_ms: self.closes.saturating_sub(self.opened) / 1_000_000,
            price: self.price(clock),
            falls_in_ms: self.next_in(clock).map(|nanos| nanos / 1_000_000),
            taken: self.taken.as_ref().map(row),
        }
    }
}
