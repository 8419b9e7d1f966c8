//! An account with what its balance is made of.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    credits::Credits,
    economics::{
        Account, Ledger,
        ledger::{HoldView, Posting, Why},
    },
    ids::{Name, NodeId},
    time::Wall,
};

/// An account, in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountView {
    /// Which account.
    pub account: Account,
    /// What it holds, in credits; below nought for `issue` alone.
    #[ts(type = "number")]
    pub balance: i64,
    /// What of its credits is set aside, and not in the balance.
    pub held: Credits,
    /// The node that speaks for it: that of an owner, or of the life of an agent that spoke last.
    #[ts(type = "string | null")]
    pub node: Option<NodeId>,
}

/// An account with its newest postings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Statement {
    /// Which account.
    pub account: Account,
    /// What it held before the first line, in credits.
    #[ts(type = "number")]
    pub brought_forward: i64,
    /// What changed it since, oldest first.
    pub lines: Vec<Line>,
    /// What it holds: what was brought forward, and all lines.
    #[ts(type = "number")]
    pub balance: i64,
    /// What is set aside of it.
    pub holds: Vec<HoldView>,
}

/// One change of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "StatementLine")]
pub struct Line {
    /// The number of the posting.
    #[ts(type = "number")]
    pub posting: u64,
    /// When, in milliseconds since 1970 by the wall clock of the node that wished it.
    #[ts(type = "number")]
    pub at: Wall,
    /// Which wish of the log caused it.
    #[ts(type = "number")]
    pub wish: u64,
    /// Of which node.
    #[ts(type = "string")]
    pub by: NodeId,
    /// What it was for.
    pub why: Why,
    /// Within which auction.
    #[ts(type = "number | null")]
    pub auction: Option<u64>,
    /// For which task.
    #[ts(type = "number | null")]
    pub task: Option<u64>,
    /// For the place of which agent.
    #[ts(type = "string | null")]
    pub rent: Option<Name>,
    /// The account on the other side.
    pub other: Account,
    /// What it changed, in credits; below nought if they went away.
    #[ts(type = "number")]
    pub change: i64,
    /// What the account held afterwards.
    #[ts(type = "number")]
    pub balance: i64,
}

impl Ledger {
    /// The account with its newest `limit` postings, when the group's clock is at `clock`; what is
    /// older is in what was brought forward.
    #[must_use]
    pub fn statement(&self, account: &Account, limit: usize, clock: u64) -> Statement {
        let balance = self.balance(account);
        let mut after = balance;
        let concern = |posting: &&Posting| posting.debit == *account || posting.credit == *account;
        let newest = self.postings.iter().rev().filter(concern).take(limit);
        let mut lines: Vec<Line> = newest
            .map(|posting| {
                let line = line(account, posting, after);
                after = after.saturating_sub(line.change);
                line
            })
            .collect();
        lines.reverse();
        let of = self.holds().filter(|(_, hold)| hold.from == *account);
        let holds = of.map(|(number, hold)| hold.view(number, clock)).collect();
        Statement { account: account.clone(), brought_forward: after, lines, balance, holds }
    }

    /// Every account, in order.
    #[must_use]
    pub fn account_views(&self) -> Vec<AccountView> {
        let mut held = std::collections::BTreeMap::<&Account, Credits>::new();
        for hold in self.holds.values() {
            let sum = held.entry(&hold.from).or_default();
            *sum = sum.checked_add(hold.amount).unwrap_or(Credits::MAX);
        }
        let view = |(account, standing): (&Account, &super::Standing)| AccountView {
            account: account.clone(),
            balance: standing.balance,
            held: held.get(account).copied().unwrap_or_default(),
            node: match account {
                Account::Owner(node) => Some(*node),
                Account::Agent(_) => standing.life.map(|life| life.node),
                Account::Issue | Account::Fees | Account::Escrow => None,
            },
        };
        self.accounts.iter().map(view).collect()
    }
}

fn line(account: &Account, posting: &Posting, balance: i64) -> Line {
    let gives = posting.debit == *account;
    let amount = posting.amount.signed();
    Line {
        posting: posting.number,
        at: posting.at,
        wish: posting.wish,
        by: posting.by,
        why: posting.why,
        auction: posting.within.auction,
        task: posting.within.task,
        rent: posting.within.rent.clone(),
        other: if gives { posting.credit.clone() } else { posting.debit.clone() },
        change: if gives { amount.saturating_neg() } else { amount },
        balance,
    }
}
