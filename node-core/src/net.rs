//! The networks of a node: everything that touches libp2p.
//!
//! A node has two. In the *lobby* anyone on the LAN may knock: it announces itself, finds others,
//! and answers a few requests, each limited in size and rate. The *fabric* is the members' own: a
//! connection of a peer that is not on the allow list is closed before any protocol sees it. Both
//! prove the same Ed25519 key, which is the node's id.
//!
//! [`start`] gives a [`Net`] to command and a queue of [`NetEvent`]s to read. Frames of agent
//! messages pass neither: they go to the [`FrameSink`] from the tasks that read them.
//!
//! # Not here
//!
//! Who is a member, who is up, when to dial: the node value. What a frame means: `comms`.

mod address;
mod beacon;
mod book;
mod bucket;
mod config;
mod dns;
mod error;
mod event;
mod fabric;
mod handle;
mod hedged;
mod interfaces;
mod lanes;
mod limits;
mod listen;
mod lobby;
mod outbox;
mod report;
mod same_machine;
mod sources;
mod start;
#[cfg(test)]
mod tests;
mod translate;
mod transport;
mod twin;

pub use config::{DEFAULT_FABRIC_PORT, DEFAULT_LOBBY_PORT, KnownAddresses, NetConfig};
pub use error::{KnockError, NetError, Network, SendError};
pub use event::{Flow, FrameSink, NetEvent};
pub use handle::Net;
pub use limits::MAX_FRAME;
pub use report::{
    CheckFailure, Evidence, InterfaceAddress, MulticastCheck, PeerAnswer, PeerCheck, PortReport,
    Reached, SourceKind, SourceReport, SourceState, Twin,
};
pub use start::start;
