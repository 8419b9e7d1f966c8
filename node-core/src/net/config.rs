//! What a net is started with.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use covey_logic::NodeId;

/// The port on which a lobby listens unless told otherwise, and where one is looked for when an
/// address names none.
pub const DEFAULT_LOBBY_PORT: u16 = 4700;

/// The port on which a fabric listens unless told otherwise.
pub const DEFAULT_FABRIC_PORT: u16 = 4701;

/// What a net is started with.
#[derive(Clone)]
pub struct NetConfig {
    /// The node's Ed25519 secret key; the lobby and the fabric prove it in every handshake.
    pub key: [u8; 32],
    /// Where the lobby listens; 0 takes any free port. If [`DEFAULT_LOBBY_PORT`] is taken, as by
    /// another instance on this machine, any free port is taken; another taken port is an error.
    pub lobby_port: u16,
    /// Where the fabric listens; as `lobby_port`, with [`DEFAULT_FABRIC_PORT`].
    pub fabric_port: u16,
    /// Addresses of this machine to listen on.
    pub listen: Vec<IpAddr>,
    /// Whether to announce the lobby and look for others by multicast on the LAN.
    pub mdns: bool,
    /// A folder in which instances on this machine leave their addresses for each other, because
    /// multicast is silent on loopback.
    pub same_machine: Option<PathBuf>,
    /// Addresses to look for nodes at, in any form that
    /// [`Net::lobby_dial`](super::Net::lobby_dial) takes.
    pub static_addresses: Vec<String>,
    /// DNS names to look for nodes at, each as `name` or `name:port`.
    pub dns_names: Vec<String>,
    /// The servers that are asked for them; none: the system's.
    pub dns_servers: Vec<SocketAddr>,
    /// Where known members were reached before.
    pub address_book: Vec<KnownAddresses>,
}

/// Where one node was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAddresses {
    /// Which node.
    pub node: NodeId,
    /// Addresses of its lobby, as multiaddresses.
    pub lobby: Vec<String>,
    /// Addresses of its fabric, as multiaddresses.
    pub fabric: Vec<String>,
}

impl NetConfig {
    /// The net of a node that is found on its LAN: default ports, every interface, mDNS.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            key,
            lobby_port: DEFAULT_LOBBY_PORT,
            fabric_port: DEFAULT_FABRIC_PORT,
            listen: vec![Ipv4Addr::UNSPECIFIED.into()],
            mdns: true,
            same_machine: None,
            static_addresses: Vec::new(),
            dns_names: Vec::new(),
            dns_servers: Vec::new(),
            address_book: Vec::new(),
        }
    }
}

impl fmt::Debug for NetConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetConfig")
            .field("lobby_port", &self.lobby_port)
            .field("fabric_port", &self.fabric_port)
            .field("listen", &self.listen)
            .field("mdns", &self.mdns)
            .field("same_machine", &self.same_machine)
            .field("static_addresses", &self.static_addresses)
            .field("dns_names", &self.dns_names)
            .field("dns_servers", &self.dns_servers)
            .field("address_book", &self.address_book)
            .finish_non_exhaustive()
    }
}
