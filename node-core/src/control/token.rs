//! The secret that opens a door for one launch.

use std::fmt;

use covey_logic::ids::{hex, unhex};

/// The secret that opens a door for one launch.
#[derive(Clone, Copy)]
pub struct Token([u8; 32]);

impl Token {
    /// A token of `random` bytes, from the operating system.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// The token as 64 hexadecimal digits.
    #[must_use]
    pub fn reveal(&self) -> String {
        hex(&self.0)
    }

    /// Whether `text` spells this token; takes as long whichever digit differs.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        // `blake3::Hash` compares in constant time.
        unhex(text).is_some_and(|bytes| blake3::Hash::from(bytes) == blake3::Hash::from(self.0))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}
