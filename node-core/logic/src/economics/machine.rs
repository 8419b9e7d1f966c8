//! The value, and how acts change it.

use serde::{Deserialize, Serialize};

use crate::{
    economics::{Act, Auctions, Done, Ledger, Outcome, Wished},
    event::Fact,
};

/// The ledger and the auctions, as they follow from the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Economics {
    ledger: Ledger,
    auctions: Auctions,
}

impl Economics {
    /// Carries out an act; what is to be told of it goes to `facts`.
    ///
    /// # Errors
    ///
    /// See [`Refused`](super::Refused).
    pub fn apply(&mut self, wished: &Wished, act: Act, facts: &mut Vec<Fact>) -> Outcome {
        match act {
            Act::Ledger(act) => Ok(Done::Ledger(self.ledger.apply(wished, act, facts)?)),
            Act::Auction(act) => {
                Ok(Done::Auction(self.auctions.apply(&mut self.ledger, wished, act, facts)?))
            }
        }
    }

    /// Accounts, holds and entries.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The same, for what tasks pay.
    pub(crate) fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// The auctions that are open, and the last that are over.
    #[must_use]
    pub fn auctions(&self) -> &Auctions {
        &self.auctions
    }
}
