//! Where the networks listen.

use std::{
    io,
    net::{IpAddr, TcpListener},
};

use libp2p::{Multiaddr, Swarm, TransportError, swarm::NetworkBehaviour};

use super::{
    address,
    config::{DEFAULT_FABRIC_PORT, DEFAULT_LOBBY_PORT},
    error::{NetError, Network},
};

/// Makes `swarm` listen on `ips`, over TCP and, where it can, over QUIC.
pub(super) fn listen<B: NetworkBehaviour>(
    swarm: &mut Swarm<B>,
    network: Network,
    ips: &[IpAddr],
    wanted: u16,
) -> Result<(), NetError> {
    let port = free_port(network, ips, wanted)?;
    for ip in ips.iter().copied() {
        let failed = |source| NetError::Listen { ip, port, network, source };
        match swarm.listen_on(address::tcp(ip, port)) {
            Ok(_) => {}
            Err(TransportError::Other(source)) => return Err(failed(source)),
            Err(TransportError::MultiaddrNotSupported(_)) => {
                return Err(failed(io::ErrorKind::Unsupported.into()));
            }
        }
        let on_quic = |port| address::quic(ip, port);
        if listen_quic(swarm, on_quic(port)).is_err()
            && let Err(error) = listen_quic(swarm, on_quic(0))
        {
            tracing::warn!(%network, %ip, %error, "no QUIC: TCP serves alone");
        }
    }
    Ok(())
}

fn listen_quic<B: NetworkBehaviour>(
    swarm: &mut Swarm<B>,
    address: Multiaddr,
) -> Result<(), TransportError<io::Error>> {
    swarm.listen_on(address).map(drop)
}

/// `wanted` if it is free, or any port if `wanted` is a default that another instance has.
///
/// Asked of the system with a socket of our own, because libp2p's share their port: two nodes would
/// both listen, and each would get some of the other's connections.
fn free_port(network: Network, ips: &[IpAddr], wanted: u16) -> Result<u16, NetError> {
    if wanted == 0 {
        return Ok(0);
    }
    let default = match network {
        Network::Lobby => DEFAULT_LOBBY_PORT,
        Network::Fabric => DEFAULT_FABRIC_PORT,
    };
    for ip in ips.iter().copied() {
        match TcpListener::bind((ip, wanted)) {
            Ok(_) => {}
            Err(source) if source.kind() == io::ErrorKind::AddrInUse => {
                if wanted == default {
                    tracing::info!(%network, port = wanted, "default port taken: using another");
                    return Ok(0);
                }
                return Err(NetError::PortTaken { ip, port: wanted, network });
            }
            Err(source) => return Err(NetError::Listen { ip, port: wanted, network, source }),
        }
    }
    Ok(wanted)
}
