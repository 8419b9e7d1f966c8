//! What a node is to others while it pairs: its name, its cluster, its certificate.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;

use crate::{
    certificate::{Certificate, Role},
    ids::{ClusterId, NodeId},
    time::Wall,
};

use super::{Hello, Refusal, SecretId};

/// What membership tells pairing about this node and its cluster.
#[derive(Clone)]
pub struct Standing {
    /// The name people gave the node.
    pub name: String,
    /// The name of its cluster.
    pub cluster_name: String,
    /// When its cluster was founded.
    pub founded: Wall,
    /// Covey's version.
    pub version: String,
    /// `linux`, `macos`, `windows`.
    pub os: String,
    /// Its own proof of membership; names the cluster.
    pub certificate: Certificate,
    /// Its identity, which signs the certificates it issues.
    pub key: SigningKey,
    /// Where members reach its fabric.
    pub addresses: Vec<String>,
    /// Every member of the cluster, the node itself among them.
    pub members: BTreeSet<NodeId>,
    /// Every node that was put out of the cluster.
    pub revoked: BTreeSet<NodeId>,
}

impl Standing {
    pub(super) const fn cluster(&self) -> ClusterId {
        self.certificate.cluster
    }

    pub(super) fn hello(&self, join_key: Option<SecretId>) -> Hello {
        Hello {
            name: self.name.clone(),
            cluster: self.cluster(),
            cluster_name: self.cluster_name.clone(),
            founded: self.founded,
            members: u16::try_from(self.members.len()).unwrap_or(u16::MAX).max(1),
            version: self.version.clone(),
            os: self.os.clone(),
            join_key,
        }
    }

    /// Whether this node may issue certificates now.
    pub(super) fn may_admit(&self, wall: Wall) -> bool {
        let room = self.certificate.links.len() < Certificate::MAX_LINKS;
        let admin = self
            .certificate
            .verify(self.cluster(), wall)
            .is_ok_and(|(_, role)| role == Role::Admin);
        room && admin && !self.is_revoked(&self.certificate)
    }

    /// Checks that `certificate` makes `node` a member of this cluster.
    pub(super) fn check_member(
        &self,
        wall: Wall,
        node: NodeId,
        certificate: &Certificate,
    ) -> Result<(), Refusal> {
        if !certificate.verify(self.cluster(), wall).is_ok_and(|(subject, _)| subject == node) {
            return Err(Refusal::BadCertificate);
        }
        if self.is_revoked(certificate) { Err(Refusal::Revoked) } else { Ok(()) }
    }

    fn is_revoked(&self, certificate: &Certificate) -> bool {
        certificate.links.iter().any(|link| self.revoked.contains(&link.node))
    }
}

impl std::fmt::Debug for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Standing")
            .field("name", &self.name)
            .field("certificate", &self.certificate)
            .field("members", &self.members)
            .field("revoked", &self.revoked)
            .finish_non_exhaustive()
    }
}
