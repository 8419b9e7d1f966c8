//! The builtin agent that bids: by what a lot is worth to it, and by what it has.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use covey_logic::{
    Credits,
    agent::AgentState,
    economics::{Account, auction::commitment},
    ids::hex,
};
use serde::Deserialize;

use super::{invalid, parse};
use crate::{entropy, host::CallError};

/// What a bidder knows. Openings of its sealed bids stay with it: a copy of its state would tell them.
#[derive(Debug, Default)]
pub(in crate::host) struct Bidder {
    /// What lots are worth to it.
    values: Mutex<BTreeMap<String, Credits>>,
    sealed: Mutex<BTreeMap<u64, (Credits, [u8; 32])>>,
}

/// What it is asked; see `docs/market.md`.
#[derive(Deserialize)]
struct Question {
    auction: Auction,
    you: You,
}

#[derive(Deserialize)]
struct Auction {
    auction: u64,
    kind: String,
    lot: String,
    asks: Option<Credits>,
}

#[derive(Deserialize)]
struct You {
    account: Account,
    balance: u64,
}

/// Parameters of `value`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    lot: String,
    credits: Credits,
}

impl Bidder {
    /// Sealed bids that it keeps openings of: it may bid in as many auctions at a time.
    const SEALED: usize = 1_024;

    pub(super) fn handle(&self, method: &str, params: &Bytes) -> Result<Bytes, CallError> {
        match method {
            "value" => {
                let Value { lot, credits } = parse(params)?;
                lock(&self.values).insert(lot, credits);
                Ok(Bytes::from_static(b"null"))
            }
            "auction.bid" => self.bid(&parse(params)?),
            "auction.open" => self.open(&parse(params)?),
            _ => Err(CallError::agent(
                CallError::METHOD_NOT_FOUND,
                format!("there is no method {method:?}"),
            )),
        }
    }

    pub(super) fn state(&self) -> String {
        serde_json::to_string(&*lock(&self.values)).unwrap_or_default()
    }

    pub(super) fn restore(&self, state: &AgentState) -> Result<(), serde_json::Error> {
        *lock(&self.values) = serde_json::from_slice(&state.0)?;
        Ok(())
    }

    fn bid(&self, question: &Question) -> Result<Bytes, CallError> {
        let Question { auction, you } = question;
        let most = self.worth(auction, you).get().min(you.balance);
        let answer = match auction.kind.as_str() {
            "english" => match auction.asks.filter(|asks| asks.get() <= most) {
                Some(asks) => format!(r#"{{"bid":{asks}}}"#),
                None => PASS.to_owned(),
            },
            "dutch" if most > 0 => format!(r#"{{"accept":{most}}}"#),
            // Who pays its own bid keeps a quarter of the worth; who pays the next one bids it all.
            "first_price" => self.seal(auction.auction, &you.account, most - most / 4)?,
            "vickrey" => self.seal(auction.auction, &you.account, most)?,
            _ => PASS.to_owned(),
        };
        Ok(Bytes::from(answer))
    }

    /// Answers with a commitment, and keeps what opens it.
    fn seal(&self, auction: u64, account: &Account, amount: u64) -> Result<String, CallError> {
        let failed = |error: &dyn std::fmt::Display| CallError::agent(-32_000, error.to_string());
        let amount = Credits::new(amount).map_err(|error| failed(&error))?;
        if amount.is_zero() {
            return Ok(PASS.to_owned());
        }
        let nonce = entropy::bytes().map_err(|error| failed(&error))?;
        let mut sealed = lock(&self.sealed);
        if sealed.len() >= Self::SEALED {
            sealed.pop_first();
        }
        let (amount, nonce) = *sealed.entry(auction).or_insert((amount, nonce));
        let commitment = commitment(auction, account, amount, &nonce);
        Ok(format!(r#"{{"commit":"{}"}}"#, hex(&commitment)))
    }

    fn open(&self, question: &Question) -> Result<Bytes, CallError> {
        let sealed = lock(&self.sealed).get(&question.auction.auction).copied();
        let (amount, nonce) = sealed.ok_or_else(|| invalid("nothing is sealed".to_owned()))?;
        Ok(Bytes::from(format!(r#"{{"amount":{amount},"nonce":"{}"}}"#, hex(&nonce))))
    }

    /// What it was told; else from 1 to 100, which differs from bidder to bidder and lot to lot.
    fn worth(&self, auction: &Auction, you: &You) -> Credits {
        if let Some(told) = lock(&self.values).get(&auction.lot) {
            return *told;
        }
        let mut hasher = blake3::Hasher::new_derive_key("covey 1 worth of a lot to a bidder");
        hasher.update(you.account.to_string().as_bytes());
        hasher.update(auction.lot.as_bytes());
        let [first, ..] = *hasher.finalize().as_bytes();
        Credits::new(1 + u64::from(first) * 100 / 256).unwrap_or_default()
    }
}

const PASS: &str = r#"{"pass":true}"#;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
