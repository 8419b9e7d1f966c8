//! Credits that are set aside.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Within;
use crate::{credits::Credits, economics::Account, ids::Name};

/// Credits in escrow, whose they were, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Whose they were, and are again if nobody takes them.
    pub from: Account,
    /// How many.
    pub amount: Credits,
    /// When they go back.
    pub end: HoldEnd,
}

/// When a hold ends of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldEnd {
    /// When the group's clock is there; until then `to` may take of it.
    At {
        /// The clock, in nanoseconds.
        clock: u64,
        /// For whom it is held.
        to: Account,
    },
    /// With an auction.
    Auction(u64),
    /// With a task.
    Task(u64),
    /// With a minute of an agent in its place.
    Rent(Name),
}

/// A hold, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "CreditHoldView")]
pub struct HoldView {
    /// Its number.
    #[ts(type = "number")]
    pub hold: u64,
    /// Whose credits.
    pub from: Account,
    /// For whom; none with an auction, a task or a rent.
    pub to: Option<Account>,
    /// How many.
    pub amount: Credits,
    /// In how long it ends, in milliseconds; none with an auction, a task or a rent.
    #[ts(type = "number | null")]
    pub ends_in_ms: Option<u64>,
    /// The auction that it belongs to.
    #[ts(type = "number | null")]
    pub auction: Option<u64>,
    /// The task that it belongs to.
    #[ts(type = "number | null")]
    pub task: Option<u64>,
    /// The agent for whose place it is.
    #[ts(type = "string | null")]
    pub rent: Option<Name>,
}

impl Hold {
    /// As people read it when the group's clock is at `clock`.
    #[must_use]
    pub fn view(&self, hold: u64, clock: u64) -> HoldView {
        let (to, ends_in_ms) = match &self.end {
            HoldEnd::At { clock: ends, to } => {
                (Some(to.clone()), Some(ends.saturating_sub(clock) / 1_000_000))
            }
            HoldEnd::Auction(_) | HoldEnd::Task(_) | HoldEnd::Rent(_) => (None, None),
        };
        let (from, amount, Within { auction, task, rent }) =
            (self.from.clone(), self.amount, self.within());
        HoldView { hold, from, to, amount, ends_in_ms, auction, task, rent }
    }

    /// What it is part of.
    pub(super) fn within(&self) -> Within {
        let nothing = Within::default();
        match &self.end {
            HoldEnd::At { .. } => nothing,
            HoldEnd::Auction(auction) => Within { auction: Some(*auction), ..nothing },
            HoldEnd::Task(task) => Within { task: Some(*task), ..nothing },
            HoldEnd::Rent(agent) => Within { rent: Some(agent.clone()), ..nothing },
        }
    }
}
