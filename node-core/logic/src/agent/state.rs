//! The state of an agent, as bytes.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::agent::blob;

/// What an agent gave of itself and can be started from: JSON text, which nothing but the agent
/// looks into.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentState(#[serde(with = "blob")] pub Arc<[u8]>);

impl AgentState {
    /// The longest state, in bytes: a gigabit link carries it in half a second.
    pub const MAX_LEN: usize = 64 << 20;

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<u8>> for AgentState {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for AgentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgentState({} bytes)", self.len())
    }
}
