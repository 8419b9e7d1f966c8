//! Agents of this node are asked to bid, again and again while they are outbid, until they pass.

use std::{collections::BTreeMap, future::pending, time::Duration};

use covey_logic::{
    Credits, Name,
    economics::{
        Account, Done, Party,
        auction::{self, Act, AuctionView, Offer, Phase, Refused, Taken},
    },
    ids::unhex,
};
use futures::future::join_all;
use tokio::{sync::watch, time::sleep};

use super::answer::{self, Answer, BID, Question, You};
use crate::{
    host::{Asker, Host},
    market::{Market, Trading},
};

/// The longest that agents have to answer; less, if the auction is short.
const WITHIN: Duration = Duration::from_secs(2);
/// How often the price is looked at that somebody waits for.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);
/// How often an agent is asked again that cannot pay what it wants.
const UNPAID: u32 = 3;
/// How long until a proposal that failed is made again.
const RETRY: Duration = Duration::from_millis(200);

/// Bids for the agents of this node in an auction that asks for bids, until it is no longer open.
pub(super) async fn bid(market: Market, host: Host, auction: u64) {
    let Some(mut moved) = market.moved() else { return };
    let mut table = Table { market, auction, seats: BTreeMap::new(), told: false };
    while let Some(view) = table.look(&host) {
        moved.mark_unchanged();
        let asked = table.to_ask(&view);
        if !asked.is_empty() {
            table.ask(&host, &view, asked).await;
        }
        if !table.told {
            table.tell().await;
        }
        if !table.offer(&view).await {
            sleep(RETRY).await;
            continue;
        }
        table.wait(&mut moved).await;
    }
}

/// The agents that may bid, and how each stands.
struct Table {
    market: Market,
    auction: u64,
    seats: BTreeMap<Name, Seat>,
    /// Whether it is noted whom this node asked.
    told: bool,
}

struct Seat {
    agent: Asker,
    stand: Stand,
    /// How often it wanted what it could not pay.
    unpaid: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stand {
    /// It is asked when somebody else leads.
    Bids,
    /// It was asked, and wants this.
    Wants(Offer),
    /// It takes the lot at so much.
    Limit(Credits),
    /// It wants nothing more, or nothing more can be done for it.
    Done,
    /// It did not answer.
    Silent,
}

impl Table {
    /// The auction while it is open, with those agents that came meanwhile.
    fn look(&mut self, host: &Host) -> Option<AuctionView> {
        let view = self.market.look_here(|economics, clock| {
            let it = economics.auctions().get(self.auction)?;
            (it.phase == Phase::Open).then(|| it.view(self.auction, clock, true))
        });
        let view = view.flatten()?;
        for agent in host.residents() {
            let account = Account::Agent(agent.name.clone());
            let of = &view.qualification;
            let trading = Trading::Agent(agent.clone());
            let able = of.capability.as_ref().is_none_or(|asked| trading.is_capable(asked));
            if account != view.seller && able && of.admits(&account) {
                let seat = self.seats.entry(agent.name.clone());
                let fresh = || Seat { agent: agent.clone(), stand: Stand::Bids, unpaid: 0 };
                let seat = seat.or_insert_with(fresh);
                // Another life is asked afresh.
                if seat.agent.epoch != agent.epoch {
                    *seat = fresh();
                }
            }
        }
        Some(view)
    }

    fn to_ask(&self, view: &AuctionView) -> Vec<Asker> {
        let leads = |name: &Name| view.leader == Some(Account::Agent(name.clone()));
        let asked = self.seats.iter();
        let asked = asked.filter(|(name, seat)| seat.stand == Stand::Bids && !leads(name));
        asked.map(|(_, seat)| seat.agent.clone()).collect()
    }

    /// Asks all at once, and notes what each wants.
    async fn ask(&mut self, host: &Host, view: &AuctionView, agents: Vec<Asker>) {
        let half = Duration::from_millis(view.due_in_ms.unwrap_or(0) / 2);
        let within = WITHIN.min(half);
        let asked = agents.iter().map(|agent| {
            let account = Account::Agent(agent.name.clone());
            let balance =
                self.market.look_here(|economics, _| economics.ledger().balance(&account));
            let you = You { account, balance: balance.unwrap_or_default() };
            let question = Question { auction: view.clone(), you };
            async move { answer::ask::<Answer>(host, agent, (BID, &question), within).await }
        });
        let answers = join_all(asked).await;
        for (agent, answer) in agents.iter().zip(answers) {
            let Some(seat) = self.seats.get_mut(&agent.name) else { continue };
            seat.stand = match answer {
                None => Stand::Silent,
                Some(Answer::Bid(amount)) => Stand::Wants(Offer::Bid(amount)),
                Some(Answer::Accept(most)) => Stand::Limit(most),
                Some(Answer::Commit(commitment)) => match unhex(&commitment) {
                    Some(commitment) => Stand::Wants(Offer::Commit(commitment)),
                    None => Stand::Silent,
                },
                Some(Answer::Pass(_)) => Stand::Done,
            };
        }
    }

    /// Has it noted whom this node asked, and who did not answer.
    async fn tell(&mut self) {
        if self.seats.is_empty() {
            return;
        }
        let silent = self.seats.iter().filter(|(_, seat)| seat.stand == Stand::Silent);
        let silent = silent.map(|(name, _)| name.clone()).collect();
        let asked = u32::try_from(self.seats.len()).unwrap_or(u32::MAX);
        let act = Act::Asked { auction: self.auction, asked, silent };
        self.told = self.market.agree(act, None).await.is_ok();
    }

    /// Offers what agents want, the least first; whether the group agreed.
    async fn offer(&mut self, view: &AuctionView) -> bool {
        let asks = self.asks(view);
        let mut wanted: Vec<(Name, Party, Offer)> = Vec::new();
        for (name, seat) in &self.seats {
            let offer = match &seat.stand {
                Stand::Wants(offer) => offer.clone(),
                Stand::Limit(most) if asks.is_some_and(|price| price <= *most) => {
                    Offer::Accept(*most)
                }
                Stand::Limit(_) | Stand::Bids | Stand::Done | Stand::Silent => continue,
            };
            let party = Party::Agent { name: name.clone(), epoch: seat.agent.epoch };
            wanted.push((name.clone(), party, offer));
        }
        wanted.sort_by_key(|(_, _, offer)| match offer {
            Offer::Bid(amount) => amount.signed(),
            // Who would pay more comes first.
            Offer::Accept(most) => most.signed().saturating_neg(),
            Offer::Commit(_) | Offer::Reveal { .. } => 0,
        });
        for chunk in wanted.chunks(Act::MOST) {
            let offers = chunk.iter().map(|(_, party, offer)| (party.clone(), offer.clone()));
            let act = Act::Offer { auction: self.auction, offers: offers.collect() };
            match self.market.agree(act, None).await {
                Ok(Done::Auction(auction::Done::Offered(results))) => self.note(chunk, results),
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(auction = self.auction, %error, "bids are not agreed on yet");
                    return false;
                }
            }
        }
        true
    }

    fn note(&mut self, offers: &[(Name, Party, Offer)], results: Vec<Result<Taken, Refused>>) {
        for ((name, _, _), result) in offers.iter().zip(results) {
            let Some(seat) = self.seats.get_mut(name) else { continue };
            seat.stand = match result {
                Ok(Taken::Leads { .. }) | Err(Refused::TooLow { .. } | Refused::Leads { .. }) => {
                    Stand::Bids
                }
                // It spent elsewhere what it meant to spend here: it is asked what it wants now.
                Err(Refused::Ledger(_)) if seat.unpaid < UNPAID => {
                    seat.unpaid += 1;
                    Stand::Bids
                }
                // The price is that of the entry: it falls.
                Err(Refused::PriceAbove { .. }) => continue,
                Ok(_) | Err(_) => Stand::Done,
            };
        }
    }

    /// The price or the least bid at this moment.
    fn asks(&self, view: &AuctionView) -> Option<Credits> {
        let asks = self.market.look_here(|economics, clock| {
            let it = economics.auctions().get(self.auction)?;
            it.rules.mechanism().asks(clock)
        });
        asks.flatten().or(view.asks)
    }

    /// Returns when something may have changed.
    async fn wait(&self, moved: &mut watch::Receiver<u64>) {
        let limits = self.seats.values().any(|seat| matches!(seat.stand, Stand::Limit(_)));
        let price = async { if limits { sleep(LOOK_INTERVAL).await } else { pending().await } };
        tokio::select! {
            changed = moved.changed() => if changed.is_err() { sleep(RETRY).await },
            () = price => {}
        }
    }
}
