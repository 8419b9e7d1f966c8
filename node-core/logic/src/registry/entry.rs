//! The claims on one name, and the rule that picks the owner.

use std::{cmp::Reverse, sync::Arc};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::{Epoch, NodeId},
    replica::Claim,
    time::Wall,
};

/// A claim and the node that made it.
pub(super) type Claimant = (NodeId, Arc<Claim>);

/// The claims on one name, of nodes present or not; few names have more than one, so one needs no
/// memory of its own.
#[derive(Debug, Default)]
pub(super) enum Claims {
    #[default]
    None,
    One(Claimant),
    Many(Vec<Claimant>),
}

/// Which rule decided between two claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Precedence {
    /// The winner's agent is the later life.
    Epoch,
    /// The winner claimed it first.
    #[default]
    Earlier,
    /// Both claimed it at the same moment: the smaller node id decides.
    SmallerId,
}

impl Claims {
    pub(super) fn as_slice(&self) -> &[Claimant] {
        match self {
            Self::None => &[],
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }

    /// The claim of `node`.
    pub(super) fn of(&self, node: NodeId) -> Option<&Arc<Claim>> {
        self.as_slice().iter().find(|(holder, _)| *holder == node).map(|(_, claim)| claim)
    }

    /// Puts the claim of `node` in place of the one it had.
    pub(super) fn put(&mut self, node: NodeId, claim: Option<Arc<Claim>>) {
        let mut all = match std::mem::take(self) {
            Self::None => Vec::new(),
            Self::One((holder, _)) if holder == node => Vec::new(),
            Self::One(one) => vec![one],
            Self::Many(mut many) => {
                many.retain(|(holder, _)| *holder != node);
                many
            }
        };
        *self = match (claim, all.len()) {
            (Some(claim), 0) => Self::One((node, claim)),
            (Some(claim), _) => {
                all.push((node, claim));
                Self::Many(all)
            }
            (None, 0) => Self::None,
            (None, 1) => all.pop().map_or(Self::None, Self::One),
            (None, _) => Self::Many(all),
        };
    }

    /// Whose claim wins among the nodes of which `present` is true.
    pub(super) fn owner(&self, present: impl Fn(NodeId) -> bool) -> Option<&Claimant> {
        self.as_slice().iter().filter(|(node, _)| present(*node)).max_by_key(|claim| rank(claim))
    }
}

/// Whether the claim `one` wins against `other`.
pub(super) fn wins(one: &Claimant, other: &Claimant) -> bool {
    rank(one) > rank(other)
}

/// When a claim was made, by a hybrid clock.
type Since = (Wall, u32);

fn rank((node, claim): &Claimant) -> (Epoch, Reverse<(Since, NodeId)>) {
    (claim.epoch, Reverse((claim.since, *node)))
}

impl Precedence {
    /// Why `winner` wins against `loser`.
    pub(super) fn between(winner: &Claim, loser: &Claim) -> Self {
        if winner.epoch != loser.epoch {
            Self::Epoch
        } else if winner.since == loser.since {
            Self::SmallerId
        } else {
            Self::Earlier
        }
    }
}
