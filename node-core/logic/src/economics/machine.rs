//! The value, and how acts change it.

use serde::{Deserialize, Serialize};

use crate::{
    economics::{
        Act, Auctions, Done, Ledger, Outcome, Wished,
        ledger::Audit,
        rent::{self, Rents, Tenants},
    },
    event::Fact,
    ids::Name,
};

/// The ledger, the auctions and the rents, as they follow from the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Economics {
    ledger: Ledger,
    auctions: Auctions,
    rents: Rents,
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
            Act::Rent(act) => {
                Ok(Done::Rent(self.rents.apply(&mut self.ledger, wished, act, facts)?))
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

    /// What agents pay for where they run.
    #[must_use]
    pub fn rents(&self) -> &Rents {
        &self.rents
    }

    /// What the steward of rents says at `clock`; see [`Rents::round`].
    #[must_use]
    pub fn rents_due(
        &self,
        clock: u64,
        seen: (&Tenants, &Tenants),
        is_mine: impl Fn(&Name) -> bool,
    ) -> Vec<rent::Act> {
        self.rents.round(&self.ledger, clock, seen, is_mine)
    }

    /// Whether the books are right, and what is held for rents is what minutes cost.
    #[must_use]
    pub fn audit(&self) -> Audit {
        let mut audit = self.ledger.audit();
        let minutes = self.rents.rentals().iter();
        let minutes = minutes.map(|(agent, rental)| (agent.clone(), rental.site.price));
        audit.faults.extend(self.ledger.audit_rents(minutes));
        audit
    }
}
