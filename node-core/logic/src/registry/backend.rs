//! What keeps the claims of a namespace.
//!
//! The contract of every backend, proven for each by one suite (`tests/backends.rs`):
//!
//! - **B1 Kept.** Once the step ends in which a claim was written, the registry of this node holds
//!   exactly that claim of this node: the last one written, or none.
//! - **B2 Alike.** A search, a watch, a wait, compare-and-set and removal with the holder do not tell
//!   backends apart.
//! - **B3 Reach.** `local` tells no other node; `replicated` tells every one.
//!
//! Names of supervised agents are always replicated: the cluster must agree on who runs them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::Name,
    outbox::{Happened, Outbox},
    replica::{Claim, Presence, PresenceKey},
};

/// What keeps the names of a namespace.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// This node alone knows them.
    Local,
    /// Every node knows them; both sides of a split may claim one, and agree once it heals.
    #[default]
    Replicated,
    /// Never two holders at any moment; this takes a consensus group.
    Consensus,
}

/// Keeps the claims of this node.
pub(super) trait Keep {
    /// Keeps `claim` as this node's claim on `name`; with none, it has no more.
    fn write(&self, name: &Name, claim: Option<Arc<Claim>>, out: &mut Outbox);
}

/// Keeps claims in this process.
pub(super) struct Local;

/// Keeps claims in this node's shard, which every node copies.
pub(super) struct Replicated;

impl Keep for Local {
    fn write(&self, name: &Name, claim: Option<Arc<Claim>>, out: &mut Outbox) {
        out.happened(Happened::LocalSaid(name.clone(), claim));
    }
}

impl Keep for Replicated {
    fn write(&self, name: &Name, claim: Option<Arc<Claim>>, out: &mut Outbox) {
        let key = PresenceKey::Claim(name.clone());
        out.happened(Happened::PresenceSaid(key, claim.map(Presence::Claim)));
    }
}
