//! What the fabric's swarm is made of, and how its transports are set.

use std::{num::NonZeroU8, time::Duration};

use libp2p::{
    PeerId, StreamProtocol, Swarm, SwarmBuilder,
    allow_block_list::{self, AllowedPeers},
    connection_limits::{self, ConnectionLimits},
    gossipsub, identify,
    identity::Keypair,
    kad,
    swarm::NetworkBehaviour,
    yamux,
};

use super::gossip;
use crate::net::{
    lanes,
    limits::{
        DIAL_TIMEOUT, FABRIC_PER_PEER, MAX_DIAL_ADDRESSES, PENDING_CONNECTIONS, QUIC_IDLE_MS,
        QUIC_KEEP_ALIVE,
    },
    sources, transport,
};

/// How long a lookup in the routing table may take: a round trip or two.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(3);
/// Connections are closed when we say so, never for being idle.
const IDLE_TIMEOUT: Duration = Duration::from_secs(24 * 3600);

/// The protocols of the fabric. The allow list stands first: it denies strangers their connection
/// before any protocol sees it.
#[derive(NetworkBehaviour)]
pub(in crate::net) struct Behaviour {
    pub(super) allowed: allow_block_list::Behaviour<AllowedPeers>,
    limits: connection_limits::Behaviour,
    sources: sources::Behaviour,
    pub(super) lanes: lanes::Behaviour,
    pub(super) gossip: gossipsub::Behaviour,
    pub(super) routing: kad::Behaviour<kad::store::MemoryStore>,
    identify: identify::Behaviour,
}

type SetupError = Box<dyn std::error::Error + Send + Sync>;

/// A swarm that listens nowhere yet.
pub(in crate::net) fn swarm(key: Keypair) -> Result<Swarm<Behaviour>, SetupError> {
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_quic_config(|mut quic| {
            quic.max_idle_timeout = QUIC_IDLE_MS;
            quic.keep_alive_interval = QUIC_KEEP_ALIVE;
            quic
        })
        .with_other_transport(|key| Ok(transport::tcp(key, yamux::Config::default())?))?
        .with_behaviour(behaviour)?
        .with_swarm_config(|config| {
            let at_once = u8::try_from(MAX_DIAL_ADDRESSES).ok().and_then(NonZeroU8::new);
            config
                .with_idle_connection_timeout(IDLE_TIMEOUT)
                .with_dial_concurrency_factor(at_once.unwrap_or(NonZeroU8::MIN))
        })
        .with_connection_timeout(DIAL_TIMEOUT)
        .build();
    Ok(swarm)
}

fn behaviour(key: &Keypair) -> Result<Behaviour, SetupError> {
    let peer = key.public().to_peer_id();
    let limits = ConnectionLimits::default()
        .with_max_pending_incoming(Some(PENDING_CONNECTIONS))
        .with_max_established_per_peer(Some(FABRIC_PER_PEER));
    let identify = identify::Config::new("covey/1".to_owned(), key.public())
        .with_push_listen_addr_updates(true);
    Ok(Behaviour {
        allowed: allow_block_list::Behaviour::default(),
        limits: connection_limits::Behaviour::new(limits),
        // Members are as many as they are; those of one machine share its address.
        sources: sources::Behaviour::new(usize::MAX),
        lanes: lanes::Behaviour::default(),
        gossip: gossip::behaviour(key)?,
        routing: routing(peer),
        identify: identify::Behaviour::new(identify),
    })
}

/// A routing table that serves from the start; without a confirmed outside address it would stay a
/// client for ever, and no table would fill.
fn routing(peer: PeerId) -> kad::Behaviour<kad::store::MemoryStore> {
    let mut config = kad::Config::new(StreamProtocol::new("/covey/kad/1"));
    config.set_query_timeout(LOOKUP_TIMEOUT).set_substreams_timeout(LOOKUP_TIMEOUT);
    let store = kad::store::MemoryStore::new(peer);
    let mut routing = kad::Behaviour::with_config(peer, store, config);
    routing.set_mode(Some(kad::Mode::Server));
    routing
}
