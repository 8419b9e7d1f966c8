//! Who may act in whose name.

use super::{
    ADA, Account, BEN, Log, Name, Offer, Party, Phase, agent, auction, books, credits, terms,
};
use crate::economics::{auction::Refused, ledger};

#[test]
fn earlier_life_and_another_node_cannot_spend_what_an_agent_has() {
    let mut log = Log::funded();
    log.issue(Account::Agent(Name::new("crow").unwrap()), 100);

    log.pay(ADA, agent("crow", 5)).unwrap();
    let earlier = log.pay(ADA, agent("crow", 4));
    let elsewhere = log.pay(BEN, agent("crow", 5));
    log.pay(BEN, agent("crow", 6)).unwrap();
    let moved = log.pay(ADA, agent("crow", 5));

    let crow = || Name::new("crow").unwrap();
    assert_eq!(earlier, Err(ledger::Refused::EarlierLife { agent: crow() }));
    assert_eq!(elsewhere, Err(ledger::Refused::NotItsNode { agent: crow(), node: ADA }));
    assert_eq!(moved, Err(ledger::Refused::EarlierLife { agent: crow() }));
}

#[test]
fn bid_as_another_agent_is_refused() {
    let mut log = Log::funded();
    log.issue(Account::Agent(Name::new("crow").unwrap()), 100);
    let it = log.open("english", &[]);
    log.offer_as(BEN, agent("crow", 5), it, Offer::Bid(credits(1))).unwrap();

    let stolen = log.offer_as(ADA, agent("crow", 5), it, Offer::Bid(credits(2)));

    let refused = ledger::Refused::NotItsNode { agent: Name::new("crow").unwrap(), node: BEN };
    assert_eq!(stolen, Err(Refused::Ledger(refused)));
}

#[test]
fn seller_does_not_bid_and_nobody_else_closes_or_cancels() {
    let mut log = Log::funded();
    let it = log.open("english", &[]);

    let own = log.bid(ADA, it, 5);
    let close = log.auction(BEN, auction::Act::Close { auction: it, seller: Party::Owner });

    assert_eq!(own, Err(Refused::OwnAuction { auction: it, account: Account::Owner(ADA) }));
    let stranger = Refused::NotSeller { auction: it, account: Account::Owner(BEN) };
    assert_eq!(close, Err(stranger.clone()));
    assert_eq!(log.cancel(BEN, it), Err(stranger));
}

#[test]
fn only_those_that_are_named_may_bid() {
    let mut log = Log::funded();
    let mut of = terms("english", &[]);
    of.qualification.bidders = vec![Account::Agent(Name::new("crow").unwrap())];
    let it = log.create(ADA, of).unwrap();

    let refused = log.bid(BEN, it, 5);

    assert_eq!(refused, Err(Refused::NotQualified { auction: it, account: Account::Owner(BEN) }));
}

#[test]
fn cancelling_gives_everything_back_once() {
    let mut log = Log::funded();
    let it = log.open("english", &[]);
    log.bid(BEN, it, 500).unwrap();

    log.cancel(ADA, it).unwrap();

    assert_eq!((log.owner(ADA), log.owner(BEN)), (1_000, 1_000));
    let over = Refused::Over { auction: it, phase: Phase::Cancelled };
    assert_eq!(log.cancel(ADA, it), Err(over.clone()));
    assert_eq!(log.proceed(it, Phase::Open), Err(over));
}

impl Log {
    fn pay(&mut self, by: crate::NodeId, from: Party) -> Result<books::Done, ledger::Refused> {
        let to = Account::Fees;
        self.books(by, books::Act::Transfer { from, to, amount: credits(1) })
    }

    pub(super) fn cancel(
        &mut self,
        by: crate::NodeId,
        auction: u64,
    ) -> Result<auction::Done, Refused> {
        let (seller, reason) = (Party::Owner, "changed my mind".to_owned());
        self.auction(by, auction::Act::Cancel { auction, seller, reason })
    }
}
