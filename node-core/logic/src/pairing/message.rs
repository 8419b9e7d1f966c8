//! What strangers say in the lobby; each answer belongs to one request.

use serde::{Deserialize, Serialize};

use crate::{
    certificate::Certificate,
    ids::{ClusterId, NodeId},
    time::Wall,
};

use super::nearby::tidy_addresses;

/// What a node says to anyone who knocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The name people gave the node.
    pub name: String,
    /// The cluster it is in.
    pub cluster: ClusterId,
    /// The name of that cluster.
    pub cluster_name: String,
    /// When the cluster was founded; a younger lone node asks an older one.
    pub founded: Wall,
    /// Members of its cluster, itself counted.
    pub members: u16,
    /// Covey's version.
    pub version: String,
    /// `linux`, `macos`, `windows`.
    pub os: String,
    /// Which join key it was started with, if any: a hash that says nothing of the key.
    pub join_key: Option<SecretId>,
}

/// Which secret a proof is of: the first 16 bytes of a hash of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretId(pub [u8; 16]);

/// Random bytes that one side contributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nonce(pub [u8; 32]);

/// A hash that binds the joiner to its nonce before it hears the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment(pub [u8; 32]);

/// Keyed BLAKE3 over the transcript: its maker knows the secret, and this pairing is the one meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Which secret.
    pub secret: SecretId,
    /// The keyed hash.
    pub mac: [u8; 32],
}

/// What one node asks of another in the lobby.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LobbyRequest {
    /// Who are you?
    Hello(Hello),
    /// I would join; here is the seal on my nonce.
    Ask {
        /// Who asks.
        hello: Hello,
        /// The seal.
        commitment: Commitment,
    },
    /// My nonce, and a proof if I hold a secret.
    Reveal {
        /// The nonce committed to.
        nonce: Nonce,
        /// A proof of an invite or of a join key.
        proof: Option<Proof>,
    },
    /// Has a person answered?
    Wait,
    /// I no longer want to join.
    Withdraw,
    /// I am a member; where is your fabric?
    Admit {
        /// The proof of membership.
        certificate: Certificate,
        /// Where members reach my fabric.
        addresses: Vec<String>,
    },
}

/// The answer to a [`LobbyRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LobbyAnswer {
    /// To `Hello`.
    Hello(Hello),
    /// To `Ask`: the host's nonce.
    Asked {
        /// The host.
        hello: Hello,
        /// The host's nonce.
        nonce: Nonce,
    },
    /// To `Reveal` and `Wait`: no person has answered yet.
    Pending,
    /// To `Reveal` and `Wait`: you are in.
    Accepted {
        /// The joiner's proof of membership.
        certificate: Certificate,
        /// The host's own, so that the joiner can check what it enters.
        host: Certificate,
        /// The name of the cluster.
        cluster_name: String,
        /// When the cluster was founded.
        founded: Wall,
        /// The host's proof of the same secret, if the joiner proved one.
        proof: Option<Proof>,
        /// Where members reach the host's fabric.
        addresses: Vec<String>,
    },
    /// To `Admit`: so am I.
    Admitted {
        /// The answerer's proof of membership.
        certificate: Certificate,
        /// Where members reach its fabric.
        addresses: Vec<String>,
    },
    /// No, and why.
    Refused(Refusal),
    /// To `Withdraw`.
    Done,
    /// To `Ask`: this node may admit nobody; these members may.
    Referred(Vec<Referral>),
}

/// A member that may admit others, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// Which member.
    pub node: NodeId,
    /// Where its lobby is, as multiaddresses.
    pub addresses: Vec<String>,
}

impl Referral {
    /// Referrals in one answer, and as many as are followed.
    pub const MAX: usize = 4;

    /// A referral with as many of `addresses` as an answer has room for; none if there are none.
    #[must_use]
    pub fn new(node: NodeId, addresses: &[String]) -> Option<Self> {
        let addresses = tidy_addresses(addresses.to_vec());
        (!addresses.is_empty()).then_some(Self { node, addresses })
    }
}

/// Why a request in the lobby was refused.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// A person said no.
    #[error("a person refused")]
    Refused,
    /// Nobody answered in time.
    #[error("nobody answered in time")]
    Expired,
    /// The nonce is not the one committed to.
    #[error("the nonce is not the one committed to")]
    BadReveal,
    /// The secret is unknown here, or was used, or expired.
    #[error("the invite or key is not valid here")]
    BadProof,
    /// The certificate does not hold in this cluster.
    #[error("the certificate does not hold here")]
    BadCertificate,
    /// The node was put out of this cluster.
    #[error("the node was put out of this cluster")]
    Revoked,
    /// Too many requests are open, or this one came too soon after a refusal.
    #[error("too many requests; try again later")]
    Busy,
    /// This node belongs to another cluster, or may not admit members.
    #[error("this node cannot admit members")]
    CannotAdmit,
    /// There is no such request here.
    #[error("there is no such request")]
    NoRequest,
    /// The other side speaks no version that is understood here.
    #[error("no common version")]
    Version,
}

/// Why no answer came from the lobby.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LobbyFailure {
    /// No address of the node answers.
    #[error("no address answers")]
    Unreachable,
    /// No answer came in time.
    #[error("no answer in time")]
    Timeout,
    /// The answer could not be read.
    #[error("the answer could not be read")]
    Garbled,
}

/// A peer that discovery found, or a person named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which node.
    pub node: NodeId,
    /// How it was found.
    pub by: FoundBy,
}

/// The ways to find a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// Multicast on the LAN.
    Mdns,
    /// An address given in the settings or by hand.
    Address,
    /// The address book of known members.
    AddressBook,
    /// Another instance on this machine.
    SameMachine,
    /// It knocked here.
    Knocked,
    /// A DNS name given in the settings.
    Dns,
    /// A member of its cluster that may admit nobody told of it.
    Referred,
}
