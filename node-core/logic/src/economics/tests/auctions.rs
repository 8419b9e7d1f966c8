//! English and Dutch auctions, and what all kinds share.

use super::{
    ADA, Account, BEN, CAL, Duration, Fact, Log, Offer, Phase, SECOND, auction, credits, terms,
};
use crate::economics::{
    Auctions,
    auction::{KINDS, Picture, Refused, Taken},
    ledger,
};

#[test]
fn highest_bid_wins_and_who_is_outbid_has_the_credits_at_once() {
    let mut log = Log::funded();
    let it = log.open("english", &[("reserve", 50), ("increment", 10)]);

    assert_eq!(log.bid(BEN, it, 49), Err(Refused::TooLow { least: credits(50) }));
    log.bid(BEN, it, 50).unwrap();
    assert_eq!(log.owner(BEN), 950);
    assert_eq!(log.bid(CAL, it, 59), Err(Refused::TooLow { least: credits(60) }));
    assert!(matches!(log.bid(BEN, it, 70), Err(Refused::Leads { .. })));
    log.bid(CAL, it, 60).unwrap();
    assert_eq!((log.owner(BEN), log.owner(CAL)), (1_000, 940));

    assert_eq!(log.pass(it), Phase::Sold);
    assert_eq!(log.sale(it), Some((Account::Owner(CAL), 60, 60)));
    assert_eq!((log.owner(ADA), log.owner(CAL)), (1_060, 940));
}

#[test]
fn auction_is_settled_once_whoever_says_so() {
    let mut log = Log::funded();
    let it = log.open("english", &[]);
    log.bid(BEN, it, 5).unwrap();

    let early = log.proceed(it, Phase::Open);
    log.pass(it);
    let again = log.proceed(it, Phase::Open);

    assert_eq!(early, Err(Refused::TooEarly { auction: it, wait_ms: 10_000 }));
    assert_eq!(again, Err(Refused::Over { auction: it, phase: Phase::Sold }));
    assert_eq!(log.owner(ADA), 1_005);
    let closed = |fact: &&Fact| matches!(fact, Fact::AuctionClosed { .. });
    assert_eq!(log.facts.iter().filter(closed).count(), 1);
}

#[test]
fn bid_that_cannot_be_paid_is_refused() {
    let mut log = Log::funded();
    let it = log.open("english", &[]);

    let refused = log.bid(BEN, it, 1_001);

    let short = |refused: &_| matches!(refused, ledger::Refused::Insufficient { .. });
    assert!(matches!(refused, Err(Refused::Ledger(refused)) if short(&refused)));
}

#[test]
fn bid_near_the_end_moves_the_end() {
    let mut log = Log::funded();
    let it = log.open("english", &[("extension", 3_000)]);

    log.clock = 8 * SECOND;
    let taken = log.bid(BEN, it, 5).unwrap();
    log.clock = 10 * SECOND;
    let early = log.proceed(it, Phase::Open);
    log.clock = 11 * SECOND;
    let late = log.bid(CAL, it, 9);

    assert_eq!(taken, Taken::Leads { closes: 11 * SECOND });
    assert!(matches!(early, Err(Refused::TooEarly { wait_ms: 1_000, .. })));
    assert_eq!(late, Err(Refused::Late { auction: it }));
}

#[test]
fn buying_now_ends_it_at_that_price() {
    let mut log = Log::funded();
    let it = log.open("english", &[("buy_now", 100)]);
    log.bid(CAL, it, 20).unwrap();

    let taken = log.bid(BEN, it, 400).unwrap();

    assert_eq!(taken, Taken::Won { price: credits(100) });
    assert_eq!((log.owner(ADA), log.owner(BEN), log.owner(CAL)), (1_100, 900, 1_000));
}

#[test]
fn price_falls_with_the_clock_and_the_first_takes_it() {
    let mut log = Log::funded();
    let it = log.open("dutch", &[("start", 100), ("floor", 30), ("step", 20), ("interval", 1_000)]);
    let accept = |most| Offer::Accept(credits(most));

    log.clock = 2 * SECOND - 1;
    let above = log.offer(BEN, it, accept(60));
    log.clock = 2 * SECOND;
    let taken = log.offer(CAL, it, accept(75));
    let second = log.offer(BEN, it, accept(100));

    assert_eq!(above, Err(Refused::PriceAbove { price: credits(80) }));
    assert_eq!(taken, Ok(Taken::Won { price: credits(60) }));
    assert_eq!(second, Err(Refused::Over { auction: it, phase: Phase::Sold }));
    assert_eq!((log.owner(ADA), log.owner(CAL)), (1_060, 940));
}

#[test]
fn price_stops_at_the_floor_and_nobody_need_take_it() {
    let mut log = Log::funded();
    let it = log.open("dutch", &[("start", 100), ("floor", 30), ("step", 20)]);

    let view = log.value.auctions().get(it).unwrap().view(it, 9 * SECOND, true);
    let Some(Picture::Clock { price, falls_in_ms, .. }) = view.picture else { panic!("{view:?}") };
    assert_eq!((price, falls_in_ms), (credits(30), None));
    assert_eq!(log.pass(it), Phase::Unsold);
    assert_eq!(log.sale(it), None);
}

#[test]
fn terms_that_do_not_hold_are_refused() {
    let mut log = Log::funded();
    let mut create = |kind, options: &[_], duration| {
        let duration = Duration::from_millis(duration);
        log.create(ADA, auction::Terms { duration, ..terms(kind, options) }).unwrap_err()
    };

    assert!(matches!(create("combinatorial", &[], 1_000), Refused::NoKind { .. }));
    assert!(matches!(create("english", &[("floor", 1)], 1_000), Refused::NoOption { .. }));
    assert!(matches!(create("english", &[("increment", 0)], 1_000), Refused::OptionBounds { .. }));
    assert!(matches!(create("english", &[], 1), Refused::Duration { .. }));
    assert!(matches!(create("dutch", &[], 1_000), Refused::OptionBounds { .. }));
    let short = [("reserve", 10), ("buy_now", 9)];
    assert!(matches!(create("english", &short, 1_000), Refused::OptionBounds { .. }));
}

#[test]
fn every_kind_takes_only_what_it_says_it_takes() {
    let offers = [
        Offer::Bid(credits(9)),
        Offer::Accept(credits(9)),
        Offer::Commit([0; 32]),
        Offer::Reveal { amount: credits(9), nonce: [0; 32] },
    ];
    for kind in KINDS {
        let needed = kind.options.iter().filter(|option| option.default.is_none());
        let needed: Vec<(&str, u64)> = needed.map(|option| (option.name, 1)).collect();
        for offer in &offers {
            let mut log = Log::funded();
            let it = log.open(kind.name, &needed);
            let taken = log.offer(BEN, it, offer.clone());
            let refused = matches!(taken, Err(Refused::NotOfKind { .. }));
            assert_eq!(!refused, kind.offers.contains(&offer.as_str()), "{}: {offer:?}", kind.name);
        }
    }
}

#[test]
fn oldest_of_those_that_are_over_are_forgotten() {
    let mut log = Log::funded();
    for _ in 0..=Auctions::KEPT {
        let it = log.open("english", &[]);
        log.auction(ADA, auction::Act::Close { auction: it, seller: super::Party::Owner }).unwrap();
    }

    assert_eq!(log.proceed(1, Phase::Open), Err(Refused::NoAuction { auction: 1 }));
    assert_eq!(log.value.auctions().over().count(), Auctions::KEPT);
}

#[test]
fn value_survives_its_encoding() {
    let mut log = Log::funded();
    for (kind, options) in [("english", vec![]), ("dutch", vec![("start", 9), ("step", 1)])] {
        log.open(kind, &options);
    }
    log.bid(BEN, 1, 5).unwrap();

    let bytes = postcard::to_allocvec(&log.value).unwrap();

    assert_eq!(postcard::from_bytes::<super::Economics>(&bytes).unwrap(), log.value);
}
