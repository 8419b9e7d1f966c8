//! Credits, auctions and rents of the whole cluster, as they follow from a log.
//!
//! Whoever took in the same acts holds the same [`Economics`]: who holds how much in which account,
//! what is held back until when, which auctions are open and how those that are over ended.
//!
//! # Invariants
//!
//! - **$1 Conserved.** The balances of all accounts add up to nought after every entry: the account
//!   [`Account::Issue`] is below nought by what was issued. No other is below nought.
//! - **$2 Held is there.** What lies in [`Account::Escrow`] is the sum of the open holds, and each
//!   hold has an end: a moment of the group's clock, or an auction, a task or a minute of an agent, which
//!   releases it when it is over.
//! - **$3 One outcome.** An auction ends once, in one entry, which pays by its rule as well.
//! - **$4 Sealed.** Of a sealed bid nothing but its commitment is here before its bidder reveals it.
//! - **$5 In one's own name.** A node spends from its own account; for an agent speaks the node of its
//!   latest life that the ledger heard of.
//!
//! Checked by `economics/tests` with models by seeds, and by the simulation `market`.
//!
//! # Who checks what
//!
//! The log knows which node wishes something, as the fabric proves it, and of each agent the latest
//! life that spoke here: an earlier life, and another node in the same life, are refused. Whether an
//! agent runs on the node that speaks for it, and whether it has the capability that an auction asks
//! for, only that node can see: it checks before it proposes, and members are trusted so far.
//!
//! # Not here
//!
//! Time: what is due is proposed by the steward of the auction or the hold, and decided by the clock
//! that the leader stamps on that entry. Secrets: openings of sealed bids lie with their bidders.
#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

mod act;
pub mod auction;
mod due;
pub mod ledger;
mod machine;
pub mod rent;
#[cfg(test)]
mod tests;

pub use act::{Act, Done, Outcome, Party, Refused, Wished};
pub use auction::Auctions;
pub use due::Due;
pub use ledger::{Account, Ledger};
pub use machine::Economics;
