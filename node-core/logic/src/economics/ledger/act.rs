//! What is asked of the ledger, and what comes of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    credits::Credits,
    economics::{Account, Party},
};

/// A change of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Put new credits into an account: an admin's word.
    Issue {
        /// Which account.
        to: Account,
        /// How many.
        amount: Credits,
    },
    /// Give credits to another account.
    Transfer {
        /// Who gives.
        from: Party,
        /// Who gets.
        to: Account,
        /// How many.
        amount: Credits,
    },
    /// Set credits aside for another account, which may take of them until the end.
    Hold {
        /// Whose they are.
        from: Party,
        /// For whom.
        to: Account,
        /// How many.
        amount: Credits,
        /// For how long; what was not taken then goes back.
        span: Duration,
    },
    /// Take of what is held for oneself; the rest goes back.
    Capture {
        /// Which hold.
        hold: u64,
        /// Who takes.
        by: Party,
        /// How much; none: all.
        amount: Option<Credits>,
    },
    /// Let go of what is held for oneself.
    Release {
        /// Which hold.
        hold: u64,
        /// For whom it is held.
        by: Party,
    },
    /// The time of a hold is over: its steward says so.
    Expire {
        /// Which hold.
        hold: u64,
    },
}

/// What an act did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// Credits changed hands.
    Posted {
        /// By the last posting of this number.
        posting: u64,
    },
    /// Credits are held.
    Held {
        /// Under this number.
        hold: u64,
        /// Until the group's clock is there, in nanoseconds.
        ends: u64,
    },
}
