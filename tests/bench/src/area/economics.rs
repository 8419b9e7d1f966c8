//! Auctions: how many a second three voters take in from their opening to the payment.
//!
//! Three nodes that all vote, as for what is agreed on. An auction has a hundred bidders, agents of the
//! node that leads, whose bids it hands in together, as it does for agents that it asked; the figures
//! that end in `_each` hand in every bid by itself. Sixty-four auctions are in flight at a time. What is
//! measured alone takes no disk, no network and one core: the rules and the ledger.

use std::time::Instant;

use covey_logic::{
    Credits, Epoch, Name, NodeId, Wall,
    economics::{
        Account, Act, Done, Economics, Party, Wished,
        auction::{self, Offer, Phase, Qualification, Terms, commitment},
        ledger,
    },
};
use covey_node::market::Market;
use tokio::task::JoinSet;

use super::{
    RUNS,
    consensus::{leads, refused},
    registry::together,
};
use crate::{
    error::BenchError,
    figure::Report,
    machine::float,
    site::{Company, Site},
    wait::{PATIENCE, until},
    worker::{Worker, embed},
};

/// Each kind, and what its figures are called.
const KINDS: [(&str, &str, &str); 4] = [
    ("english", "auction_100_english", "auction_pure_english"),
    ("dutch", "auction_100_dutch", "auction_pure_dutch"),
    ("first_price", "auction_100_first_price", "auction_pure_first_price"),
    ("vickrey", "auction_100_vickrey", "auction_pure_vickrey"),
];
const BIDDERS: u64 = 100;
/// Auctions that are in flight at a time, and how many each of them has after it in a run.
const IN_FLIGHT: usize = 64;
const EACH: usize = 5;
/// Auctions of a run of the rules alone.
const ALONE: u64 = 2_000;
/// What each bidder has: enough for all auctions of a run that it leads at a time.
const FUNDS: u64 = 1_000_000_000;
const NONCE: [u8; 32] = [7; 32];

pub(super) async fn measure(report: &mut Report) -> Result<(), BenchError> {
    for (kind, _, name) in KINDS {
        alone(report, (kind, name))?;
    }
    let site = Site::new()?;
    let node = embed(site.data("leads", Company::Keyed)?).await?;
    let workers = [
        Worker::start(&site.data("votes", Company::Keyed)?).await?,
        Worker::start(&site.data("votes_too", Company::Keyed)?).await?,
    ];
    together(&node, 3).await?;
    let group = node.primitives();
    until("three vote, and the bench leads", PATIENCE, async || leads(&group)).await?;
    let market = node.market();
    for bidder in 0..BIDDERS {
        let issue = ledger::Act::Issue { to: account(bidder)?, amount: credits(FUNDS)? };
        agree(&market, issue).await?;
    }
    for (kind, name, _) in KINDS {
        durable(report, &market, (kind, name), auction::Act::MOST).await?;
    }
    durable(report, &market, ("english", "auction_100_english_each"), 1).await?;
    drop(workers);
    node.kill().await;
    Ok(())
}

/// Auctions of one kind, whose bids are handed in so many at a time.
async fn durable(
    report: &mut Report,
    market: &Market,
    (kind, name): (&'static str, &'static str),
    together: usize,
) -> Result<(), BenchError> {
    let mut rates = Vec::new();
    for run in 0..=RUNS {
        let begun = Instant::now();
        let mut flying = JoinSet::new();
        for _ in 0..IN_FLIGHT {
            let market = market.clone();
            flying.spawn(async move {
                for _ in 0..EACH {
                    Box::pin(one(&market, kind, together)).await?;
                }
                Ok::<(), BenchError>(())
            });
        }
        while let Some(done) = flying.join_next().await {
            done.map_err(|error| refused(kind, &error))??;
        }
        let rate = float(IN_FLIGHT * EACH) / begun.elapsed().as_secs_f64();
        rates.extend((run > 0).then_some(rate));
    }
    report.median(name, "1/s", &rates);
    Ok(())
}

/// One auction, from its opening to the payment.
async fn one(market: &Market, kind: &str, together: usize) -> Result<(), BenchError> {
    let create = auction::Act::Create { seller: Party::Owner, terms: terms(kind) };
    let done = agree(market, create).await?;
    let Done::Auction(auction::Done::Opened { auction }) = done else {
        return Err(refused("auction.create", &"it is not open"));
    };
    for offers in bids(kind, auction)?.chunks(together) {
        agree(market, auction::Act::Offer { auction, offers: offers.to_vec() }).await?;
    }
    let seller = Party::Owner;
    match kind {
        // The last bidder took the lot.
        "dutch" => {}
        "english" => drop(agree(market, auction::Act::Close { auction, seller }).await?),
        _ => {
            agree(market, auction::Act::Close { auction, seller }).await?;
            for offers in reveals()?.chunks(together) {
                agree(market, auction::Act::Offer { auction, offers: offers.to_vec() }).await?;
            }
            let phase = Phase::Revealing;
            // The steward of the auction may have said it first: all bids are open.
            drop(market.agree(auction::Act::Proceed { auction, phase }, None).await);
        }
    }
    Ok(())
}

async fn agree(market: &Market, act: impl Into<Act>) -> Result<Done, BenchError> {
    market.agree(act, None).await.map_err(|error| refused("economics", &error))
}

/// The rules and the ledger alone; what bidders work out is worked out before.
fn alone(
    report: &mut Report,
    (kind, name): (&'static str, &'static str),
) -> Result<(), BenchError> {
    let mut rates = Vec::new();
    for run in 0..=RUNS {
        let mut table = Table::new()?;
        let acts: Vec<_> =
            (1..=ALONE).map(|auction| acts(kind, auction)).collect::<Result<_, _>>()?;
        let begun = Instant::now();
        for act in acts.into_iter().flatten() {
            table.apply(act)?;
        }
        let rate = float(usize::try_from(ALONE).unwrap_or(0)) / begun.elapsed().as_secs_f64();
        rates.extend((run > 0).then_some(rate));
    }
    report.median(name, "1/s", &rates);
    Ok(())
}

/// All of an auction.
fn acts(kind: &str, auction: u64) -> Result<Vec<auction::Act>, BenchError> {
    let seller = Party::Owner;
    let create = auction::Act::Create { seller: seller.clone(), terms: terms(kind) };
    let mut acts = vec![create, auction::Act::Offer { auction, offers: bids(kind, auction)? }];
    if kind != "dutch" {
        acts.push(auction::Act::Close { auction, seller });
    }
    if !["dutch", "english"].contains(&kind) {
        acts.push(auction::Act::Offer { auction, offers: reveals()? });
        acts.push(auction::Act::Proceed { auction, phase: Phase::Revealing });
    }
    Ok(acts)
}

/// The value without a group.
struct Table {
    value: Economics,
    number: u64,
}

impl Table {
    const OWNER: NodeId = NodeId([1; 32]);

    fn new() -> Result<Self, BenchError> {
        let mut table = Self { value: Economics::default(), number: 0 };
        for bidder in 0..BIDDERS {
            let amount = credits(FUNDS)?;
            table.apply(ledger::Act::Issue { to: account(bidder)?, amount })?;
        }
        Ok(table)
    }

    fn apply(&mut self, act: impl Into<Act>) -> Result<(), BenchError> {
        self.number += 1;
        let wished = Wished { number: self.number, by: Self::OWNER, at: Wall(0), clock: 0 };
        let done = self.value.apply(&wished, act.into(), &mut Vec::new());
        done.map(drop).map_err(|error| refused("economics", &error))
    }
}

/// What a hundred bidders offer, the least first.
fn bids(kind: &str, auction: u64) -> Result<Vec<(Party, Offer)>, BenchError> {
    let offer = |bidder: u64| {
        let amount = credits(bidder + 1)?;
        let offer = match kind {
            "english" => Offer::Bid(amount),
            "dutch" => Offer::Accept(amount),
            _ => Offer::Commit(commitment(auction, &account(bidder)?, amount, &NONCE)),
        };
        Ok((party(bidder)?, offer))
    };
    (0..BIDDERS).map(offer).collect()
}

fn reveals() -> Result<Vec<(Party, Offer)>, BenchError> {
    let offer = |bidder: u64| {
        let amount = credits(bidder + 1)?;
        Ok((party(bidder)?, Offer::Reveal { amount, nonce: NONCE }))
    };
    (0..BIDDERS).map(offer).collect()
}

fn terms(kind: &str) -> Terms {
    let options: &[(&str, u64)] = match kind {
        // The last of the bidders pays as much.
        "dutch" => &[("start", BIDDERS), ("step", 1), ("interval", 60_000)],
        "english" => &[],
        _ => &[("deposit", 1), ("reveal", 60_000)],
    };
    Terms {
        kind: kind.to_owned(),
        lot: "an hour".to_owned(),
        duration: std::time::Duration::from_secs(600),
        options: options.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        qualification: Qualification::default(),
        solicits: false,
    }
}

fn party(bidder: u64) -> Result<Party, BenchError> {
    Ok(Party::Agent { name: name(bidder)?, epoch: Epoch(1) })
}

fn account(bidder: u64) -> Result<Account, BenchError> {
    Ok(Account::Agent(name(bidder)?))
}

fn name(bidder: u64) -> Result<Name, BenchError> {
    Name::new(&format!("bidder-{bidder}")).map_err(|error| refused("a name", &error))
}

fn credits(amount: u64) -> Result<Credits, BenchError> {
    Credits::new(amount).map_err(|error| refused("an amount", &error))
}
