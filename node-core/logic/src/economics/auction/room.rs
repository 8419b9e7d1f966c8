//! What a mechanism may do with credits: hold what is bid, and pay when it ends.

use crate::{
    credits::Credits,
    economics::{
        Account, Ledger, Wished,
        auction::{Cause, Flow, Outcome, Refused, Sale},
        ledger::{Hold, HoldEnd, Why},
    },
};

/// The ledger, as far as one auction goes.
#[derive(Debug)]
pub struct Room<'a> {
    pub(super) ledger: &'a mut Ledger,
    pub(super) wished: &'a Wished,
    pub(super) auction: u64,
    pub(super) seller: &'a Account,
}

impl Room<'_> {
    /// Which auction it is.
    #[must_use]
    pub fn auction(&self) -> u64 {
        self.auction
    }

    /// Where the group's clock is, in nanoseconds.
    #[must_use]
    pub fn clock(&self) -> u64 {
        self.wished.clock
    }

    /// Holds so much of an account until the auction releases it; the number of the hold.
    ///
    /// # Errors
    ///
    /// [`Refused::Ledger`] if it is not there.
    pub fn hold(&mut self, from: &Account, amount: Credits) -> Result<u64, Refused> {
        self.ledger.may_hold(from, amount)?;
        let end = HoldEnd::Auction(self.auction);
        let hold = Hold { from: from.clone(), amount, end };
        Ok(self.ledger.hold_back(self.wished, hold))
    }

    /// Holds `amount` in place of what `before` holds of the same account.
    ///
    /// # Errors
    ///
    /// [`Refused::Ledger`] if it is not there; `before` stays.
    pub fn hold_instead(&mut self, before: u64, amount: Credits) -> Result<u64, Refused> {
        let Some(held) = self.ledger.hold(before).cloned() else {
            return Err(crate::economics::ledger::Refused::NoHold { hold: before }.into());
        };
        if let Some(more) = amount.checked_sub(held.amount).filter(|more| !more.is_zero()) {
            self.ledger.may_hold(&held.from, more)?;
        }
        self.ledger.release(self.wished, before);
        self.hold(&held.from, amount)
    }

    /// Gives back what is held, before the end.
    pub fn release(&mut self, hold: u64) {
        self.ledger.release(self.wished, hold);
    }

    /// Gives back what is held, as part of the outcome.
    pub fn refund(&mut self, outcome: &mut Outcome, hold: u64) {
        if let Some((account, amount)) = self.ledger.release(self.wished, hold) {
            let to = account.clone();
            outcome.flows.push(Flow { from: account, to, amount, cause: Cause::Refund });
        }
    }

    /// Sells the lot: of what is held the price goes to the seller, and the rest back.
    pub fn sell(&mut self, outcome: &mut Outcome, (hold, bid): (u64, Credits), price: Credits) {
        let Some(winner) = self.ledger.hold(hold).map(|hold| hold.from.clone()) else { return };
        let why = (hold, Why::Captured as fn(u64) -> Why);
        let seller = self.seller.clone();
        let paid = self.ledger.capture(self.wished, why, seller.clone(), price);
        let (from, cause) = (winner.clone(), Cause::Payment);
        outcome.flows.push(Flow { from, to: seller, amount: paid, cause });
        let rest = bid.without(paid);
        if !rest.is_zero() {
            let (from, to, cause) = (winner.clone(), winner.clone(), Cause::Refund);
            outcome.flows.push(Flow { from, to, amount: rest, cause });
        }
        outcome.sale = Some(Sale { winner, bid, price: paid });
    }

    /// Withholds what is held, for [`Account::Fees`]: a seller that got it could bid by a stand-in,
    /// and not open what it does not like, for nothing.
    pub fn forfeit(&mut self, outcome: &mut Outcome, hold: u64) {
        let Some(held) = self.ledger.hold(hold).cloned() else { return };
        let why = (hold, Why::Forfeited as fn(u64) -> Why);
        let amount = self.ledger.capture(self.wished, why, Account::Fees, held.amount);
        let (from, cause) = (held.from, Cause::Forfeit);
        outcome.flows.push(Flow { from, to: Account::Fees, amount, cause });
    }
}
