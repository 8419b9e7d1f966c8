//! The transitions of pairing.

use std::time::Duration;

/// How a node pairs.
#[derive(Clone, Debug, Default)]
pub struct PairingSettings {
    /// A shared key that admits unattended nodes without a person; at least 16 characters.
    pub join_key: Option<String>,
    /// Whether a lone node asks a cluster nearby by itself.
    pub ask_by_itself: bool,
}

/// Stub.
#[derive(Debug)]
pub struct Pairing;
impl Pairing {
    /// How long a request waits for a person.
    pub const REQUEST_TIMEOUT: Duration = Duration::from_mins(2);
}
