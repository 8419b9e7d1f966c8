//! Open and ascending: everyone sees who leads and with how much.

use std::collections::VecDeque;

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
    name: "english",
    summary: "Everyone sees the highest bid, and may bid more. What leads is held; who is outbid has \
              the credits back at once.",
    rule: "The highest bid wins and is paid. Two bids are never equal: each is higher than the last.",
    options: &[
        OptionSpec::credits("reserve", Some(0), "The least that the lot is sold for."),
        OptionSpec::credits("increment", Some(1), "How much a bid has to be above the last, \
            at least."),
        OptionSpec::credits("buy_now", Some(0), "A bid of so much takes the lot at once, at this \
            price; 0: none does."),
        OptionSpec::ms("extension", 0, (0, 3_600_000), "A bid that comes later than so long before \
            the end moves the end to so long after it (against sniping); 0: none does."),
    ],
    offers: &["bid"],
};

/// One auction of the kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct English {
    reserve: Credits,
    increment: Credits,
    buy_now: Credits,
    extension: u64,
    opened: u64,
    closes: u64,
    extended: u64,
    bids: u64,
    /// The newest bids, the last of which leads.
    rungs: VecDeque<Rung>,
    /// What the leader's credits are held under.
    hold: Option<u64>,
    sold: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Rung {
    bidder: Account,
    amount: Credits,
    at: u64,
}

impl English {
    /// Bids that are kept to be shown: some screens of a ladder.
    const RUNGS: usize = 200;

    fn least(&self) -> Credits {
        let next = |last: &Rung| last.amount.checked_add(self.increment).unwrap_or(Credits::MAX);
        self.rungs.back().map_or(self.reserve.max(Credits::ONE), next)
    }

    /// How the last bid stands.
    fn last(&self) -> BidState {
        match (self.hold, self.sold) {
            (Some(_), _) => BidState::Leads,
            (None, true) => BidState::Won,
            (None, false) => BidState::Returned,
        }
    }

    fn climb(&mut self, rung: Rung) {
        self.bids = self.bids.saturating_add(1);
        if self.rungs.len() == Self::RUNGS {
            self.rungs.pop_front();
        }
        let moved = rung.at.saturating_add(self.extension);
        if self.extension > 0 && moved > self.closes {
            self.closes = moved;
            self.extended = self.extended.saturating_add(1);
        }
        self.rungs.push_back(rung);
    }
}

impl Mechanism for English {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn open(options: &Options, opened: u64, closes: u64) -> Result<Self, Refused> {
        let (reserve, buy_now) = (options.credits("reserve"), options.credits("buy_now"));
        if !buy_now.is_zero() && buy_now < reserve {
            return Err(Refused::OptionBounds {
                option: "buy_now".to_owned(),
                value: buy_now.get(),
                least: reserve.get(),
                most: Credits::MAX.get(),
            });
        }
        Ok(Self {
            reserve,
            increment: options.credits("increment").max(Credits::ONE),
            buy_now,
            extension: options.nanos("extension"),
            opened,
            closes,
            extended: 0,
            bids: 0,
            rungs: VecDeque::new(),
            hold: None,
            sold: false,
        })
    }

    fn take(
        &mut self,
        room: &mut Room<'_>,
        bidder: &Account,
        offer: &Offer,
    ) -> Result<(Taken, Option<Outcome>), Refused> {
        let Offer::Bid(amount) = offer else { return Err(KIND.refuses(offer)) };
        if self.leader() == Some(bidder) {
            return Err(Refused::Leads { account: bidder.clone() });
        }
        if *amount < self.least() {
            return Err(Refused::TooLow { least: self.least() });
        }
        let buys = !self.buy_now.is_zero() && *amount >= self.buy_now;
        let amount = if buys { self.buy_now.max(self.least()) } else { *amount };
        let hold = room.hold(bidder, amount)?;
        if let Some(outbid) = self.hold.replace(hold) {
            room.release(outbid);
        }
        self.climb(Rung { bidder: bidder.clone(), amount, at: room.clock() });
        if buys {
            return Ok((Taken::Won { price: amount }, self.proceed(room)));
        }
        Ok((Taken::Leads { closes: self.closes }, None))
    }

    fn phase(&self) -> Phase {
        Phase::Open
    }

    fn closes(&self) -> u64 {
        self.closes
    }

    fn proceed(&mut self, room: &mut Room<'_>) -> Option<Outcome> {
        let mut outcome = Outcome::default();
        if let (Some(hold), Some(best)) = (self.hold.take(), self.rungs.back()) {
            room.sell(&mut outcome, (hold, best.amount), best.amount);
            self.sold = true;
        }
        Some(outcome)
    }

    fn refund(&mut self, room: &mut Room<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        if let Some(hold) = self.hold.take() {
            room.refund(&mut outcome, hold);
        }
        outcome
    }

    fn asks(&self, _clock: u64) -> Option<Credits> {
        Some(self.least())
    }

    fn leader(&self) -> Option<&Account> {
        self.rungs.back().map(|rung| &rung.bidder)
    }

    fn bids(&self) -> u64 {
        self.bids
    }

    fn picture(&self, _clock: u64) -> Picture {
        let rows = (1..=self.bids).rev().zip(self.rungs.iter().rev());
        let row = |(place, rung): (u64, &Rung)| BidRow {
            place,
            bidder: rung.bidder.clone(),
            amount: Some(rung.amount),
            after_ms: rung.at.saturating_sub(self.opened) / 1_000_000,
            state: if place == self.bids { self.last() } else { BidState::Outbid },
        };
        Picture::Ladder {
            reserve: self.reserve,
            increment: self.increment,
            buy_now: (!self.buy_now.is_zero()).then_some(self.buy_now),
            extended: self.extended,
            rows: rows.map(row).collect(),
        }
    }
}
