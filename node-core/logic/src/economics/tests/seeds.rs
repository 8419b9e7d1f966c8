//! Any acts in any order, by seeds, against what must hold of them.

use std::collections::BTreeMap;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::{
    ADA, Account, BEN, CAL, Credits, Duration, Log, Name, NodeId, Offer, Party, Phase, agent,
    auction, books, terms,
};
use crate::economics::auction::commitment;

const SEEDS: u64 = 300;
const ACTS: u64 = 400;
const NODES: [NodeId; 3] = [ADA, BEN, CAL];

/// $1 to $3 after every entry ([`Log::apply`] checks the first two), no amount from nowhere, every
/// hold at an end once all is over; under second price nobody pays more than was bid.
#[test]
fn credits_are_conserved_and_every_hold_ends_for_every_seed() {
    let (mut sold, mut refused) = (0, 0);
    for seed in 0..SEEDS {
        let mut play = Play::new(seed);

        for _ in 0..ACTS {
            play.step();
        }
        play.finish();

        let ledger = play.log.value.ledger();
        assert_eq!(ledger.holds().count(), 0, "seed {seed}: every hold ends");
        assert_eq!(ledger.balance(&Account::Escrow), 0, "seed {seed}");
        assert_eq!(ledger.audit().faults, [], "seed {seed}");
        (sold, refused) = (sold + play.sold, refused + play.refused);
    }
    assert!(sold > SEEDS && refused > SEEDS, "something happens: {sold} sold, {refused} refused");
}

/// A bidder of sealed bids cannot gain by the order in which bids are opened.
#[test]
fn outcome_of_sealed_bids_is_the_same_in_whatever_order_they_are_opened() {
    for seed in 0..SEEDS {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let kind = if seed % 2 == 0 { "vickrey" } else { "first_price" };
        let amounts: Vec<u64> = (0..6).map(|_| 1 + u64::from(dice.next_u32()) % 20).collect();
        let mut outcomes = Vec::new();
        for turn in 0..3 {
            let mut order: Vec<usize> = (0..amounts.len()).collect();
            order.rotate_left(turn * 2);
            if turn == 2 {
                order.reverse();
            }
            outcomes.push(sealed_outcome(kind, &amounts, &order));
        }

        outcomes.dedup();

        assert_eq!(outcomes.len(), 1, "seed {seed}");
        let best = amounts.iter().max().unwrap();
        let first = amounts.iter().position(|amount| amount == best).unwrap();
        let (winner, bid, price) = outcomes[0].clone().unwrap();
        let mut sorted = amounts.clone();
        sorted.sort_unstable();
        let next = sorted[sorted.len() - 2];
        assert_eq!(winner, Account::Agent(name(first)), "seed {seed}");
        let due = if kind == "vickrey" { next } else { *best };
        assert_eq!((bid, price), (*best, due), "seed {seed}: {amounts:?}");
    }
}

fn sealed_outcome(kind: &str, amounts: &[u64], order: &[usize]) -> Option<(Account, u64, u64)> {
    let mut log = Log::funded();
    let it = log.open(kind, &[]);
    let nonce = |place: usize| [u8::try_from(place).unwrap(); 32];
    for (place, amount) in amounts.iter().enumerate() {
        let account = Account::Agent(name(place));
        log.issue(account.clone(), 100);
        let sealed = commitment(it, &account, super::credits(*amount), &nonce(place));
        log.offer_as(BEN, party(place), it, Offer::Commit(sealed)).unwrap();
    }
    log.pass(it);
    for place in order {
        let amount = super::credits(amounts[*place]);
        let offer = Offer::Reveal { amount, nonce: nonce(*place) };
        log.offer_as(BEN, party(*place), it, offer).unwrap();
    }
    log.pass(it);
    log.sale(it)
}

fn name(place: usize) -> Name {
    Name::new(&format!("bidder-{place}")).unwrap()
}

fn party(place: usize) -> Party {
    agent(&format!("bidder-{place}"), 1)
}

/// Nodes that do whatever comes to their mind.
struct Play {
    log: Log,
    dice: ChaCha8Rng,
    /// What was committed, to be opened: of which auction, by whom.
    sealed: BTreeMap<(u64, NodeId), (Credits, [u8; 32])>,
    sold: u64,
    refused: u64,
    seed: u64,
}

impl Play {
    fn new(seed: u64) -> Self {
        let dice = ChaCha8Rng::seed_from_u64(seed);
        Self { log: Log::funded(), dice, sealed: BTreeMap::new(), sold: 0, refused: 0, seed }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.dice.next_u64() % end
    }

    fn amount(&mut self) -> Credits {
        let most = if self.below(10) == 0 { Credits::MAX.get() } else { 400 };
        Credits::new(self.below(most + 1)).unwrap()
    }

    fn node(&mut self) -> NodeId {
        NODES[usize::try_from(self.below(3)).unwrap()]
    }

    fn account(&mut self) -> Account {
        match self.below(8) {
            0 => Account::Fees,
            1 => Account::Escrow,
            2 => Account::Issue,
            3 => Account::Agent(name(0)),
            _ => Account::Owner(self.node()),
        }
    }

    fn auction(&mut self) -> u64 {
        let newest = self.log.value.auctions().open().next_back().map_or(1, |(number, _)| number);
        newest.saturating_sub(self.below(6))
    }

    fn step(&mut self) {
        self.log.clock += self.below(700_000_000);
        let (by, amount) = (self.node(), self.amount());
        let done = match self.below(12) {
            0 => self.create(by),
            1 => {
                let (from, to) = (self.party(), self.account());
                self.log.apply(by, books::Act::Transfer { from, to, amount }).is_ok()
            }
            2 => {
                let (from, to) = (Party::Owner, self.account());
                let span = Duration::from_millis(self.below(5_000));
                self.log.apply(by, books::Act::Hold { from, to, amount, span }).is_ok()
            }
            3 => self.settle_hold(by, amount),
            4 if self.below(20) == 0 => {
                let to = self.account();
                self.log.apply(by, books::Act::Issue { to, amount }).is_ok()
            }
            5 => {
                let auction = self.auction();
                self.log.cancel(by, auction).is_ok()
            }
            6 | 7 => self.proceed(),
            _ => self.offer(by, amount),
        };
        self.refused += u64::from(!done);
    }

    fn party(&mut self) -> Party {
        if self.below(3) == 0 { agent("bidder-0", 1 + self.below(3)) } else { Party::Owner }
    }

    fn create(&mut self, by: NodeId) -> bool {
        let terms = match self.below(4) {
            0 => terms("english", &[("extension", 2_000), ("buy_now", 300)]),
            1 => terms("dutch", &[("start", 200), ("step", 10), ("floor", 20)]),
            2 => terms("first_price", &[("reveal", 3_000), ("reserve", 40)]),
            _ => terms("vickrey", &[("reveal", 3_000), ("deposit", 30)]),
        };
        self.log.create(by, terms).is_ok()
    }

    fn settle_hold(&mut self, by: NodeId, amount: Credits) -> bool {
        let holds: Vec<u64> = self.log.value.ledger().holds().map(|(hold, _)| hold).collect();
        let Some(place) = usize::try_from(self.below(holds.len() as u64 + 1)).ok() else {
            return false;
        };
        let hold = holds.get(place).copied().unwrap_or(999_999);
        let by_party = Party::Owner;
        let act = match self.below(3) {
            0 => books::Act::Expire { hold },
            1 => books::Act::Release { hold, by: by_party },
            _ => books::Act::Capture { hold, by: by_party, amount: Some(amount) },
        };
        self.log.apply(by, act).is_ok()
    }

    fn proceed(&mut self) -> bool {
        let auction = self.auction();
        let phase = if self.below(2) == 0 { Phase::Open } else { Phase::Revealing };
        let done = self.log.proceed(auction, phase);
        if done == Ok(Phase::Sold) {
            self.sold += 1;
            let (_, bid, price) = self.log.sale(auction).unwrap();
            assert!(price <= bid, "seed {}: {price} for {bid}", self.seed);
        }
        done.is_ok()
    }

    fn offer(&mut self, by: NodeId, amount: Credits) -> bool {
        let auction = self.auction();
        let offer = match self.below(5) {
            0 => Offer::Bid(amount),
            1 => Offer::Accept(amount),
            2 => {
                let nonce = [u8::try_from(self.below(256)).unwrap(); 32];
                let sealed = commitment(auction, &Account::Owner(by), amount, &nonce);
                let result = self.log.offer(by, auction, Offer::Commit(sealed));
                if result.is_ok() {
                    self.sealed.insert((auction, by), (amount, nonce));
                }
                return result.is_ok();
            }
            _ => {
                let known = self.sealed.get(&(auction, by)).copied();
                let (amount, nonce) = known.unwrap_or((amount, [0; 32]));
                Offer::Reveal { amount, nonce }
            }
        };
        let party = if matches!(offer, Offer::Bid(_)) { self.party() } else { Party::Owner };
        let result = self.log.offer_as(by, party, auction, offer);
        self.sold += u64::from(matches!(result, Ok(auction::Taken::Won { .. })));
        result.is_ok()
    }

    /// Time passes until nothing is left to do.
    fn finish(&mut self) {
        self.log.clock += 1_000_000_000_000;
        for _ in 0..2 {
            let open: Vec<(u64, Phase)> =
                self.log.value.auctions().open().map(|(number, it)| (number, it.phase)).collect();
            for (number, phase) in open {
                self.log.proceed(number, phase).unwrap();
            }
            self.log.clock += 1_000_000_000_000;
        }
        let holds: Vec<u64> = self.log.value.ledger().holds().map(|(hold, _)| hold).collect();
        for hold in holds {
            self.log.books(ADA, books::Act::Expire { hold }).unwrap();
        }
    }
}
