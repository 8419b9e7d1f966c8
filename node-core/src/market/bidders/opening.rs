//! Bids are opened: those of this node's user from their envelopes, those of agents by asking them.

use std::time::Duration;

use covey_logic::{
    economics::{
        Account, Party,
        auction::{Act, Offer, Phase},
    },
    ids::unhex,
};
use futures::future::join_all;
use tokio::time::sleep;

use super::answer::{self, OPEN, Opened, Question, You};
use crate::{
    host::{Asker, Host},
    market::Market,
};

/// How long an agent may take to answer.
const WITHIN: Duration = Duration::from_secs(2);
/// How long until what was not opened is tried again.
const RETRY: Duration = Duration::from_millis(200);

/// Opens what this node's bidders committed to, as long as bids are opened.
pub(super) async fn open_all(market: Market, host: Host, auction: u64) {
    while let Some(unopened) = unopened(&market, &host, auction) {
        let asked = unopened.iter().map(|one| reveal(&market, &host, auction, one));
        let offers: Vec<(Party, Offer)> = join_all(asked).await.into_iter().flatten().collect();
        for offers in offers.chunks(Act::MOST) {
            let act = Act::Offer { auction, offers: offers.to_vec() };
            if let Err(error) = market.agree(act, None).await {
                tracing::debug!(auction, %error, "bids are not opened yet");
            }
        }
        sleep(RETRY).await;
    }
}

/// Whose bid is to be opened.
struct Unopened {
    /// None: this node's user.
    agent: Option<Asker>,
    commitment: [u8; 32],
    question: Question,
}

/// What is left to open here; nothing if that is nothing, or the time for it is over.
fn unopened(market: &Market, host: &Host, number: u64) -> Option<Vec<Unopened>> {
    let bidders = std::iter::once(None).chain(host.residents().into_iter().map(Some));
    let unopened = market.look_here(|economics, clock| {
        let auction = economics.auctions().get(number)?;
        if auction.phase != Phase::Revealing {
            return None;
        }
        let of = |agent: Option<Asker>| {
            let account = match &agent {
                Some(agent) => Account::Agent(agent.name.clone()),
                None => Account::Owner(market.node()),
            };
            let commitment = auction.unopened(&account)?;
            let balance = economics.ledger().balance(&account);
            let auction = auction.view(number, clock, true);
            let question = Question { auction, you: You { account, balance } };
            Some(Unopened { agent, commitment, question })
        };
        Some(bidders.filter_map(of).collect::<Vec<_>>())
    });
    unopened.flatten().filter(|unopened| !unopened.is_empty())
}

async fn reveal(
    market: &Market,
    host: &Host,
    auction: u64,
    one: &Unopened,
) -> Option<(Party, Offer)> {
    let Some(agent) = &one.agent else {
        let kept = market.vault().opening((market.cluster()?, auction), &one.commitment)?;
        let offer = Offer::Reveal { amount: kept.amount, nonce: unhex(&kept.nonce)? };
        return Some((Party::Owner, offer));
    };
    let opened: Opened = answer::ask(host, agent, (OPEN, &one.question), WITHIN).await?;
    let party = Party::Agent { name: agent.name.clone(), epoch: agent.epoch };
    Some((party, opened.offer()?))
}
