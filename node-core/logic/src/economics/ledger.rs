//! Accounts in whole credits, kept by double entry: every posting takes from one what it gives to
//! another, and names the wish that caused it.
//!
//! The newest [`Ledger::POSTINGS`] postings are kept; what older ones came to is brought forward in
//! each account, so that a statement still explains the balance, and an audit can recompute it.

mod account;
mod act;
mod audit;
mod error;
mod export;
mod hold;
mod machine;
mod posting;
mod statement;
mod task;

pub use account::{Account, AccountError, Life, Standing};
pub use act::{Act, Done};
pub use audit::{Audit, Fault};
pub use error::Refused;
pub use export::{PostingView, csv};
pub use hold::{Hold, HoldEnd, HoldView};
pub use machine::Ledger;
pub use posting::{Posting, Why, Within};
pub use statement::{AccountView, Line, Statement};
