//! Whole credits: what is paid with.

mod ask;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use ts_rs::TS;

pub use ask::{Ask, Cost};

/// An amount of whole credits, from nought to [`Credits::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[ts(type = "number")]
pub struct Credits(u64);

/// More credits than there can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{amount} is more than the {most} credits that there can be", most = Credits::MAX)]
pub struct CreditsError {
    /// How many were meant.
    pub amount: u64,
}

impl Credits {
    /// None.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(1);
    /// All that can be issued, 2^53 − 1: a browser counts as far exactly, and no sum of what was
    /// issued passes 64 bits.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// So many.
    ///
    /// # Errors
    ///
    /// [`CreditsError`] if there cannot be so many.
    pub fn new(amount: u64) -> Result<Self, CreditsError> {
        if amount > Self::MAX.0 { Err(CreditsError { amount }) } else { Ok(Self(amount)) }
    }

    /// How many.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// As a part of a balance.
    #[must_use]
    pub fn signed(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }

    /// Whether it is none.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Both together; nothing beyond [`Self::MAX`].
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(|sum| Self::new(sum).ok())
    }

    /// What is left without `other`; nothing if that is more.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// What is left without `other`, or none.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Credits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
