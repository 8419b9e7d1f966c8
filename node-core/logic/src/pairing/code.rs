//! The code that both screens show, and what it is derived from.

use crate::ids::{ClusterId, NodeId};

use super::{Commitment, Nonce, words::WORDS};

/// Everything two nodes said before the code is shown; equal on both sides or the codes differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// Who asks to join.
    pub joiner: NodeId,
    /// Who is asked.
    pub host: NodeId,
    /// The cluster that the joiner would enter.
    pub cluster: ClusterId,
    /// The joiner's nonce.
    pub joiner_nonce: Nonce,
    /// The host's nonce.
    pub host_nonce: Nonce,
}

/// Six digits and four words: 52 bits, of which the digits alone are 20.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Six decimal digits.
    pub digits: String,
    /// Four words of a list of 256.
    pub words: Vec<String>,
}

impl Transcript {
    /// The code that belongs to this transcript.
    #[must_use]
    pub fn code(&self) -> Code {
        let hash = blake3::derive_key("covey pairing 1", &self.bytes());
        let (number, rest) = hash.split_at(8);
        // 2^64 is so much more than 10^6 that no number is favoured by more than 1 in 10^13.
        let number = number.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let words = rest.iter().take(4).filter_map(|byte| WORDS.get(usize::from(*byte)));
        Code {
            digits: format!("{:06}", number % 1_000_000),
            words: words.map(|word| String::from(*word)).collect(),
        }
    }

    /// The fields one after the other; each has a fixed length, so no two transcripts read alike.
    pub(super) fn bytes(&self) -> Vec<u8> {
        [self.joiner.0, self.host.0, self.cluster.0, self.joiner_nonce.0, self.host_nonce.0]
            .concat()
    }
}

impl Commitment {
    /// The seal of `joiner` on `nonce`.
    #[must_use]
    pub fn seal(joiner: NodeId, nonce: Nonce) -> Self {
        Self(blake3::derive_key("covey pairing 1 commitment", &[joiner.0, nonce.0].concat()))
    }
}
