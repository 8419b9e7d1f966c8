//! How a node pairs, as its owner sets it.

use super::secret::Secret;

/// How a node pairs.
#[derive(Clone, Default)]
pub struct PairingSettings {
    /// A shared key that admits unattended nodes without a person, as workers: the least role that
    /// hosts agents. At least [`PairingSettings::MIN_JOIN_KEY_LEN`] characters; who listens on the
    /// LAN can try guesses against what the nodes say, so it should be random, not a phrase.
    pub join_key: Option<String>,
    /// Whether a lone node asks a cluster nearby by itself.
    pub ask_by_itself: bool,
}

/// Settings that no node pairs with; the node is not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairingSettingsError {
    /// The join key can be guessed: choose a longer one.
    #[error("a join key of {found} characters; it takes at least {least}")]
    ShortJoinKey {
        /// How many characters it has, white space around it not counted.
        found: usize,
        /// How many it takes.
        least: usize,
    },
}

impl PairingSettings {
    /// 16 hexadecimal digits are 64 bits, out of reach for guessing at the price of a hash each.
    pub const MIN_JOIN_KEY_LEN: usize = 16;

    /// Checks the settings; to be called before [`Pairing::new`](super::Pairing::new).
    ///
    /// # Errors
    ///
    /// The first fault found.
    pub fn check(&self) -> Result<(), PairingSettingsError> {
        let found = self.join_key.as_ref().map(|key| key.trim().chars().count());
        match found {
            Some(found) if found < Self::MIN_JOIN_KEY_LEN => {
                Err(PairingSettingsError::ShortJoinKey { found, least: Self::MIN_JOIN_KEY_LEN })
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn secret(&self) -> Option<Secret> {
        self.join_key.as_deref().map(Secret::of_join_key)
    }
}

impl std::fmt::Debug for PairingSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PairingSettings")
            .field("join_key", &self.join_key.as_ref().map(|_| "…"))
            .field("ask_by_itself", &self.ask_by_itself)
            .finish()
    }
}
