//! Values to bytes and back.

use serde::{Serialize, de::DeserializeOwned};

/// The version of everything this crate says; a change that an older node cannot read raises it.
pub const VERSION: u8 = 1;

/// Bytes that are no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The sender speaks another version: update the older of the two.
    #[error("version {0} is not understood")]
    Version(u8),
    /// There is nothing.
    #[error("no bytes")]
    Empty,
    /// The bytes do not spell a value, or spell more than one.
    #[error("bytes do not spell a value")]
    Garbled,
}

/// The bytes of `value`.
///
/// # Panics
///
/// If `value` cannot be serialised, which none of this crate's types can be.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "serialising to memory fails only for types that serde cannot express"
)]
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_extend(value, vec![VERSION]).expect("every wire type serialises")
}

/// The value that `bytes` spell.
///
/// # Errors
///
/// See [`DecodeError`]; the sender is at fault.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (version, body) = bytes.split_first().ok_or(DecodeError::Empty)?;
    if *version != VERSION {
        return Err(DecodeError::Version(*version));
    }
    match postcard::take_from_bytes(body) {
        Ok((value, [])) => Ok(value),
        Ok(_) | Err(_) => Err(DecodeError::Garbled),
    }
}
