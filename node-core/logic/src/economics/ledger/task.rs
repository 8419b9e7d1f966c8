//! What is held for tasks: it ends with them, and nobody takes it by hand.

use std::collections::BTreeMap;

use crate::{
    credits::Credits,
    economics::{
        Account, Ledger, Party, Wished,
        ledger::{Hold, HoldEnd, Refused, Why},
    },
};

impl Ledger {
    /// Whether each party can set aside what it claims, in holds of their own.
    ///
    /// # Errors
    ///
    /// [`Refused::EarlierLife`], [`Refused::NotItsNode`], [`Refused::Insufficient`] for the sum of
    /// what a party claims, and [`Refused::Full`].
    pub(crate) fn may_set_aside(
        &self,
        wished: &Wished,
        claims: &[(Party, Credits)],
    ) -> Result<(), Refused> {
        let mut sums: BTreeMap<Account, Credits> = BTreeMap::new();
        for (party, amount) in claims {
            let sum = sums.entry(self.account_of(wished.by, party)?).or_default();
            // Nobody has more than there can be.
            *sum = sum.checked_add(*amount).unwrap_or(Credits::MAX);
        }
        for (account, sum) in &sums {
            self.may_pay_any(account, *sum)?;
        }
        if self.holds.len().saturating_add(claims.len()) > Self::HOLDS {
            return Err(Refused::Full { capacity: Self::HOLDS });
        }
        Ok(())
    }

    /// Sets aside for a task what [`Self::may_set_aside`] allowed.
    pub(crate) fn set_aside(
        &mut self,
        wished: &Wished,
        task: u64,
        (party, amount): (&Party, Credits),
    ) {
        self.speaks(wished.by, party);
        let from = party.account(wished.by);
        let hold = self.hold_back(wished, Hold { from, amount, end: HoldEnd::Task(task) });
        self.of_tasks.insert(task, hold);
    }

    /// A task was done: of what is held for it the price goes to `to`, and the rest back.
    pub(crate) fn pay_for(&mut self, wished: &Wished, task: u64, (to, price): (Account, Credits)) {
        if let Some(hold) = self.of_tasks.remove(&task) {
            self.capture(wished, (hold, Why::Captured), to, price);
        }
    }

    /// A task ended otherwise: what is held for it goes back.
    pub(crate) fn give_back(&mut self, wished: &Wished, task: u64) {
        if let Some(hold) = self.of_tasks.remove(&task) {
            self.release(wished, hold);
        }
    }
}
