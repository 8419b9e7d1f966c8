//! What bidders and sellers do: whatever comes to their mind, or one auction.

use std::time::Duration;

use covey_logic::{
    Credits,
    economics::{
        Account, Party,
        auction::{self, Offer, Qualification, Terms, commitment},
        ledger,
    },
};

use super::bazaar::{Bazaar, KINDS, NODES, SECOND, STORM_ENDS, Turn, credits};

impl Bazaar {
    pub(super) fn trade(&mut self) {
        if let Some(kind) = self.kind {
            return self.play_one(kind);
        }
        if self.now > STORM_ENDS || !self.trades {
            return;
        }
        let delay = self.dice.micros(10_000, 150_000) * 1_000;
        self.after(delay, Turn::Trade);
        let by = self.dice.index(NODES);
        let amount = credits(1 + self.dice.below(900));
        let to = Account::Owner(self.nodes[self.dice.index(NODES)].id);
        match self.dice.below(10) {
            0 => {
                let kind = KINDS[self.dice.index(KINDS.len())];
                let terms = self.terms(kind);
                self.want(by, auction::Act::Create { seller: Party::Owner, terms }.into());
            }
            1 => self.want(by, ledger::Act::Transfer { from: Party::Owner, to, amount }.into()),
            2 => {
                let span = Duration::from_millis(self.dice.below(5_000));
                self.want(by, ledger::Act::Hold { from: Party::Owner, to, amount, span }.into());
            }
            3 => {
                let holds = self.truth.economics().ledger().holds().map(|(hold, _)| hold);
                let holds: Vec<u64> = holds.collect();
                let Some(hold) = self.dice.pick(&holds).copied() else { return };
                let act = if self.dice.chance(500) {
                    ledger::Act::Release { hold, by: Party::Owner }
                } else {
                    ledger::Act::Capture { hold, by: Party::Owner, amount: Some(amount) }
                };
                self.want(by, act.into());
            }
            4 if self.dice.chance(200) => {
                let open = self.truth.economics().auctions().open().map(|(number, _)| number);
                let open: Vec<u64> = open.collect();
                let Some(auction) = self.dice.pick(&open).copied() else { return };
                let (seller, reason) = (Party::Owner, String::new());
                self.want(by, auction::Act::Cancel { auction, seller, reason }.into());
            }
            _ => {
                let open = self.truth.economics().auctions().open().map(|(number, _)| number);
                let open: Vec<u64> = open.collect();
                let Some(auction) = self.dice.pick(&open).copied() else { return };
                self.bid(by, auction, amount);
            }
        }
    }

    /// The first opens an auction, the others bid.
    fn play_one(&mut self, kind: &'static str) {
        let open = self.truth.economics().auctions().open().next().map(|(number, _)| number);
        if let Some(auction) = open {
            self.kind = None;
            for by in 1..NODES {
                for _ in 0..2 {
                    let amount = credits(1 + self.dice.below(900));
                    self.bid(by, auction, amount);
                }
            }
            return;
        }
        if self.wanted.len() == NODES {
            let terms = self.terms(kind);
            self.want(0, auction::Act::Create { seller: Party::Owner, terms }.into());
        }
        self.after(SECOND / 20, Turn::Trade);
    }

    fn bid(&mut self, by: usize, auction: u64, amount: Credits) {
        let Some(it) = self.truth.economics().auctions().get(auction) else { return };
        let offer = match it.rules.mechanism().kind().name {
            "english" => Offer::Bid(amount),
            "dutch" => Offer::Accept(amount),
            _ => {
                let nonce = self.dice.bytes();
                let account = Account::Owner(self.nodes[by].id);
                self.sealed.entry((auction, by)).or_insert((amount, nonce));
                let (amount, nonce) = self.sealed[&(auction, by)];
                Offer::Commit(commitment(auction, &account, amount, &nonce))
            }
        };
        let delay = self.dice.micros(0, 1_500_000) * 1_000;
        let offers = vec![(Party::Owner, offer)];
        self.want_after(delay, by, auction::Act::Offer { auction, offers }.into());
    }

    fn terms(&mut self, kind: &str) -> Terms {
        let options: &[(&str, u64)] = match kind {
            "english" => &[("increment", 5), ("extension", 300), ("buy_now", 850)],
            "dutch" => &[("start", 900), ("step", 50), ("interval", 100), ("floor", 50)],
            _ => &[("reveal", 2_000), ("reserve", 20)],
        };
        Terms {
            kind: kind.to_owned(),
            lot: "an hour".to_owned(),
            duration: Duration::from_millis(1_000 + self.dice.below(2_000)),
            options: options.iter().map(|(name, some)| ((*name).to_owned(), *some)).collect(),
            qualification: Qualification::default(),
            solicits: false,
        }
    }
}
