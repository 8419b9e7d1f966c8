//! The lanes of all connections, as one behaviour of the fabric's swarm.

use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, NotifyHandler, THandler,
        THandlerInEvent, THandlerOutEvent, ToSwarm,
    },
};

use super::{
    Lane,
    handler::{Handler, StreamEvent},
};

/// A stream event and where it happened.
#[derive(Debug)]
pub(in crate::net) enum Event {
    /// We can write on this stream.
    Opened {
        /// On which connection.
        connection: ConnectionId,
        /// Of which lane.
        lane: Lane,
        /// The stream.
        stream: libp2p::Stream,
    },
    /// The peer writes on this stream.
    Accepted {
        /// On which connection.
        connection: ConnectionId,
        /// Of which lane.
        lane: Lane,
        /// The stream.
        stream: libp2p::Stream,
    },
    /// The peer did not take a stream.
    Refused {
        /// On which connection.
        connection: ConnectionId,
        /// Of which lane.
        lane: Lane,
    },
}

/// Opens the lanes of each connection and reports the streams of both sides.
#[derive(Debug, Default)]
pub(in crate::net) struct Behaviour {
    pending: VecDeque<ToSwarm<Event, Lane>>,
    waker: Option<Waker>,
}

impl Behaviour {
    /// Opens a lane of a connection again.
    pub(in crate::net) fn open(&mut self, peer_id: PeerId, connection: ConnectionId, lane: Lane) {
        let handler = NotifyHandler::One(connection);
        self.pending.push_back(ToSwarm::NotifyHandler { peer_id, handler, event: lane });
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Event;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::new())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::new())
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.pending.push_back(ToSwarm::GenerateEvent(match event {
            StreamEvent::Opened(lane, stream) => Event::Opened { connection, lane, stream },
            StreamEvent::Accepted(lane, stream) => Event::Accepted { connection, lane, stream },
            StreamEvent::Refused(lane) => Event::Refused { connection, lane },
        }));
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Event, THandlerInEvent<Self>>> {
        if let Some(event) = self.pending.pop_front() {
            return Poll::Ready(event);
        }
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}
