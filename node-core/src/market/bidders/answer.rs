//! What an agent is asked in an auction, and what it answers: `docs/market.md` has both.

use std::time::Duration;

use covey_logic::{
    Credits,
    economics::{
        Account,
        auction::{AuctionView, Offer},
    },
    ids::unhex,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::time::Instant;

use crate::host::{Asker, Call, Host};

/// Asks an agent to bid.
pub(super) const BID: &str = "auction.bid";
/// Asks an agent to open its sealed bid.
pub(super) const OPEN: &str = "auction.open";

/// What an agent is told with the question.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Question {
    pub(super) auction: AuctionView,
    pub(super) you: You,
}

/// The agent's own account.
#[derive(Clone, Debug, Serialize)]
pub(super) struct You {
    pub(super) account: Account,
    /// In credits; what is held for its bids is not in it.
    pub(super) balance: i64,
}

/// What an agent answers when it is asked to bid: one of these.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// So much, for all to see.
    Bid(Credits),
    /// The lot, as soon as its price is no more than this.
    Accept(Credits),
    /// A sealed bid: the commitment, in hexadecimal digits.
    Commit(String),
    /// Nothing, in this auction.
    Pass(bool),
}

/// What an agent answers when it is asked to open its bid.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Opened {
    pub(super) amount: Credits,
    /// In hexadecimal digits.
    pub(super) nonce: String,
}

impl Opened {
    pub(super) fn offer(&self) -> Option<Offer> {
        Some(Offer::Reveal { amount: self.amount, nonce: unhex(&self.nonce)? })
    }
}

/// Asks an agent that runs here; nothing if it does not answer so that it is understood, in time.
pub(super) async fn ask<T: DeserializeOwned>(
    host: &Host,
    agent: &Asker,
    (method, question): (&str, &Question),
    within: Duration,
) -> Option<T> {
    let params = crate::control::to_json(question).to_string().into();
    let deadline = Instant::now() + within;
    let call = Call::new(method, params, deadline);
    match host.call(&agent.name, agent.epoch, call).await {
        Ok(answer) => serde_json::from_slice(&answer).ok(),
        Err(error) => {
            tracing::debug!(agent = %agent.name, %error, "an agent does not answer");
            None
        }
    }
}
