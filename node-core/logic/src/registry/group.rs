//! Groups: names with several owners at once.
//!
//! A membership is an entry in the shard of the node it is on, like a claim, but one does not
//! exclude another. It counts while its node is present, and ends with the agent it was made for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    ids::{Name, NodeId},
    registry::{
        MemberView,
        changes::{Changes, What, member},
    },
    replica::Claim,
};

/// A member: a node, or one of its agents.
pub(super) type Who = (NodeId, Option<Name>);

/// Every group and its members, present or not.
#[derive(Debug, Default)]
pub struct Groups {
    groups: BTreeMap<Name, BTreeMap<Who, Arc<Claim>>>,
    /// The groups of each node.
    of: BTreeMap<NodeId, BTreeSet<(Name, Option<Name>)>>,
}

impl Groups {
    pub(super) fn claim(&self, group: &Name, who: &Who) -> Option<&Arc<Claim>> {
        self.groups.get(group)?.get(who)
    }

    /// The groups and agents through which `node` is in them.
    pub(super) fn of(&self, node: NodeId) -> impl Iterator<Item = &(Name, Option<Name>)> {
        self.of.get(&node).into_iter().flatten()
    }

    pub(super) fn members(
        &self,
        group: &Name,
        present: impl Fn(NodeId) -> bool,
    ) -> Vec<MemberView> {
        let members = self.groups.get(group).into_iter().flatten();
        let counted = members.filter(|((node, _), _)| present(*node));
        counted.map(|(who, claim)| member(who, claim)).collect()
    }

    /// Every group with a member that counts, and how many there are.
    pub(super) fn sizes(&self, present: impl Fn(NodeId) -> bool) -> Vec<(Name, u32)> {
        let size = |members: &BTreeMap<Who, Arc<Claim>>| {
            let counted = members.keys().filter(|(node, _)| present(*node)).count();
            u32::try_from(counted).unwrap_or(u32::MAX)
        };
        let sizes = self.groups.iter().map(|(group, members)| (group.clone(), size(members)));
        sizes.filter(|(_, size)| *size > 0).collect()
    }

    /// Puts a membership in place of the one that `who` had; those who watch are told if it counts.
    pub(super) fn put(
        &mut self,
        (group, who): (&Name, Who),
        claim: Option<Arc<Claim>>,
        counts: bool,
        changes: &mut Changes,
    ) {
        let members = self.groups.entry(group.clone()).or_default();
        let place = (group.clone(), who.1.clone());
        let old = match &claim {
            Some(claim) => {
                self.of.entry(who.0).or_default().insert(place);
                members.insert(who.clone(), Arc::clone(claim))
            }
            None => {
                if let Some(places) = self.of.get_mut(&who.0) {
                    places.remove(&place);
                    if places.is_empty() {
                        self.of.remove(&who.0);
                    }
                }
                members.remove(&who)
            }
        };
        if members.is_empty() {
            self.groups.remove(group);
        }
        if !counts || old == claim {
            return;
        }
        if let Some(old) = old {
            changes.push(group, What::Left(who.clone(), old));
        }
        if let Some(claim) = claim {
            changes.push(group, What::Joined(who, claim));
        }
    }

    /// The memberships of `node` count from here on, or no longer.
    pub(super) fn turn(&self, node: NodeId, present: bool, changes: &mut Changes) {
        for (group, agent) in self.of(node) {
            let who = (node, agent.clone());
            let Some(claim) = self.claim(group, &who).map(Arc::clone) else { continue };
            let what = if present { What::Joined(who, claim) } else { What::Left(who, claim) };
            changes.push(group, what);
        }
    }
}
