//! Credits and auctions of the cluster, from this node: what its user and its agents ask for, and what
//! falls to it to say in time.
//!
//! The state is what the group agreed on ([`covey_logic::economics`]); nothing here has another.
//! Sealed bids of this node's own user are the exception, while they are sealed: the ciphertext of an
//! opening lies in the data folder, and is read when its auction opens bids, not before.

mod bidders;
mod exchange;
mod landlord;
mod seal;
mod steward;
mod vault;

pub use exchange::Market;
pub(crate) use exchange::{NoMarket, Trading};
pub(crate) use landlord::let_places;
pub use seal::{SealError, SealedOpening, seal};
pub(crate) use steward::run;
pub(crate) use vault::Vault;
