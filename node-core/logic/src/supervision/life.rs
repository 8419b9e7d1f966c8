//! One agent on this node, and its restart rule.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use crate::{
    agent::{AgentSpec, ExitReason, RestartPolicy, RestartRule, Status},
    event::PlacedFor,
    time::Instant,
};

/// An agent that this node holds.
#[derive(Clone, Debug)]
pub struct Life {
    /// What runs.
    pub spec: Arc<AgentSpec>,
    /// What the others are told.
    pub status: Status,
    /// The lives it used up.
    pub restarts: Restarts,
    /// Why a fresh life follows on this node once this one has stopped, if one does.
    pub again: Option<PlacedFor>,
    /// How far it is on its way to this node or away from it.
    pub passage: Passage,
}

/// How far an agent is on its way to a node or away from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passage {
    /// It is not on its way.
    #[default]
    None,
    /// It has not run here yet, and runs elsewhere.
    Arriving,
    /// The other node may run it: it is not started again here.
    Sent,
}

/// What follows an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Start again after this wait.
    Restart(Duration),
    /// It did what it should.
    Finish,
    /// It ended too often.
    Park,
}

/// Ends within the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restarts {
    ends: VecDeque<Instant>,
}

impl Restarts {
    /// The longest wait before a restart.
    pub const MAX_BACKOFF: Duration = Duration::from_secs(30);

    /// Judges an end, and takes note of it if it leads to a restart.
    pub fn on_exit(&mut self, now: Instant, rule: &RestartRule, reason: &ExitReason) -> Verdict {
        let again = match rule.policy {
            RestartPolicy::Permanent => true,
            RestartPolicy::Transient => !reason.is_clean(),
            RestartPolicy::Temporary => false,
        };
        if !again {
            return Verdict::Finish;
        }
        let window = Duration::from_millis(rule.window_ms);
        self.ends.retain(|end| now.since(*end) < window);
        let count = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        if count >= rule.max_restarts {
            return Verdict::Park;
        }
        self.ends.push_back(now);
        let factor = 1_u32.checked_shl(count).unwrap_or(u32::MAX);
        let wait = Duration::from_millis(rule.backoff_ms).saturating_mul(factor);
        Verdict::Restart(wait.min(Self::MAX_BACKOFF))
    }
}
