//! What the lobby's swarm is made of, and how its transports are set.

use std::io;

use libp2p::{
    Swarm, SwarmBuilder,
    connection_limits::{self, ConnectionLimits},
    identity::Keypair,
    mdns, memory_connection_limits,
    request_response::{self, ProtocolSupport},
    swarm::{NetworkBehaviour, behaviour::toggle::Toggle},
    yamux,
};

use super::{
    checks,
    codec::{Codec, PROTOCOL},
};
use crate::net::{
    error::{NetError, Network},
    limits::{
        DIAL_TIMEOUT, LOBBY_CONNECTIONS, LOBBY_IDLE, LOBBY_MEMORY, LOBBY_PER_ADDRESS,
        LOBBY_PER_PEER, LOBBY_REQUESTS, LOBBY_STREAMS, LOBBY_TIMEOUT, MDNS_QUERY_INTERVAL,
        MDNS_TTL, PENDING_CONNECTIONS, QUIC_IDLE_MS, QUIC_KEEP_ALIVE,
    },
    sources, transport,
};

/// What a QUIC stream may hold unread, as a yamux stream does.
const QUIC_STREAM_WINDOW: u32 = 256 * 1024;

/// The protocols of the lobby; the limits stand first.
#[derive(NetworkBehaviour)]
pub(in crate::net) struct Behaviour {
    limits: connection_limits::Behaviour,
    sources: sources::Behaviour,
    memory: memory_connection_limits::Behaviour,
    pub(super) mdns: Toggle<mdns::tokio::Behaviour>,
    pub(super) requests: request_response::Behaviour<Codec>,
    pub(in crate::net) checks: request_response::Behaviour<Codec>,
}

/// A swarm that listens nowhere yet; and why it goes without mDNS that was wanted, if so: other
/// ways of finding nodes still work.
pub(in crate::net) fn swarm(
    key: Keypair,
    mdns: bool,
) -> Result<(Swarm<Behaviour>, Option<io::Error>), NetError> {
    let peer = key.public().to_peer_id();
    let mdns = mdns.then(|| {
        let (ttl, query_interval) = (MDNS_TTL, MDNS_QUERY_INTERVAL);
        let config = mdns::Config { ttl, query_interval, enable_ipv6: false };
        mdns::tokio::Behaviour::new(config, peer)
    });
    let (mdns, failure) = match mdns.transpose() {
        Ok(mdns) => (mdns, None),
        Err(error) => (None, Some(error)),
    };
    let swarm = build(key, mdns.into());
    let swarm = swarm.map_err(|source| NetError::Setup { network: Network::Lobby, source })?;
    Ok((swarm, failure))
}

fn build(
    key: Keypair,
    mdns: Toggle<mdns::tokio::Behaviour>,
) -> Result<Swarm<Behaviour>, Box<dyn std::error::Error + Send + Sync>> {
    let mut yamux = yamux::Config::default();
    yamux.set_max_num_streams(LOBBY_STREAMS);
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_quic_config(|mut quic| {
            quic.max_idle_timeout = QUIC_IDLE_MS;
            quic.keep_alive_interval = QUIC_KEEP_ALIVE;
            quic.max_concurrent_stream_limit = u32::try_from(LOBBY_STREAMS).unwrap_or(1);
            quic.max_stream_data = QUIC_STREAM_WINDOW;
            quic.max_connection_data = 2 * QUIC_STREAM_WINDOW;
            quic
        })
        .with_other_transport(|key| Ok(transport::tcp(key, yamux)?))?
        .with_behaviour(|_| behaviour(mdns))?
        .with_swarm_config(|config| {
            config
                .with_idle_connection_timeout(LOBBY_IDLE)
                .with_max_negotiating_inbound_streams(LOBBY_REQUESTS)
        })
        .with_connection_timeout(DIAL_TIMEOUT)
        .build();
    Ok(swarm)
}

fn behaviour(mdns: Toggle<mdns::tokio::Behaviour>) -> Behaviour {
    let limits = ConnectionLimits::default()
        .with_max_pending_incoming(Some(PENDING_CONNECTIONS))
        .with_max_established_incoming(Some(LOBBY_CONNECTIONS))
        .with_max_established_per_peer(Some(LOBBY_PER_PEER));
    let requests = request_response::Config::default()
        .with_request_timeout(LOBBY_TIMEOUT)
        .with_max_concurrent_streams(LOBBY_REQUESTS);
    Behaviour {
        limits: connection_limits::Behaviour::new(limits),
        sources: sources::Behaviour::new(LOBBY_PER_ADDRESS),
        memory: memory_connection_limits::Behaviour::with_max_bytes(LOBBY_MEMORY),
        mdns,
        checks: request_response::Behaviour::new(
            [(checks::PROTOCOL, ProtocolSupport::Full)],
            requests.clone(),
        ),
        requests: request_response::Behaviour::new([(PROTOCOL, ProtocolSupport::Full)], requests),
    }
}
