//! Connection limits by source address, which a stranger cannot make up as it can peer ids.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::IpAddr,
    task::{Context, Poll},
};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionClosed, ConnectionDenied, ConnectionId, FromSwarm, ListenFailure,
        NetworkBehaviour, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm, dummy,
    },
};

use super::{address, limits::PENDING_PER_ADDRESS};

/// Denies incoming connections from an address that has enough of them.
#[derive(Debug)]
pub(super) struct Behaviour {
    established_limit: usize,
    pending: Counts,
    established: Counts,
}

/// Connections and how many of them each address has.
#[derive(Debug, Default)]
struct Counts {
    connections: BTreeMap<ConnectionId, IpAddr>,
    addresses: BTreeMap<IpAddr, usize>,
}

/// One address has as many connections as it may.
#[derive(Debug, thiserror::Error)]
#[error("{0} has enough connections")]
struct Enough(IpAddr);

impl Behaviour {
    /// Lets each address have this many established connections.
    pub(super) fn new(established_limit: usize) -> Self {
        Self { established_limit, pending: Counts::default(), established: Counts::default() }
    }
}

impl Counts {
    fn add(
        &mut self,
        connection: ConnectionId,
        address: &Multiaddr,
        limit: usize,
    ) -> Result<(), ConnectionDenied> {
        let Some(ip) = address::ip_of(address) else { return Ok(()) };
        let count = self.addresses.get(&ip).copied().unwrap_or_default();
        if count >= limit {
            return Err(ConnectionDenied::new(Enough(ip)));
        }
        self.addresses.insert(ip, count + 1);
        self.connections.insert(connection, ip);
        Ok(())
    }

    fn remove(&mut self, connection: ConnectionId) {
        let Some(ip) = self.connections.remove(&connection) else { return };
        if let Some(count) = self.addresses.get_mut(&ip) {
            *count -= 1;
            if *count == 0 {
                self.addresses.remove(&ip);
            }
        }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.pending.add(connection, remote, PENDING_PER_ADDRESS)
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.pending.remove(connection);
        self.established.add(connection, remote, self.established_limit)?;
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum is non-exhaustive, and only the end of a connection matters here"
    )]
    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. }) => {
                self.established.remove(connection_id);
            }
            // Told of each inbound connection that another behaviour denied, too.
            FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.pending.remove(connection_id);
                self.established.remove(connection_id);
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_gets_room_back_when_a_connection_ends() {
        let mut counts = Counts::default();
        let from: Multiaddr = "/ip4/10.0.0.1/tcp/1".parse().unwrap();
        let other: Multiaddr = "/ip4/10.0.0.2/tcp/1".parse().unwrap();
        let id = ConnectionId::new_unchecked;
        counts.add(id(1), &from, 2).unwrap();
        counts.add(id(2), &from, 2).unwrap();

        assert!(counts.add(id(3), &from, 2).is_err());
        assert!(counts.add(id(4), &other, 2).is_ok());
        counts.remove(id(1));

        assert!(counts.add(id(5), &from, 2).is_ok());
    }
}
