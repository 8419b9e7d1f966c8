//! The lanes of one connection: opens our streams, takes the peer's.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use libp2p::{
    Stream, StreamProtocol,
    core::{InboundUpgrade, OutboundUpgrade, UpgradeInfo},
    swarm::{
        ConnectionHandler, ConnectionHandlerEvent, SubstreamProtocol,
        handler::{
            ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
        },
    },
};

use super::Lane;
use crate::net::limits::STREAM_TIMEOUT;

/// What happened to a stream of one connection.
#[derive(Debug)]
pub(in crate::net) enum StreamEvent {
    /// We opened one: write on it.
    Opened(Lane, Stream),
    /// The peer opened one: read from it.
    Accepted(Lane, Stream),
    /// The peer did not take one.
    Refused(Lane),
}

/// Opens and takes the streams of one connection.
#[derive(Debug)]
pub(in crate::net) struct Handler {
    to_open: VecDeque<Lane>,
    events: VecDeque<StreamEvent>,
}

impl Handler {
    /// A handler that opens every lane at once.
    pub(super) fn new() -> Self {
        Self { to_open: Lane::ALL.into(), events: VecDeque::new() }
    }
}

impl ConnectionHandler for Handler {
    /// Open this lane again.
    type FromBehaviour = Lane;
    type ToBehaviour = StreamEvent;
    type InboundProtocol = Protocols;
    type OutboundProtocol = Protocols;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Lane;

    fn listen_protocol(&self) -> SubstreamProtocol<Protocols> {
        SubstreamProtocol::new(Protocols::All, ()).with_timeout(STREAM_TIMEOUT)
    }

    fn connection_keep_alive(&self) -> bool {
        true
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Protocols, Lane, StreamEvent>> {
        if let Some(event) = self.events.pop_front() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(event));
        }
        self.to_open.pop_front().map_or(Poll::Pending, |lane| {
            let protocol =
                SubstreamProtocol::new(Protocols::One(lane), lane).with_timeout(STREAM_TIMEOUT);
            Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol })
        })
    }

    fn on_behaviour_event(&mut self, lane: Lane) {
        self.to_open.push_back(lane);
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum is non-exhaustive, and the rest concerns no stream of ours"
    )]
    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Protocols, Protocols, (), Lane>) {
        let event = match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (lane, stream),
                ..
            }) => StreamEvent::Accepted(lane, stream),
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: (lane, stream),
                ..
            }) => StreamEvent::Opened(lane, stream),
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info, .. }) => {
                StreamEvent::Refused(info)
            }
            _ => return,
        };
        self.events.push_back(event);
    }
}

/// The protocols to negotiate for one stream; what comes of it is a raw stream and its lane.
#[derive(Clone, Copy, Debug)]
pub(in crate::net) enum Protocols {
    /// Whichever the peer opens.
    All,
    /// The one we open.
    One(Lane),
}

/// A lane as a protocol's name.
#[derive(Clone, Debug)]
pub(in crate::net) struct Name(Lane, StreamProtocol);

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self.1.as_ref()
    }
}

impl UpgradeInfo for Protocols {
    type Info = Name;
    type InfoIter = std::vec::IntoIter<Name>;

    fn protocol_info(&self) -> Self::InfoIter {
        let lanes = match self {
            Self::All => Lane::ALL.to_vec(),
            Self::One(lane) => vec![*lane],
        };
        let names: Vec<_> = lanes.into_iter().map(|lane| Name(lane, lane.protocol())).collect();
        names.into_iter()
    }
}

impl InboundUpgrade<Stream> for Protocols {
    type Output = (Lane, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, name: Name) -> Self::Future {
        ready(Ok((name.0, stream)))
    }
}

impl OutboundUpgrade<Stream> for Protocols {
    type Output = (Lane, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, name: Name) -> Self::Future {
        ready(Ok((name.0, stream)))
    }
}
