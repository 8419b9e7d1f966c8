//! Sealed bids: commit, reveal, forfeit; first price and second price.

use super::{ADA, Account, BEN, CAL, Log, NodeId, Offer, Phase, credits};
use crate::economics::auction::{BidState, Picture, Refused, Taken, commitment};

#[test]
fn winner_pays_its_bid_under_first_price_and_the_next_under_vickrey() {
    for (kind, price) in [("first_price", 300), ("vickrey", 200)] {
        let mut log = Log::funded();
        let it = log.open(kind, &[("deposit", 20)]);
        log.commit(BEN, it, 300).unwrap();
        log.commit(CAL, it, 200).unwrap();
        assert_eq!(log.pass(it), Phase::Revealing);
        log.reveal(CAL, it, 200).unwrap();
        log.reveal(BEN, it, 300).unwrap();

        assert_eq!(log.proceed(it, Phase::Revealing), Ok(Phase::Sold), "at once: all are open");
        assert_eq!(log.sale(it), Some((Account::Owner(BEN), 300, price)), "{kind}");
        let paid = i64::try_from(price).unwrap();
        assert_eq!((log.owner(ADA), log.owner(BEN)), (1_000 + paid, 1_000 - paid));
        assert_eq!(log.owner(CAL), 1_000);
    }
}

#[test]
fn only_bidder_pays_the_reserve_under_vickrey() {
    let mut log = Log::funded();
    let it = log.open("vickrey", &[("reserve", 70)]);
    log.commit(BEN, it, 300).unwrap();
    log.pass(it);
    log.reveal(BEN, it, 300).unwrap();

    log.pass(it);

    assert_eq!(log.sale(it), Some((Account::Owner(BEN), 300, 70)));
}

#[test]
fn of_equal_bids_the_first_commitment_wins_in_whatever_order_they_are_opened() {
    for order in [[BEN, CAL], [CAL, BEN]] {
        let mut log = Log::funded();
        let it = log.open("first_price", &[]);
        log.commit(CAL, it, 200).unwrap();
        log.commit(BEN, it, 200).unwrap();
        log.pass(it);
        for node in order {
            log.reveal(node, it, 200).unwrap();
        }
        log.pass(it);

        assert_eq!(log.sale(it), Some((Account::Owner(CAL), 200, 200)));
    }
}

#[test]
fn deposit_of_who_does_not_open_goes_to_the_fees() {
    let mut log = Log::funded();
    let it = log.open("first_price", &[("deposit", 20)]);
    log.commit(BEN, it, 300).unwrap();
    log.commit(CAL, it, 200).unwrap();
    log.pass(it);
    log.reveal(CAL, it, 200).unwrap();

    log.pass(it);
    let late = log.reveal(BEN, it, 300);

    assert_eq!(log.sale(it), Some((Account::Owner(CAL), 200, 200)));
    assert_eq!((log.owner(BEN), log.balance(&Account::Fees)), (980, 20));
    assert_eq!(late, Err(Refused::RevealLate { auction: it }));
}

#[test]
fn reveal_that_is_early_late_false_again_or_of_a_stranger_is_refused_with_its_own_error() {
    let mut log = Log::funded();
    let it = log.open("vickrey", &[("reveal", 1_000)]);
    log.commit(BEN, it, 300).unwrap();
    let again = log.commit(BEN, it, 301);
    let early = log.reveal(BEN, it, 300);
    log.pass(it);
    let late_commit = log.commit(CAL, it, 300);
    let fake = log.reveal(BEN, it, 301);
    let stranger = log.reveal(CAL, it, 300);
    log.clock += 1_000_000_000;
    let late = log.reveal(BEN, it, 300);

    let account = Account::Owner(BEN);
    assert_eq!(again, Err(Refused::Committed { account: account.clone() }));
    assert_eq!(early, Err(Refused::RevealEarly { auction: it }));
    assert_eq!(late_commit, Err(Refused::Late { auction: it }));
    assert_eq!(fake, Err(Refused::FalseReveal { account }));
    assert_eq!(stranger, Err(Refused::NotCommitted { account: Account::Owner(CAL) }));
    assert_eq!(late, Err(Refused::RevealLate { auction: it }));
}

#[test]
fn bid_that_is_opened_twice_or_cannot_be_paid_is_refused() {
    let mut log = Log::funded();
    let it = log.open("first_price", &[]);
    log.commit(BEN, it, 2_000).unwrap();
    log.commit(CAL, it, 200).unwrap();
    log.pass(it);
    log.reveal(CAL, it, 200).unwrap();

    let unpaid = log.reveal(BEN, it, 2_000);
    let twice = log.reveal(CAL, it, 200);

    assert!(matches!(unpaid, Err(Refused::Ledger(_))), "{unpaid:?}");
    assert_eq!(twice, Err(Refused::Revealed { account: Account::Owner(CAL) }));
}

#[test]
fn bid_below_the_reserve_counts_for_nothing_and_costs_nothing() {
    let mut log = Log::funded();
    let it = log.open("first_price", &[("reserve", 100)]);
    log.commit(BEN, it, 99).unwrap();
    log.pass(it);

    assert_eq!(log.reveal(BEN, it, 99), Ok(Taken::BelowReserve));
    assert_eq!(log.pass(it), Phase::Unsold);
    assert_eq!(log.owner(BEN), 1_000);
}

#[test]
fn commitment_says_nothing_of_the_amount_and_binds_all_of_it() {
    let of = |auction, node, amount, nonce| {
        commitment(auction, &Account::Owner(node), credits(amount), &[nonce; 32])
    };
    let mut all = vec![of(1, BEN, 5, 7), of(2, BEN, 5, 7), of(1, CAL, 5, 7), of(1, BEN, 6, 7)];
    all.push(of(1, BEN, 5, 8));

    all.sort_unstable();
    all.dedup();

    assert_eq!(all.len(), 5);
    let golden = commitment(7, &Account::Agent("crow".parse().unwrap()), credits(42), &[1; 32]);
    assert_eq!(crate::ids::hex(&golden), GOLDEN, "as docs/market.md computes it");
}

/// `printf 'covey sealed bid 1\n7\nagent/crow\n42\n%s\n' $(printf '01%.0s' $(seq 32)) | sha256sum`
const GOLDEN: &str = "8ec2753d85c846b66ca81761fafe660cbad51f4ab661de244fb61b643b3ba5ab";

#[test]
fn picture_shows_no_amount_before_it_is_open() {
    let mut log = Log::funded();
    let it = log.open("vickrey", &[]);
    log.commit(BEN, it, 300).unwrap();
    log.commit(CAL, it, 200).unwrap();
    log.pass(it);
    log.reveal(CAL, it, 200).unwrap();

    let view = log.value.auctions().get(it).unwrap().view(it, log.clock, true);
    let Some(Picture::Envelopes { rows, .. }) = view.picture else { panic!("{view:?}") };

    let shown: Vec<_> = rows.iter().map(|row| (row.amount, row.state)).collect();
    assert_eq!(shown, [(None, BidState::Sealed), (Some(credits(200)), BidState::Revealed)]);
}

#[test]
fn cancelled_before_bids_are_open_gives_deposits_back() {
    let mut log = Log::funded();
    let (one, two) = (log.open("vickrey", &[]), log.open("vickrey", &[]));
    log.commit(BEN, one, 300).unwrap();
    log.commit(BEN, two, 300).unwrap();
    log.cancel(ADA, one).unwrap();
    log.pass(two);

    assert_eq!(log.owner(BEN), 990);
    assert_eq!(log.cancel(ADA, two), Err(Refused::Opening { auction: two }));
}

impl Log {
    pub(super) fn commit(
        &mut self,
        by: NodeId,
        auction: u64,
        amount: u64,
    ) -> Result<Taken, Refused> {
        let sealed = commitment(auction, &Account::Owner(by), credits(amount), &NONCE);
        self.offer(by, auction, Offer::Commit(sealed))
    }

    pub(super) fn reveal(
        &mut self,
        by: NodeId,
        auction: u64,
        amount: u64,
    ) -> Result<Taken, Refused> {
        self.offer(by, auction, Offer::Reveal { amount: credits(amount), nonce: NONCE })
    }
}

const NONCE: [u8; 32] = [9; 32];
