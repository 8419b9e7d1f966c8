//! What can go wrong, one enum per operation.

use std::{fmt, io, net::IpAddr};

/// Why a net did not start. Nothing listens.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// Another program listens there: name another port, or 0 for any.
    #[error("port {port} of {ip}, wanted for the {network}, is taken")]
    PortTaken {
        /// The address it was wanted on.
        ip: IpAddr,
        /// The port.
        port: u16,
        /// What it was wanted for.
        network: Network,
    },
    /// This machine does not let us listen there: the address is not its own, or the port is
    /// reserved.
    #[error("the {network} cannot listen on {ip} port {port}")]
    Listen {
        /// The address.
        ip: IpAddr,
        /// The port.
        port: u16,
        /// What it was wanted for.
        network: Network,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The transports could not be set up from the key.
    #[error("the {network} could not be set up")]
    Setup {
        /// Which of the two.
        network: Network,
        /// What the library said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// One of a node's two networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Where anyone may knock.
    Lobby,
    /// Where members meet.
    Fabric,
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lobby => "lobby",
            Self::Fabric => "fabric",
        })
    }
}

/// Why a frame was not taken. It was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connection to the peer stands.
    #[error("the peer is not connected")]
    NotConnected,
    /// The peer takes frames more slowly than they come: wait and send again, or give up.
    #[error("the peer's queue is full")]
    Busy,
    /// The frame is longer than [`MAX_FRAME`](super::MAX_FRAME).
    #[error("a frame of {0} bytes is too long")]
    TooLong(usize),
}

/// Why an address that a person typed led to no node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnockError {
    /// It is no address: type `host`, `host:port`, or a multiaddress.
    #[error("{0:?} is no address")]
    BadAddress(String),
    /// It is no DNS name: write `name` or `name:port`.
    #[error("{0:?} is no DNS name")]
    BadName(String),
    /// The name of the host leads to no address.
    #[error("the name {0:?} is not known")]
    UnknownHost(String),
    /// The machine is there, but nothing listens at that port.
    #[error("the machine answers, but nothing listens at that port")]
    Refused,
    /// Nothing answers there.
    #[error("nothing answers there")]
    Unreachable,
    /// Something answers there that is no Covey lobby of a version understood here.
    #[error("what answers there is no Covey node")]
    NotCovey,
    /// This node itself answers there.
    #[error("that is this node itself")]
    Itself,
    /// The net stopped.
    #[error("the net has stopped")]
    Stopped,
}
