//! What is asked of the economics, and what comes of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    economics::{Account, auction, ledger, rent},
    ids::{Epoch, Name, NodeId},
    time::Wall,
};

/// A change of the ledger, of an auction, or of what agents pay for where they run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Of accounts and holds.
    Ledger(ledger::Act),
    /// Of an auction.
    Auction(auction::Act),
    /// Of rents.
    Rent(rent::Act),
}

impl Act {
    /// Whether it makes new credits: an admin's word.
    #[must_use]
    pub fn is_issue(&self) -> bool {
        matches!(self, Self::Ledger(ledger::Act::Issue { .. }))
    }
}

/// What an act did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// To accounts and holds.
    Ledger(ledger::Done),
    /// To an auction.
    Auction(auction::Done),
    /// To rents.
    Rent(rent::Done),
}

/// Why an act was refused, alike on every node. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "EconomicsRefused")]
pub enum Refused {
    /// By the ledger.
    #[error(transparent)]
    Ledger(#[from] ledger::Refused),
    /// By an auction.
    #[error(transparent)]
    Auction(#[from] auction::Refused),
    /// By the rents.
    #[error(transparent)]
    Rent(#[from] rent::Refused),
}

/// What became of an act; a refused one changed nothing.
pub type Outcome = Result<Done, Refused>;

/// In whose name the wishing node acts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Party {
    /// Its owner's.
    Owner,
    /// An agent's that it runs, in this life.
    Agent {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
    },
}

impl Party {
    /// Whose account it is when `node` wishes.
    #[must_use]
    pub fn account(&self, node: NodeId) -> Account {
        match self {
            Self::Owner => Account::Owner(node),
            Self::Agent { name, .. } => Account::Agent(name.clone()),
        }
    }
}

/// Who wished something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wished {
    /// The number of the wish in the log.
    pub number: u64,
    /// The node.
    pub by: NodeId,
    /// Wall clock of that node: for people.
    pub at: Wall,
    /// The group's clock, in nanoseconds: for deadlines.
    pub clock: u64,
}

impl From<ledger::Act> for Act {
    fn from(act: ledger::Act) -> Self {
        Self::Ledger(act)
    }
}

impl From<rent::Act> for Act {
    fn from(act: rent::Act) -> Self {
        Self::Rent(act)
    }
}

impl From<auction::Act> for Act {
    fn from(act: auction::Act) -> Self {
        Self::Auction(act)
    }
}
