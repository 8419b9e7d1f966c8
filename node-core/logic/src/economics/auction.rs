//! Auctions: a lot, rules of a kind, bids that are held in the ledger, and one outcome.
//!
//! What all kinds share is here: who may bid, what is due when, cancelling, and that an auction that
//! is over stays for a while. A kind is one [`Mechanism`]: a file in `kinds/` and a line in `kinds.rs`.

mod act;
mod error;
mod kinds;
mod lot;
mod machine;
mod mechanism;
mod options;
mod outcome;
mod room;
mod view;

pub use act::{Act, Done, Offer, Taken, Terms};
pub use error::Refused;
pub use kinds::{Dutch, English, FirstPrice, KINDS, Rules, Vickrey, commitment};
pub use lot::{Auction, Phase, Qualification, Tally};
pub use machine::Auctions;
pub use mechanism::{Kind, Mechanism};
pub use options::{OptionSpec, Options, Unit};
pub use outcome::{Cause, Flow, Outcome, Sale};
pub use room::Room;
pub use view::{AuctionView, BidRow, BidState, KindView, OptionView, Picture};
