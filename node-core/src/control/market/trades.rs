//! What the commands about credits and auctions need of whoever has them.

use std::sync::Arc;

use covey_logic::{
    agreed::{Agreed, Key},
    economics::{
        Act, Done, Refused,
        auction::{Offer, Taken},
    },
};

use crate::{
    control::{Cause, Control, UiError, backend::Answer},
    handle::Freshness,
    market::{Market, NoMarket, SealedOpening, Trading},
};

/// What looks at what is agreed when the group's clock is at some moment, in nanoseconds.
pub type Look<'a> = Box<dyn FnOnce(&Agreed, u64) + Send + 'a>;

/// The ledger and the auctions, as a node has them; the double of the tests has them too.
pub trait Trades: Send + Sync {
    /// Has the cluster agree on a change.
    fn agree(&self, act: Act, key: Option<Key>) -> Answer<'_, Done>;

    /// Makes an offer in the name of this node's user.
    fn offer(&self, auction: u64, offer: Offer, key: Option<Key>) -> Answer<'_, Taken>;

    /// Makes a sealed offer, and keeps the envelope of its opening.
    fn commit(
        &self,
        sealed: (u64, [u8; 32]),
        opening: Option<SealedOpening>,
        key: Option<Key>,
    ) -> Answer<'_, Taken>;

    /// Looks.
    fn look<'a>(&'a self, freshness: Freshness, look: Look<'a>) -> Answer<'a, ()>;

    /// The key to seal openings with.
    fn key(&self) -> String;

    /// In whose name it is.
    fn party(&self) -> covey_logic::economics::Party;
}

/// Whoever may ask for them: a door, or an agent.
pub(in crate::control) trait Asks: Sync {
    /// The ledger and the auctions, in the name of whoever asks.
    fn market(&self) -> Arc<dyn Trades>;
}

impl Asks for Control {
    fn market(&self) -> Arc<dyn Trades> {
        self.backend().market()
    }
}

/// A market in somebody's name.
#[derive(Clone, Debug)]
pub(crate) struct Trader {
    pub(crate) market: Market,
    pub(crate) trading: Trading,
}

impl Trades for Trader {
    fn agree(&self, act: Act, key: Option<Key>) -> Answer<'_, Done> {
        Box::pin(async move { Ok(self.market.agree(act, key).await?) })
    }

    fn offer(&self, auction: u64, offer: Offer, key: Option<Key>) -> Answer<'_, Taken> {
        Box::pin(async move { Ok(self.market.offer(&self.trading, (auction, offer), key).await?) })
    }

    fn commit(
        &self,
        sealed: (u64, [u8; 32]),
        opening: Option<SealedOpening>,
        key: Option<Key>,
    ) -> Answer<'_, Taken> {
        Box::pin(async move { Ok(self.market.commit(&self.trading, sealed, opening, key).await?) })
    }

    fn look<'a>(&'a self, freshness: Freshness, look: Look<'a>) -> Answer<'a, ()> {
        Box::pin(async move { Ok(self.market.read_all(freshness, look).await?) })
    }

    fn key(&self) -> String {
        self.market.key()
    }

    fn party(&self) -> covey_logic::economics::Party {
        self.trading.party()
    }
}

impl From<NoMarket> for UiError {
    fn from(error: NoMarket) -> Self {
        match error {
            NoMarket::Propose(error) => error.into(),
            NoMarket::Refused(refused) => Refused::from(refused).into(),
            NoMarket::Keep(error) => Cause::BadQuery { reason: error.to_string() }.into(),
        }
    }
}

impl From<Refused> for UiError {
    fn from(refused: Refused) -> Self {
        Cause::MarketRefused { reason: Box::new(refused) }.into()
    }
}
