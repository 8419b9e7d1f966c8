//! When an agent that ended is started again.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// When an agent that ended is started again, after Erlang's supervisors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default, rename_all = "snake_case")]
pub struct RestartRule {
    /// Which ends call for a start.
    pub policy: RestartPolicy,
    /// Restarts allowed within `window_ms`; one more and the agent is parked as failed.
    pub max_restarts: u32,
    /// The sliding window, in milliseconds.
    #[ts(type = "number")]
    pub window_ms: u64,
    /// The wait before the first restart, in milliseconds; it doubles up to thirty seconds.
    #[ts(type = "number")]
    pub backoff_ms: u64,
}

impl Default for RestartRule {
    fn default() -> Self {
        Self {
            policy: RestartPolicy::Permanent,
            max_restarts: 5,
            window_ms: 60_000,
            backoff_ms: 100,
        }
    }
}

/// Which ends of an agent call for a start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RestartPolicy {
    /// Every end.
    #[default]
    Permanent,
    /// An end that is not a clean exit.
    Transient,
    /// None.
    Temporary,
}
