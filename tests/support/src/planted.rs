//! Bugs planted at the boundary of the nodes: the invariants must find each.

use covey_logic::{Effect, Name, wire::Message};

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// Anti-entropy never runs: every message of it is dropped.
    NoRepair,
    /// Whoever lost its claim keeps its copy: a stop is dropped while another copy runs.
    LoserRunsOn,
    /// The store acknowledges a write before it is on disk.
    EarlyAcknowledgement,
    /// What a dead process claimed is cleaned up two seconds later by the name of its node alone,
    /// so that what its next life claimed goes as well.
    StaleCleanup,
}

impl Planted {
    /// Whether the effect is dropped, where `rivals` tells whether another machine runs the agent.
    pub(crate) fn drops(self, effect: &Effect, rivals: impl FnOnce(&Name) -> bool) -> bool {
        match (self, effect) {
            (Self::NoRepair, Effect::Send { message, .. }) => matches!(message, Message::Repair(_)),
            (Self::LoserRunsOn, Effect::StopAgent { name, .. }) => rivals(name),
            _ => false,
        }
    }
}
