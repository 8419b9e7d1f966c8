//! Whether the books are right: everything is recomputed from what is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    credits::Credits,
    economics::{Account, Ledger, ledger::HoldEnd},
    ids::Name,
};

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "LedgerAudit")]
pub struct Audit {
    /// Accounts that were recomputed.
    pub accounts: usize,
    /// Postings that they were recomputed from.
    pub postings: usize,
    /// The number of the last posting.
    #[ts(type = "number")]
    pub posted: u64,
    /// Holds that are open.
    pub holds: usize,
    /// Credits that were issued.
    pub issued: Credits,
    /// Credits that are held.
    pub held: Credits,
    /// What is wrong; nothing, if the books are right.
    pub faults: Vec<Fault>,
}

/// Something that is wrong in the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "LedgerFault")]
pub enum Fault {
    /// Credits came from nowhere, or went there.
    #[error("all accounts add up to {sum}, not to nought")]
    Sum {
        /// What they add up to.
        #[ts(type = "number")]
        sum: i64,
    },
    /// What is in escrow is not what is held.
    #[error("{escrow} credits are in escrow, and {held} are held")]
    Escrow {
        /// What is in escrow.
        #[ts(type = "number")]
        escrow: i64,
        /// What holds add up to.
        #[ts(type = "number")]
        held: i64,
    },
    /// Postings do not come to the balance.
    #[error("the postings of {account} come to {computed}, and it stands at {balance}")]
    Balance {
        /// Of which account.
        account: Account,
        /// Where it stands.
        #[ts(type = "number")]
        balance: i64,
        /// What they come to.
        #[ts(type = "number")]
        computed: i64,
    },
    /// More was spent than was there.
    #[error("{account} is at {balance}")]
    Overdrawn {
        /// From which account.
        account: Account,
        /// Where it stands.
        #[ts(type = "number")]
        balance: i64,
    },
    /// What is held for a task is not what the task pays, or is there without one.
    #[error("{held} credits are held for task {task}, which pays {pays} at most")]
    Task {
        /// Which task.
        #[ts(type = "number")]
        task: u64,
        /// How much is held.
        held: Credits,
        /// What it pays; nought if it is not open.
        pays: Credits,
    },
    /// What is held for a minute of an agent is not what it costs, or is there without one.
    #[error("{held} credits are held for a minute of {agent}, which costs {costs}")]
    Rent {
        /// Which agent.
        #[ts(type = "string")]
        agent: Name,
        /// How much is held.
        held: Credits,
        /// What it costs; nought if it has no place.
        costs: Credits,
    },
    /// Postings are not numbered one after another.
    #[error("posting {number} is not followed by the next")]
    Gap {
        /// After which.
        #[ts(type = "number")]
        number: u64,
    },
}

impl Ledger {
    /// Recomputes every balance from what was brought forward and the postings that are kept, and
    /// checks $1 and $2.
    #[must_use]
    pub fn audit(&self) -> Audit {
        let mut computed: BTreeMap<&Account, i64> =
            self.accounts.iter().map(|(account, at)| (account, at.forward)).collect();
        let mut add = |account, by: i64| {
            let sum = computed.entry(account).or_default();
            *sum = sum.saturating_add(by);
        };
        for posting in &self.postings {
            add(&posting.debit, posting.amount.signed().saturating_neg());
            add(&posting.credit, posting.amount.signed());
        }
        let mut faults = Vec::new();
        for (account, computed) in computed {
            let balance = self.balance(account);
            if balance != computed {
                faults.push(Fault::Balance { account: account.clone(), balance, computed });
            }
            if balance < 0 && *account != Account::Issue {
                faults.push(Fault::Overdrawn { account: account.clone(), balance });
            }
        }
        let totals = self.totals();
        if totals.sum != 0 {
            faults.push(Fault::Sum { sum: totals.sum });
        }
        if totals.held != totals.escrow {
            faults.push(Fault::Escrow { escrow: totals.escrow, held: totals.held });
        }
        let pairs = self.postings.iter().zip(self.postings.iter().skip(1));
        let gaps = pairs.filter(|(one, next)| one.number.saturating_add(1) != next.number);
        faults.extend(gaps.map(|(one, _)| Fault::Gap { number: one.number }));
        let credits = |some: i64| Credits::new(some.unsigned_abs()).unwrap_or(Credits::MAX);
        Audit {
            accounts: self.accounts.len(),
            postings: self.postings.len(),
            posted: self.posted(),
            holds: self.holds.len(),
            issued: credits(self.balance(&Account::Issue)),
            held: credits(totals.held),
            faults,
        }
    }

    /// What is wrong with the holds of tasks, of which each that is open and pays is in `pays`.
    #[must_use]
    pub fn audit_tasks(&self, pays: impl IntoIterator<Item = (u64, Credits)>) -> Vec<Fault> {
        let of = |end: &HoldEnd| if let HoldEnd::Task(task) = end { Some(*task) } else { None };
        let wrong = self.unlike(pays, of).into_iter();
        wrong.map(|(task, held, pays)| Fault::Task { task, held, pays }).collect()
    }

    /// What is wrong with the holds of rents, of which each minute that goes on costs what is in
    /// `costs`.
    #[must_use]
    pub fn audit_rents(&self, costs: impl IntoIterator<Item = (Name, Credits)>) -> Vec<Fault> {
        let of =
            |end: &HoldEnd| if let HoldEnd::Rent(agent) = end { Some(agent.clone()) } else { None };
        let wrong = self.unlike(costs, of).into_iter();
        wrong.map(|(agent, held, costs)| Fault::Rent { agent, held, costs }).collect()
    }

    /// For what another sum is held than should be; what is held, and what should be.
    fn unlike<K: Ord>(
        &self,
        should: impl IntoIterator<Item = (K, Credits)>,
        of: impl Fn(&HoldEnd) -> Option<K>,
    ) -> Vec<(K, Credits, Credits)> {
        let mut sums: BTreeMap<K, (Credits, Credits)> = BTreeMap::new();
        for (key, amount) in should {
            sums.entry(key).or_default().1 = amount;
        }
        for hold in self.holds.values() {
            if let Some(key) = of(&hold.end) {
                let (held, _) = sums.entry(key).or_default();
                *held = held.checked_add(hold.amount).unwrap_or(Credits::MAX);
            }
        }
        let wrong = sums.into_iter().filter(|(_, (held, should))| held != should);
        wrong.map(|(key, (held, should))| (key, held, should)).collect()
    }

    /// The sums that $1 and $2 speak of; cheaper than an audit.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let Totals { sum, escrow, held } = self.totals();
        let whole = |(account, at): (&Account, &super::Standing)| {
            at.balance >= 0 || *account == Account::Issue
        };
        sum == 0 && escrow == held && self.accounts.iter().all(whole)
    }

    fn totals(&self) -> Totals {
        let add = |sum: i64, some: i64| sum.saturating_add(some);
        let balances = self.accounts.values().map(|standing| standing.balance);
        let held = self.holds.values().map(|hold| hold.amount.signed());
        Totals {
            sum: balances.fold(0, add),
            escrow: self.balance(&Account::Escrow),
            held: held.fold(0, add),
        }
    }
}

struct Totals {
    sum: i64,
    escrow: i64,
    held: i64,
}
