//! The code that both screens show.

use crate::ids::NodeId;

use super::Nonce;

/// Everything two nodes said before the code is shown; equal on both sides or the codes differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// Who asks to join.
    pub joiner: NodeId,
    /// Who is asked.
    pub host: NodeId,
    /// The joiner's nonce.
    pub joiner_nonce: Nonce,
    /// The host's nonce.
    pub host_nonce: Nonce,
}

/// Six digits and four words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Six decimal digits.
    pub digits: String,
    /// Four words of a list of 256.
    pub words: Vec<String>,
}
