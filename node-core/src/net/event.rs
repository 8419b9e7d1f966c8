//! What a net tells its driver.

use super::report::Twin;
use bytes::Bytes;
use covey_logic::{
    Input, NodeId, Ticket,
    node::DialFailure,
    pairing::{Found, LobbyAnswer, LobbyFailure, LobbyRequest},
    wire::{Message, Publication},
};

/// What a net tells its driver; all but the last two is an [`Input`] of the node.
#[derive(Clone, Debug)]
pub enum NetEvent {
    /// A member can be sent to; told once, however many connections there are.
    Connected {
        /// Who.
        peer: NodeId,
    },
    /// A member that could be sent to has a newer connection, which carries what is sent from here
    /// on.
    Renewed {
        /// Who.
        peer: NodeId,
    },
    /// The last connection to a member closed.
    Disconnected {
        /// Who.
        peer: NodeId,
    },
    /// A dial that was asked for failed.
    DialFailed {
        /// Whom.
        peer: NodeId,
        /// How.
        failure: DialFailure,
    },
    /// A member said something to this node.
    Message {
        /// Who.
        from: NodeId,
        /// What.
        message: Message,
    },
    /// A member said something to everyone.
    Published {
        /// Who signed it.
        from: NodeId,
        /// What.
        publication: Publication,
    },
    /// Discovery came across a node; told again about every ten seconds while it is there.
    Found(Found),
    /// Someone in the lobby asks; answer it with
    /// [`Net::lobby_answer`](super::Net::lobby_answer) within four seconds.
    LobbyAsked {
        /// Who.
        from: NodeId,
        /// Ties the answer to it.
        ticket: Ticket,
        /// What.
        request: LobbyRequest,
    },
    /// A lobby request of this node ended.
    LobbyAnswered {
        /// Which.
        ticket: Ticket,
        /// How.
        result: Result<LobbyAnswer, LobbyFailure>,
    },
    /// The fabric listens here; told again when it changes.
    Listening {
        /// Every address, as multiaddresses, those of this machine alone last.
        addresses: Vec<String>,
    },
    /// Another machine runs with this node's identity; told again while it is met.
    Twin(Twin),
    /// The lobby listens here; told again when it changes.
    LobbyListening {
        /// Every address, as multiaddresses, those of this machine alone last.
        addresses: Vec<String>,
    },
}

impl NetEvent {
    /// The event as the node's input, or nothing if it is for the shell alone.
    #[must_use]
    pub fn into_input(self) -> Option<Input> {
        Some(match self {
            Self::Connected { peer } => Input::Connected { peer },
            Self::Renewed { peer } => Input::Renewed { peer },
            Self::Disconnected { peer } => Input::Disconnected { peer },
            Self::DialFailed { peer, failure } => Input::DialFailed { peer, failure },
            Self::Message { from, message } => Input::Message { from, message },
            Self::Published { from, publication } => Input::Published { from, publication },
            Self::Found(found) => Input::Found(found),
            Self::LobbyAsked { from, ticket, request } => {
                Input::LobbyAsked { from, ticket, request }
            }
            Self::LobbyAnswered { ticket, result } => Input::LobbyAnswered { ticket, result },
            Self::Listening { addresses } => Input::Listening { addresses },
            Self::LobbyListening { addresses } => Input::LobbyListening { addresses },
            Self::Twin(_) => return None,
        })
    }
}

/// What frames are part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Messages of agents.
    Agents,
    /// What the members of the Raft group say to each other.
    Group,
}

/// Takes the frames that members send: the hot path, which does not pass the driver.
pub trait FrameSink: Send + Sync + 'static {
    /// Takes frames of one member, in the order in which those of one flow were sent.
    ///
    /// Called from the task that reads the member's stream, so it must not block; while it runs,
    /// the member's next frames wait. A frame is a slice of a read buffer of up to 128 KiB: copy
    /// what is kept for long.
    fn deliver(&self, flow: Flow, from: NodeId, frames: Vec<Bytes>);
}
