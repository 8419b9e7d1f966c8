//! Who is a member, with which role: certificates that hold, less those that are revoked.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    certificate::{Certificate, Proven, Role},
    ids::{ClusterId, NodeId},
    replica::{Shared, SharedKey, shared::SharedValues},
    time::Wall,
};

/// Members and their roles, worked out from the shared values.
#[derive(Clone, Debug)]
pub struct Roster {
    cluster: ClusterId,
    roles: BTreeMap<NodeId, Role>,
    revoked: BTreeSet<NodeId>,
    proven: Proven,
}

impl Roster {
    /// The members that `shared` proves, and the holder of `own`.
    ///
    /// A member counts if its certificate holds and neither it nor anyone in its chain is revoked;
    /// what a revoked admin signed is not believed, or it could admit itself again under another
    /// key.
    #[must_use]
    pub fn new(own: &Certificate, shared: &SharedValues, now: Wall) -> Self {
        Self::prove(Proven::default(), own, shared, now)
    }

    /// The roster that follows this one, worked out from the shared values as they are by now.
    #[must_use]
    pub fn next(&self, own: &Certificate, shared: &SharedValues, now: Wall) -> Self {
        Self::prove(self.proven.clone(), own, shared, now)
    }

    fn prove(mut proven: Proven, own: &Certificate, shared: &SharedValues, now: Wall) -> Self {
        let cluster = own.cluster;
        let revoked: BTreeSet<NodeId> = shared
            .iter()
            .filter_map(
                |(key, _)| if let SharedKey::Revoked(node) = key { Some(*node) } else { None },
            )
            .collect();
        let certificates = shared.iter().filter_map(|(key, value)| match (key, value) {
            (SharedKey::Member(node), Shared::Member(certificate)) => Some((*node, &**certificate)),
            _ => None,
        });
        let own_node = own.node().map(|node| (node, own));
        let roles = certificates
            .chain(own_node)
            .filter(|(_, certificate)| {
                !certificate.issuers().any(|issuer| revoked.contains(&issuer))
            })
            .filter_map(|(node, certificate)| {
                let (holder, role) = certificate.verify_with(&mut proven, cluster, now).ok()?;
                (holder == node && !revoked.contains(&node)).then_some((node, role))
            })
            .collect();
        Self { cluster, roles, revoked, proven }
    }

    /// The cluster.
    #[must_use]
    pub fn cluster(&self) -> ClusterId {
        self.cluster
    }

    /// The role of a member; none if it is no member.
    #[must_use]
    pub fn role(&self, node: NodeId) -> Option<Role> {
        self.roles.get(&node).copied()
    }

    /// Every member and its role.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, Role)> + '_ {
        self.roles.iter().map(|(node, role)| (*node, *role))
    }

    /// Every member.
    #[must_use]
    pub fn members(&self) -> BTreeSet<NodeId> {
        self.roles.keys().copied().collect()
    }

    /// Nodes that were put out.
    #[must_use]
    pub fn revoked(&self) -> &BTreeSet<NodeId> {
        &self.revoked
    }

    /// Whether `node` may write `key`: what a shared value says counts only from those whose role
    /// allows it.
    #[must_use]
    pub fn may_write(&self, node: NodeId, key: &SharedKey) -> bool {
        let needs =
            match key {
                // A certificate proves itself, whoever passes it on.
                SharedKey::Member(_) => return true,
                SharedKey::Revoked(_) | SharedKey::Lineage => Role::Admin,
                SharedKey::Spec(_)
                | SharedKey::Scheduling(_)
                | SharedKey::Namespace(_)
                | SharedKey::Cleanup(_)
                | SharedKey::Quiet(..)
                | SharedKey::Rebalance => Role::Operator,
                // The host of an agent that finished writes that it is no longer wanted, and the steward
                // of a namespace where its agents run, the one of an alert that it is there.
                SharedKey::Intent(_) | SharedKey::Assignment(_) | SharedKey::Alert(..) => {
                    Role::Worker
                }
                // An admin who puts a node out takes over what it wrote.
                SharedKey::Tally(_, writer) | SharedKey::Variable(_, writer) => {
                    if writer.node == node { Role::Worker } else { Role::Admin }
                }
            };
        self.role(node).is_some_and(|role| role >= needs)
    }
}
