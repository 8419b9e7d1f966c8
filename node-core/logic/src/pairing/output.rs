//! What pairing wants done.

use crate::{
    certificate::Certificate,
    event::Fact,
    ids::{NodeId, Ticket},
    node::{CommandError, Outcome},
    time::Wall,
};

use super::{Hello, LobbyAnswer, LobbyRequest};

/// What pairing wants done, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairingOutput {
    /// Ask a node in the lobby; ends in [`Pairing::on_answered`](super::Pairing::on_answered).
    Request {
        /// Ties the answer to it.
        ticket: Ticket,
        /// Whom.
        to: NodeId,
        /// What.
        request: LobbyRequest,
    },
    /// Another node said where the lobby of this one is; a request to it may follow.
    Located {
        /// Whose.
        node: NodeId,
        /// Where, as multiaddresses.
        addresses: Vec<String>,
    },
    /// Answer a node in the lobby.
    Answer {
        /// Which question.
        ticket: Ticket,
        /// What.
        answer: LobbyAnswer,
    },
    /// What to answer to a bare hello from here on.
    SetHello(Hello),
    /// This node was let into another cluster and must enter it.
    Joined {
        /// This node's proof of membership there.
        certificate: Certificate,
        /// The host's.
        host: Certificate,
        /// Who let it in.
        host_id: NodeId,
        /// The name of the cluster.
        cluster_name: String,
        /// When it was founded.
        founded: Wall,
        /// Where members reach the host's fabric.
        addresses: Vec<String>,
    },
    /// This node let a stranger in: the certificate is issued and must be spread.
    Admitted {
        /// Whom.
        node: NodeId,
        /// Its name.
        name: String,
        /// Its proof of membership.
        certificate: Certificate,
    },
    /// A member proved itself in the lobby: learn its certificate and dial it.
    MemberMet {
        /// Who.
        node: NodeId,
        /// Its proof of membership, checked.
        certificate: Certificate,
        /// Where members reach its fabric.
        addresses: Vec<String>,
    },
    /// Something happened that people want to read of.
    Fact(Fact),
    /// Answer a command.
    Reply {
        /// Which command.
        ticket: Ticket,
        /// What came of it.
        result: Result<Outcome, CommandError>,
    },
}
