//! Accounts and auctions, act by act; and by seeds against a model.
#![expect(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

mod auctions;
mod ledger;
mod parties;
mod rents;
mod sealed;
mod seeds;

use std::time::Duration;

use super::{
    Account, Act, Economics, Party, Refused, Wished,
    auction::{self, Offer, Outcome, Phase, Qualification, Taken, Terms},
    ledger as books,
};
use crate::{
    credits::Credits,
    event::Fact,
    ids::{Epoch, Name, NodeId},
    time::Wall,
};

const ADA: NodeId = NodeId([1; 32]);
const BEN: NodeId = NodeId([2; 32]);
const CAL: NodeId = NodeId([3; 32]);
const SECOND: u64 = 1_000_000_000;

/// The value after some acts, which are balanced after each.
#[derive(Default)]
struct Log {
    value: Economics,
    number: u64,
    clock: u64,
    facts: Vec<Fact>,
}

impl Log {
    /// Each owner has a thousand credits.
    fn funded() -> Self {
        let mut log = Self::default();
        for node in [ADA, BEN, CAL] {
            log.issue(Account::Owner(node), 1_000);
        }
        log
    }

    fn wished(&mut self, by: NodeId) -> Wished {
        self.number += 1;
        Wished { number: self.number, by, at: Wall(self.number), clock: self.clock }
    }

    fn apply(&mut self, by: NodeId, act: impl Into<Act>) -> super::Outcome {
        let wished = self.wished(by);
        let before = self.value.clone();
        let done = self.value.apply(&wished, act.into(), &mut self.facts);
        assert!(done.is_ok() || self.value == before, "a refused act changes nothing");
        assert!(self.value.ledger().is_balanced(), "$1, $2 after {done:?}");
        done
    }

    fn books(&mut self, by: NodeId, act: books::Act) -> Result<books::Done, books::Refused> {
        match self.apply(by, act) {
            Ok(super::Done::Ledger(done)) => Ok(done),
            Err(Refused::Ledger(refused)) => Err(refused),
            other => panic!("{other:?}"),
        }
    }

    fn auction(
        &mut self,
        by: NodeId,
        act: auction::Act,
    ) -> Result<auction::Done, auction::Refused> {
        match self.apply(by, act) {
            Ok(super::Done::Auction(done)) => Ok(done),
            Err(Refused::Auction(refused)) => Err(refused),
            other => panic!("{other:?}"),
        }
    }

    fn issue(&mut self, to: Account, amount: u64) {
        self.books(ADA, books::Act::Issue { to, amount: credits(amount) }).unwrap();
    }

    fn open(&mut self, kind: &str, options: &[(&str, u64)]) -> u64 {
        self.create(ADA, terms(kind, options)).unwrap()
    }

    fn create(&mut self, by: NodeId, terms: Terms) -> Result<u64, auction::Refused> {
        let act = auction::Act::Create { seller: Party::Owner, terms };
        let auction::Done::Opened { auction } = self.auction(by, act)? else {
            panic!("it opens");
        };
        Ok(auction)
    }

    fn offer(&mut self, by: NodeId, auction: u64, offer: Offer) -> Result<Taken, auction::Refused> {
        self.offer_as(by, Party::Owner, auction, offer)
    }

    fn offer_as(
        &mut self,
        by: NodeId,
        party: Party,
        auction: u64,
        offer: Offer,
    ) -> Result<Taken, auction::Refused> {
        let act = auction::Act::Offer { auction, offers: vec![(party, offer)] };
        let auction::Done::Offered(mut results) = self.auction(by, act)? else {
            panic!("an offer is answered as one");
        };
        results.pop().unwrap()
    }

    fn bid(&mut self, by: NodeId, auction: u64, amount: u64) -> Result<Taken, auction::Refused> {
        self.offer(by, auction, Offer::Bid(credits(amount)))
    }

    fn proceed(&mut self, auction: u64, phase: Phase) -> Result<Phase, auction::Refused> {
        let act = auction::Act::Proceed { auction, phase };
        let auction::Done::Proceeded { phase } = self.auction(CAL, act)? else {
            panic!("it goes on");
        };
        Ok(phase)
    }

    /// Lets the time of its phase pass.
    fn pass(&mut self, auction: u64) -> Phase {
        let it = self.value.auctions().get(auction).unwrap();
        let (due, phase) = (it.due(), it.phase);
        self.clock = self.clock.max(due);
        self.proceed(auction, phase).unwrap()
    }

    fn outcome(&self, auction: u64) -> Outcome {
        self.value.auctions().get(auction).unwrap().outcome.clone().unwrap()
    }

    /// Who won, what was bid, and what is paid.
    fn sale(&self, auction: u64) -> Option<(Account, u64, u64)> {
        let sale = self.outcome(auction).sale?;
        Some((sale.winner, sale.bid.get(), sale.price.get()))
    }

    fn balance(&self, account: &Account) -> i64 {
        self.value.ledger().balance(account)
    }

    fn owner(&self, node: NodeId) -> i64 {
        self.balance(&Account::Owner(node))
    }
}

fn terms(kind: &str, options: &[(&str, u64)]) -> Terms {
    Terms {
        kind: kind.to_owned(),
        lot: "an hour of a GPU".to_owned(),
        duration: Duration::from_secs(10),
        options: options.iter().map(|(name, some)| ((*name).to_owned(), *some)).collect(),
        qualification: Qualification::default(),
        solicits: false,
    }
}

fn credits(amount: u64) -> Credits {
    Credits::new(amount).unwrap()
}

fn agent(name: &str, epoch: u64) -> Party {
    Party::Agent { name: Name::new(name).unwrap(), epoch: Epoch(epoch) }
}
