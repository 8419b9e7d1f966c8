//! What changed, for those who watch.
//!
//! One log serves every watcher: each keeps its own place in it, so a watcher costs no memory here,
//! and a slow one is told what it missed (N5).

use std::{collections::VecDeque, sync::Arc};

use crate::{
    ids::{Name, NodeId},
    registry::{ChangeKind, ChangeView, HeldView, MemberView, Precedence, entry::Claimant},
    replica::Claim,
};

/// Changes given at once.
pub const MAX_CHANGES_PAGE: usize = 1_000;

/// What changed of a name or a group.
#[derive(Clone, Debug)]
pub(super) enum What {
    Registered(Claimant),
    Updated(Claimant),
    Removed(Claimant),
    Conflict { winner: Claimant, loser: Claimant },
    Joined((NodeId, Option<Name>), Arc<Claim>),
    Left((NodeId, Option<Name>), Arc<Claim>),
}

/// The newest changes.
#[derive(Debug, Default)]
pub struct Changes {
    log: VecDeque<(Name, What)>,
    /// Changes forgotten.
    forgotten: u64,
}

impl Changes {
    /// Changes kept: 2 MiB, and more than two of the largest bulk commands while a watcher is busy.
    pub const CAPACITY: usize = 16_384;

    pub(super) fn push(&mut self, name: &Name, what: What) {
        self.log.push_back((name.clone(), what));
        if self.log.len() > Self::CAPACITY {
            self.log.pop_front();
            self.forgotten += 1;
        }
    }

    /// The sequence number of the newest change; 0 before the first.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.forgotten + self.log.len() as u64
    }

    /// The changes after the one numbered `after`, of names and groups that begin with `prefix`, and
    /// the number to go on after; a [`ChangeKind::Gap`] stands for those that are forgotten.
    ///
    /// At most [`MAX_CHANGES_PAGE`] are looked at, so a page may be empty though there are more.
    #[must_use]
    pub fn after(&self, after: u64, prefix: &str) -> (Vec<ChangeView>, u64) {
        // A number that was not given yet is from another life of this node.
        let foreign = after > self.head();
        let start = if foreign { self.head() } else { after.max(self.forgotten) };
        let mut changes = Vec::new();
        if foreign || start > after {
            let missed = if foreign { 0 } else { start - after };
            changes.push(ChangeView { seq: start, name: None, change: ChangeKind::Gap { missed } });
        }
        let skip = usize::try_from(start - self.forgotten).unwrap_or(usize::MAX);
        let mut seq = start;
        for (name, what) in self.log.iter().skip(skip).take(MAX_CHANGES_PAGE) {
            seq += 1;
            if name.as_str().starts_with(prefix) {
                changes.push(ChangeView { seq, name: Some(name.clone()), change: what.view() });
            }
        }
        (changes, seq)
    }
}

impl What {
    fn view(&self) -> ChangeKind {
        match self {
            Self::Registered(owner) => ChangeKind::Registered { owner: held(owner) },
            Self::Updated(owner) => ChangeKind::Updated { owner: held(owner) },
            Self::Removed(owner) => ChangeKind::Removed { owner: held(owner) },
            Self::Conflict { winner, loser } => ChangeKind::Conflict {
                winner: held(winner),
                loser: held(loser),
                why: Precedence::between(&winner.1, &loser.1),
            },
            Self::Joined(who, claim) => ChangeKind::Joined { member: member(who, claim) },
            Self::Left(who, claim) => ChangeKind::Left { member: member(who, claim) },
        }
    }
}

fn held((node, claim): &Claimant) -> HeldView {
    HeldView {
        node: *node,
        epoch: claim.epoch,
        revision: claim.revision,
        metadata: claim.metadata.clone(),
    }
}

pub(super) fn member((node, agent): &(NodeId, Option<Name>), claim: &Claim) -> MemberView {
    MemberView {
        node: *node,
        agent: agent.clone(),
        epoch: claim.epoch,
        metadata: claim.metadata.clone(),
        since: claim.since.0,
    }
}
