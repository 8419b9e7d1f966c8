//! Verbs about credits and auctions.

mod ledger;
mod picture;

use covey_logic::{
    Credits,
    economics::{
        Account,
        auction::{AuctionView, Taken, commitment},
    },
    ids::hex,
};

use super::{
    CliError,
    args::{AuctionVerb, CreateArgs},
    client::Client,
    node,
    out::Out,
    words::Names,
};
use crate::{
    control::{
        AcceptPrice, BidInAuction, CancelAuction, CloseAuction, CommitBid, CreateAuction,
        GetAuction, GetMarketKey, GetStatus, ListAuctionKinds, ListAuctions, RevealBid,
    },
    entropy, market,
};

pub(super) use ledger::ledger;

pub(super) async fn auction(client: &Client, out: &Out, verb: AuctionVerb) -> Result<(), CliError> {
    match verb {
        AuctionVerb::Create(args) => create(client, out, args).await,
        AuctionVerb::Bid { auction, amount } => {
            let bid = client.ask(&BidInAuction { auction, amount, key: None }).await?;
            out.result(&bid, || taken(bid.taken));
            Ok(())
        }
        AuctionVerb::Accept { auction, most } => {
            let bid = client.ask(&AcceptPrice { auction, most, key: None }).await?;
            out.result(&bid, || taken(bid.taken));
            Ok(())
        }
        AuctionVerb::Seal { auction, amount, by_hand } => {
            seal(client, out, (auction, amount), by_hand).await
        }
        AuctionVerb::Reveal { auction, amount, nonce } => {
            let bid = client.ask(&RevealBid { auction, amount, nonce, key: None }).await?;
            out.result(&bid, || taken(bid.taken));
            Ok(())
        }
        AuctionVerb::Close { auction } => {
            let now = client.ask(&CloseAuction { auction }).await?;
            out.result(&now, || format!("auction {auction} is {}", now.phase));
            Ok(())
        }
        AuctionVerb::Cancel { auction, reason } => {
            let now = client.ask(&CancelAuction { auction, reason }).await?;
            out.result(&now, || format!("auction {auction} is {}", now.phase));
            Ok(())
        }
        AuctionVerb::List => {
            let auctions = client.ask(&ListAuctions { over: None, stale: false }).await?;
            let names = names(client, out).await?;
            out.result(&auctions, || picture::list(&auctions, &names));
            Ok(())
        }
        AuctionVerb::Show { auction } => show(client, out, auction).await,
        AuctionVerb::Kinds => {
            let kinds = client.ask(&ListAuctionKinds {}).await?;
            out.result(&kinds, || picture::kinds(&kinds));
            Ok(())
        }
    }
}

async fn create(client: &Client, out: &Out, args: CreateArgs) -> Result<(), CliError> {
    let CreateArgs { kind, lot, duration, set, capability, bidder, solicit } = args;
    let asked = CreateAuction {
        kind,
        lot,
        duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        options: set.into_iter().collect(),
        capability,
        bidders: bidder,
        solicit,
        key: None,
    };
    let opened = client.ask(&asked).await?;
    out.result(&opened, || format!("auction {} is open", opened.auction));
    Ok(())
}

/// Commits to a bid whose amount leaves this program in an envelope alone.
async fn seal(
    client: &Client,
    out: &Out,
    (auction, amount): (u64, Credits),
    by_hand: bool,
) -> Result<(), CliError> {
    let status = client.ask(&GetStatus {}).await?;
    let failed = |error: &dyn std::fmt::Display| CliError::Failed(error.to_string());
    let nonce = entropy::bytes::<32>().map_err(|error| failed(&error))?;
    let sealed = commitment(auction, &Account::Owner(status.node), amount, &nonce);
    let opening = if by_hand {
        // Whoever loses it loses the deposit: it is printed before the bid is made.
        out.note(&format!("nonce {}", hex(&nonce)));
        None
    } else {
        let key = client.ask(&GetMarketKey {}).await?.key;
        let opening = market::seal(&key, &sealed, (amount, &nonce));
        Some(opening.map_err(|error| failed(&error))?)
    };
    let asked = CommitBid { auction, commitment: hex(&sealed), opening, key: None };
    let bid = client.ask(&asked).await?;
    out.result(&bid, || taken(bid.taken));
    Ok(())
}

async fn show(client: &Client, out: &Out, auction: u64) -> Result<(), CliError> {
    let view: AuctionView = client.ask(&GetAuction { auction, stale: false }).await?;
    let names = names(client, out).await?;
    out.result(&view, || picture::auction(&view, &names));
    Ok(())
}

async fn names(client: &Client, out: &Out) -> Result<Names, CliError> {
    if out.json { Ok(Names::default()) } else { node::names(client).await }
}

fn taken(taken: Taken) -> String {
    match taken {
        Taken::Leads { .. } => "it leads".to_owned(),
        Taken::Won { price } => format!("it won, for {price} credits"),
        Taken::Committed { place, deposit } => {
            format!(
                "it is sealed, as number {place}; {deposit} credits are held until it is opened"
            )
        }
        Taken::Revealed => "it is open".to_owned(),
        Taken::BelowReserve => "it is open, and below the reserve".to_owned(),
    }
}
