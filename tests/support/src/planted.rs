//! Bugs planted at the boundary of the nodes: the invariants must find each.

use covey_logic::{
    Effect, Input, Name, NodeId,
    replica::{Delta, Kind},
    wire::{Message, Publication},
};

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// Anti-entropy never runs: every message of it is dropped.
    NoRepair,
    /// Whoever lost its claim keeps its copy: a stop is dropped while another copy runs.
    LoserRunsOn,
    /// The store acknowledges a write before it is on disk.
    EarlyAcknowledgement,
    /// A range of changes that begins above what the receiver holds is taken for one that continues
    /// it: the changes between are skipped.
    SkippedChanges,
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

    /// What becomes of an input, where `held` tells how far the receiver's copy of a shard reaches.
    pub(crate) fn twists(self, input: &mut Input, held: impl FnOnce(NodeId, Kind) -> u64) {
        if self == Self::SkippedChanges
            && let Input::Published { publication: Publication::Delta(Delta::Shard(delta)), .. } =
                input
        {
            let held = held(delta.origin, delta.kind);
            if delta.from > held {
                delta.from = held;
            }
        }
    }
}
