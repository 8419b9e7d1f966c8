//! What keeps the claims of a namespace.
//!
//! The contract of every backend, proven for each by one suite (`tests/backends.rs`):
//!
//! - **B1 Kept.** Once the step ends in which a claim was written, the registry of this node holds
//!   exactly that claim of this node: the last one written, or none. In `consensus` a claim is written
//!   when the group has agreed and this node took that in; who asked is answered then.
//! - **B2 Alike.** A search, a watch, a wait, compare-and-set and removal with the holder do not tell
//!   backends apart.
//! - **B3 Reach.** `local` tells no other node; `replicated` tells every one; `consensus` tells every
//!   one of what was agreed, and of nothing else.
//!
//! Names of supervised agents are always replicated: every side of a split must be able to say who runs
//! them, and those that must not run twice have leases of their own. So is who is in a group of owners,
//! of whom there may be many.
//!
//! A claim of `consensus` ends with the lease of its node, whether or not that is up, and the node
//! itself believes it for a little less long. While a namespace moves there, its names stay with who
//! claimed them, as in `replicated` and without a token, until the group grants each to the first that
//! it hears of; the others lose theirs. While it moves away, a name is its holder's without a token.

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
    /// The group agrees on who holds each: never two at any moment, at the price of a majority.
    Consensus,
}

/// Keeps the claims of this node, without asking anybody.
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
