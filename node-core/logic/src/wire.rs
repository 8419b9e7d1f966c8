//! What nodes say to each other as bytes: a version, then postcard.
//!
//! Decoding is total: any bytes give a value or a [`DecodeError`], never a panic, and never more
//! memory than the bytes themselves call for.

mod codec;
mod message;
pub mod tagged;
#[cfg(test)]
mod tests;

pub use codec::{DecodeError, VERSION, decode, encode};
pub use message::{Lane, Message, Publication};
