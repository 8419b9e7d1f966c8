//! Bugs planted at the boundary of the nodes: the invariants must find each.

use std::time::Duration;

use covey_logic::{
    Effect, Input, Name, NodeId,
    agreed::Tidings,
    coordination,
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
    /// Whoever holds names believes so for an hour, whatever becomes of its lease.
    EndlessLease,
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

    /// Whether an input is never heard.
    pub(crate) fn swallows(self, input: &Input) -> bool {
        let Input::Tenure { place, tidings: Tidings::Over { .. }, .. } = input else {
            return false;
        };
        self == Self::EndlessLease && place.kind == coordination::Kind::Names
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
        if self == Self::EndlessLease
            && let Input::Tenure { place, tidings: Tidings::Granted { until, .. }, .. } = input
            && place.kind == coordination::Kind::Names
        {
            *until = *until + Duration::from_hours(1);
        }
    }
}
