//! Membership certificates: who vouches for a node, and what the node may do.
//!
//! A certificate is signed by an issuer: the cluster key itself, or an admin, whose own certificate
//! comes along. So a certificate proves itself to anyone who knows the cluster id, with no directory
//! to ask, and any admin can admit a node while the founder is away.

use std::collections::BTreeSet;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::{ClusterId, NodeId},
    time::Wall,
};

/// What a member may do; each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything, changes nothing, hosts nothing.
    Observer,
    /// Hosts agents and calls them; changes nothing.
    Worker,
    /// Starts, stops and moves agents.
    Operator,
    /// Admits and revokes members.
    Admin,
}

/// One link of a certificate chain: what an issuer says of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The node it speaks of.
    pub node: NodeId,
    /// What the node may do.
    pub role: Role,
    /// Distinguishes certificates of one issuer.
    pub serial: u64,
    /// From when on it holds.
    pub issued: Wall,
    /// Until when it holds, if it ends by itself.
    pub expires: Option<Wall>,
    /// Who signed it: the cluster key or an admin.
    pub issuer: [u8; 32],
    /// Ed25519 (RFC 8032) over the cluster id and the fields above.
    pub signature: Seal,
}

/// A proof of membership: links from the cluster key to one node, that node last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The cluster it admits to.
    pub cluster: ClusterId,
    /// From the link that the cluster key signed to the link of the node.
    pub links: Vec<Link>,
}

/// Links whose signatures were found true, by the hash of link and signature: a signature costs fifty
/// times its hash to check, and a cluster shows the same ones again with every change of its members.
#[derive(Clone, Debug, Default)]
pub struct Proven(BTreeSet<[u8; 32]>);

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seal(pub [u8; 64]);

/// Why a certificate proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It has no link, or more than [`Certificate::MAX_LINKS`].
    #[error("a chain of {0} links")]
    Length(usize),
    /// It is for another cluster: the node belongs elsewhere.
    #[error("it is for cluster {0:?}")]
    OtherCluster(ClusterId),
    /// A link is not signed by the one before it, or the first not by the cluster key.
    #[error("a link does not lead back to the cluster key")]
    BrokenChain,
    /// A link is signed by a node that may not admit others.
    #[error("{0:?} may not admit members")]
    IssuerNotAdmin(NodeId),
    /// A signature is false.
    #[error("a signature is false")]
    BadSignature,
    /// It ended by itself: ask for a new one.
    #[error("it expired")]
    Expired,
}

impl Certificate {
    /// The longest chain: each link is one admin who admitted the next.
    pub const MAX_LINKS: usize = 8;

    /// The certificate of the node that founds `cluster_key`'s cluster.
    #[must_use]
    pub fn found(cluster_key: &SigningKey, node: NodeId, now: Wall) -> Self {
        let cluster = ClusterId(cluster_key.verifying_key().to_bytes());
        let link = Link::sign(cluster_key, cluster, (node, Role::Admin), (1, now, None));
        Self { cluster, links: vec![link] }
    }

    /// A certificate for `node`, signed by the holder of `self`, whose key is `key`.
    #[must_use]
    pub fn issue(
        &self,
        key: &SigningKey,
        (node, role): (NodeId, Role),
        (serial, issued, expires): (u64, Wall, Option<Wall>),
    ) -> Self {
        let link = Link::sign(key, self.cluster, (node, role), (serial, issued, expires));
        let links = self.links.iter().cloned().chain([link]).collect();
        Self { cluster: self.cluster, links }
    }

    /// The node it is for, or nothing if the chain is empty.
    #[must_use]
    pub fn node(&self) -> Option<NodeId> {
        self.links.last().map(|link| link.node)
    }

    /// The role it gives, or nothing if the chain is empty.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.links.last().map(|link| link.role)
    }

    /// Every node in the chain but the last: if one of them is revoked, so is what it vouched for.
    pub fn issuers(&self) -> impl Iterator<Item = NodeId> + '_ {
        let count = self.links.len().saturating_sub(1);
        self.links.iter().take(count).map(|link| link.node)
    }

    /// Checks the chain against `cluster` and gives the node and its role.
    ///
    /// # Errors
    ///
    /// The first fault found, from the cluster key outwards.
    pub fn verify(
        &self,
        cluster: ClusterId,
        now: Wall,
    ) -> Result<(NodeId, Role), CertificateError> {
        self.verify_with(&mut Proven::default(), cluster, now)
    }

    /// Checks the chain as [`Self::verify`] does, but for signatures that were found true before.
    ///
    /// # Errors
    ///
    /// The first fault found, from the cluster key outwards.
    pub fn verify_with(
        &self,
        proven: &mut Proven,
        cluster: ClusterId,
        now: Wall,
    ) -> Result<(NodeId, Role), CertificateError> {
        if self.cluster != cluster {
            return Err(CertificateError::OtherCluster(self.cluster));
        }
        if self.links.is_empty() || self.links.len() > Self::MAX_LINKS {
            return Err(CertificateError::Length(self.links.len()));
        }
        let (mut issuer, mut holder) = (cluster.0, None);
        for link in &self.links {
            if link.issuer != issuer {
                return Err(CertificateError::BrokenChain);
            }
            if let Some((node, role)) = holder
                && role != Role::Admin
            {
                return Err(CertificateError::IssuerNotAdmin(node));
            }
            link.verify(proven, cluster)?;
            if link.expires.is_some_and(|expires| now > expires) {
                return Err(CertificateError::Expired);
            }
            issuer = link.node.0;
            holder = Some((link.node, link.role));
        }
        holder.ok_or(CertificateError::Length(0))
    }
}

impl Link {
    fn sign(
        key: &SigningKey,
        cluster: ClusterId,
        (node, role): (NodeId, Role),
        (serial, issued, expires): (u64, Wall, Option<Wall>),
    ) -> Self {
        let issuer = key.verifying_key().to_bytes();
        let signature = Seal([0; 64]);
        let mut link = Self { node, role, serial, issued, expires, issuer, signature };
        link.signature = Seal(key.sign(&link.signed_bytes(cluster)).to_bytes());
        link
    }

    fn verify(&self, proven: &mut Proven, cluster: ClusterId) -> Result<(), CertificateError> {
        let signed = self.signed_bytes(cluster);
        let mark = blake3::Hasher::new().update(&signed).update(&self.signature.0).finalize();
        if proven.0.contains(mark.as_bytes()) {
            return Ok(());
        }
        VerifyingKey::from_bytes(&self.issuer)
            .and_then(|key| key.verify_strict(&signed, &Signature::from_bytes(&self.signature.0)))
            .map_err(|_opaque: ed25519_dalek::SignatureError| CertificateError::BadSignature)?;
        proven.0.insert(*mark.as_bytes());
        Ok(())
    }

    fn signed_bytes(&self, cluster: ClusterId) -> Vec<u8> {
        let mut bytes = b"covey certificate 1".to_vec();
        bytes.extend(cluster.0);
        bytes.extend(self.node.0);
        bytes.push(self.role as u8);
        bytes.extend(self.serial.to_be_bytes());
        bytes.extend(self.issued.0.to_be_bytes());
        bytes.extend(self.expires.map_or(u64::MAX, |wall| wall.0).to_be_bytes());
        bytes.extend(self.issuer);
        bytes
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

impl Serialize for Seal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Seal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let bytes = Vec::<u8>::deserialize(deserializer)?;
        let found = bytes.len();
        bytes
            .try_into()
            .map(Self)
            .map_err(|_rejected: Vec<u8>| D::Error::invalid_length(found, &"64 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn node(seed: u8) -> NodeId {
        NodeId(key(seed).verifying_key().to_bytes())
    }

    fn founded() -> (ClusterId, Certificate) {
        let certificate = Certificate::found(&key(1), node(2), Wall(10));
        (certificate.cluster, certificate)
    }

    #[test]
    fn chain_of_admins_leads_back_to_the_cluster_key() {
        let (cluster, founder) = founded();
        let second = founder.issue(&key(2), (node(3), Role::Admin), (7, Wall(20), None));
        let third = second.issue(&key(3), (node(4), Role::Worker), (8, Wall(30), None));

        assert_eq!(third.verify(cluster, Wall(40)), Ok((node(4), Role::Worker)));
    }

    #[test]
    fn worker_cannot_admit_anyone() {
        let (cluster, founder) = founded();
        let worker = founder.issue(&key(2), (node(3), Role::Worker), (7, Wall(20), None));
        let forged = worker.issue(&key(3), (node(4), Role::Admin), (8, Wall(30), None));

        assert_eq!(
            forged.verify(cluster, Wall(40)),
            Err(CertificateError::IssuerNotAdmin(node(3)))
        );
    }

    #[test]
    fn changed_role_breaks_the_signature() {
        let (cluster, mut founder) = founded();
        founder.links[0].role = Role::Observer;

        assert_eq!(founder.verify(cluster, Wall(40)), Err(CertificateError::BadSignature));
    }

    #[test]
    fn certificate_ends_at_its_expiry() {
        let (cluster, founder) = founded();
        let guest = founder.issue(&key(2), (node(3), Role::Worker), (7, Wall(20), Some(Wall(30))));

        assert!(guest.verify(cluster, Wall(30)).is_ok());
        assert_eq!(guest.verify(cluster, Wall(31)), Err(CertificateError::Expired));
    }

    #[test]
    fn certificate_of_another_cluster_is_refused() {
        let (_, founder) = founded();
        let other = ClusterId(key(9).verifying_key().to_bytes());

        assert_eq!(
            founder.verify(other, Wall(40)),
            Err(CertificateError::OtherCluster(founder.cluster))
        );
    }
}
