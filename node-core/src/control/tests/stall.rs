//! A market without a cluster: everything is agreed on at once.

use std::sync::{Mutex, MutexGuard};

use covey_logic::{
    Credits, NodeId, Wall,
    agreed::{Agreed, Denied, Entry, Granted, Key},
    economics::{
        Account, Act, Done, Party,
        auction::{self, Offer, Taken, Terms},
        ledger,
    },
};

use super::double::THIS;
use crate::{
    control::{Look, Trades, UiError, backend::Answer},
    handle::Freshness,
    market::SealedOpening,
};

/// A market of this node's user alone, who has a thousand credits, and in which another node sells by
/// each way of bidding: auction 1 takes bids, 2 has a price, 3 takes sealed bids, and of 4, in which
/// this user sells, nobody has bid; of 5 sealed bids are opened, one of them this user's.
pub(super) struct Stall(Mutex<Agreed>);

impl Stall {
    pub(super) fn new() -> Self {
        let stall = Self(Mutex::default());
        let amount = Credits::new(1_000).unwrap();
        stall.apply(THIS, ledger::Act::Issue { to: Account::Owner(THIS), amount }.into()).unwrap();
        let other = super::double::OTHER;
        stall.apply(other, sells("english", &[])).unwrap();
        stall.apply(other, sells("dutch", &[("start", 9), ("step", 1)])).unwrap();
        stall.apply(other, sells("vickrey", &[])).unwrap();
        stall.apply(THIS, sells("english", &[])).unwrap();
        stall.apply(other, sells("vickrey", &[])).unwrap();
        let amount_bid = Credits::new(5).unwrap();
        let sealed = auction::commitment(5, &Account::Owner(THIS), amount_bid, &[7; 32]);
        let offers = vec![(Party::Owner, Offer::Commit(sealed))];
        stall.apply(THIS, auction::Act::Offer { auction: 5, offers }.into()).unwrap();
        let close = auction::Act::Close { auction: 5, seller: Party::Owner };
        stall.apply(other, close.into()).unwrap();
        let from = Party::Owner;
        let to = Account::Owner(THIS);
        let span = std::time::Duration::from_secs(60);
        stall
            .apply(other, ledger::Act::Issue { to: Account::Owner(other), amount }.into())
            .unwrap();
        stall.apply(other, ledger::Act::Hold { from, to, amount, span }.into()).unwrap();
        stall
    }

    fn state(&self) -> MutexGuard<'_, Agreed> {
        self.0.lock().unwrap()
    }

    fn apply(&self, by: NodeId, act: Act) -> Result<Done, UiError> {
        let mut state = self.state();
        let at = Wall(state.revision() + 1);
        let entry = Entry { actor: by, at, key: None, clock: 0, wish: act.into() };
        match state.apply(entry) {
            Ok(Granted::Economics(done)) => Ok(done),
            Err(Denied::Economics(refused)) => Err(refused.into()),
            other => panic!("the market is asked about itself: {other:?}"),
        }
    }
}

fn sells(kind: &str, options: &[(&str, u64)]) -> Act {
    let terms = Terms {
        kind: kind.to_owned(),
        lot: "an hour".to_owned(),
        duration: std::time::Duration::from_secs(60),
        options: options.iter().map(|(name, some)| ((*name).to_owned(), *some)).collect(),
        qualification: auction::Qualification::default(),
        solicits: false,
    };
    auction::Act::Create { seller: Party::Owner, terms }.into()
}

impl Trades for Stall {
    fn agree(&self, act: Act, _key: Option<Key>) -> Answer<'_, Done> {
        Box::pin(async move { self.apply(THIS, act) })
    }

    fn offer(&self, auction: u64, offer: Offer, _key: Option<Key>) -> Answer<'_, Taken> {
        Box::pin(async move {
            let act = auction::Act::Offer { auction, offers: vec![(Party::Owner, offer)] };
            let Done::Auction(auction::Done::Offered(mut results)) =
                self.apply(THIS, act.into())?
            else {
                panic!("an offer is answered as an offer");
            };
            let refused = covey_logic::economics::Refused::Auction;
            Ok(results.pop().unwrap().map_err(refused)?)
        })
    }

    fn commit(
        &self,
        (auction, commitment): (u64, [u8; 32]),
        _opening: Option<SealedOpening>,
        key: Option<Key>,
    ) -> Answer<'_, Taken> {
        self.offer(auction, Offer::Commit(commitment), key)
    }

    fn look<'a>(&'a self, _freshness: Freshness, look: Look<'a>) -> Answer<'a, ()> {
        look(&self.state(), 0);
        Box::pin(async { Ok(()) })
    }

    fn key(&self) -> String {
        "04".repeat(65)
    }

    fn party(&self) -> Party {
        Party::Owner
    }
}
