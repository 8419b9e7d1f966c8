//! Why the ledger refused.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    credits::Credits,
    economics::Account,
    ids::{Name, NodeId},
};

/// Why the ledger refused, alike on every node. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "LedgerRefused")]
pub enum Refused {
    /// Say one credit or more.
    #[error("an amount is one credit or more")]
    NoAmount,
    /// Pay in first, or ask for less.
    #[error("{account} has {balance} credits, not {amount}")]
    Insufficient {
        /// Which account.
        account: Account,
        /// What it has.
        balance: Credits,
        /// What was asked for.
        amount: Credits,
    },
    /// Issue less: there can be no more.
    #[error("{issued} credits are issued, and there can be {most} at most")]
    IssueFull {
        /// How many there are.
        issued: Credits,
        /// The bound.
        most: Credits,
    },
    /// Name another account.
    #[error("nobody pays into {account} by name")]
    NotPayable {
        /// Which.
        account: Account,
    },
    /// Name another account.
    #[error("{account} cannot pay itself")]
    SameAccount {
        /// Which.
        account: Account,
    },
    /// Act as the agent that lives.
    #[error("{agent} has begun a later life than the one that asks")]
    EarlierLife {
        /// Which agent.
        #[ts(type = "string")]
        agent: Name,
    },
    /// Act on the node that runs it.
    #[error("{agent} acts through another node")]
    NotItsNode {
        /// Which agent.
        #[ts(type = "string")]
        agent: Name,
        /// Through which.
        #[ts(type = "string")]
        node: NodeId,
    },
    /// It was captured or released, or its time was over, or it never was.
    #[error("there is no hold {hold}")]
    NoHold {
        /// Which.
        #[ts(type = "number")]
        hold: u64,
    },
    /// Only who it is held for may take it or let go of it.
    #[error("hold {hold} is not for {account}")]
    NotForYou {
        /// Which.
        #[ts(type = "number")]
        hold: u64,
        /// Who asked.
        account: Account,
    },
    /// Leave it to the auction.
    #[error("hold {hold} belongs to auction {auction}, whose end releases it")]
    OfAuction {
        /// Which.
        #[ts(type = "number")]
        hold: u64,
        /// Whose.
        #[ts(type = "number")]
        auction: u64,
    },
    /// Leave it to the task.
    #[error("hold {hold} belongs to task {task}, whose end pays or releases it")]
    OfTask {
        /// Which.
        #[ts(type = "number")]
        hold: u64,
        /// Whose.
        #[ts(type = "number")]
        task: u64,
    },
    /// Leave it to the minute.
    #[error("hold {hold} is of a minute of {agent}, whose end pays or releases it")]
    OfRent {
        /// Which hold.
        #[ts(type = "number")]
        hold: u64,
        /// Whose.
        #[ts(type = "string")]
        agent: Name,
    },
    /// Take less.
    #[error("hold {hold} is of {held} credits, not {amount}")]
    Beyond {
        /// Which.
        #[ts(type = "number")]
        hold: u64,
        /// What it holds.
        held: Credits,
        /// What was asked for.
        amount: Credits,
    },
    /// What is held goes back.
    #[error("the time of hold {hold} is over")]
    Ended {
        /// Which.
        #[ts(type = "number")]
        hold: u64,
    },
    /// Come again then.
    #[error("the time of hold {hold} is over in {wait_ms} ms")]
    TooEarly {
        /// Which.
        #[ts(type = "number")]
        hold: u64,
        /// In how long.
        #[ts(type = "number")]
        wait_ms: u64,
    },
    /// Choose a time within the bounds.
    #[error("credits are held for {least_ms} ms to {most_ms} ms")]
    Span {
        /// The shortest.
        #[ts(type = "number")]
        least_ms: u64,
        /// The longest.
        #[ts(type = "number")]
        most_ms: u64,
    },
    /// Empty accounts, or let holds end, first.
    #[error("there are {capacity} of the kind already")]
    Full {
        /// The bound.
        capacity: usize,
    },
}
