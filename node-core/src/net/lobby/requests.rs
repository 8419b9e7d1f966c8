//! Requests of strangers and to strangers.

use std::{collections::BTreeMap, net::IpAddr, time::Instant};

use covey_logic::{
    NodeId, Ticket,
    pairing::{LobbyAnswer, LobbyFailure, LobbyRequest, Refusal},
    wire,
};
use libp2p::{
    Multiaddr, PeerId,
    request_response::{Event, Message, OutboundFailure, OutboundRequestId, ResponseChannel},
    swarm::ConnectionId,
};

use super::{Lobby, knocks::KnockId};
use crate::net::{
    address,
    bucket::RequestRates,
    event::NetEvent,
    limits::{LOBBY_OUTSTANDING, LOBBY_UNANSWERED, MAX_LOBBY_MESSAGE},
    translate::{node_of, peer_of},
};

/// Requests under way in both directions.
#[derive(Debug)]
pub(super) struct Requests {
    rates: RequestRates,
    from: BTreeMap<ConnectionId, IpAddr>,
    unanswered: BTreeMap<Ticket, ResponseChannel<Vec<u8>>>,
    outstanding: BTreeMap<OutboundRequestId, Asker>,
    next_ticket: u64,
}

/// On whose behalf we ask.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asker {
    /// The driver's.
    Driver(Ticket),
    /// That of a person who typed an address, to see whether a node is there.
    Person(KnockId, NodeId),
}

impl Requests {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            rates: RequestRates::new(now),
            from: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            outstanding: BTreeMap::new(),
            next_ticket: 1,
        }
    }

    pub(super) fn connected(&mut self, id: ConnectionId, from: &Multiaddr) {
        if let Some(ip) = address::ip_of(from) {
            self.from.insert(id, ip);
        }
    }

    pub(super) fn closed(&mut self, id: ConnectionId) {
        self.from.remove(&id);
    }

    /// The address a connection came from, if another request of it is within the rates.
    pub(super) fn admits(&mut self, connection: ConnectionId) -> Option<IpAddr> {
        let address = self.from.get(&connection).copied()?;
        self.rates.take(address, Instant::now()).then_some(address)
    }

    /// Forgets questions whose asker waits no longer.
    pub(super) fn forget_closed(&mut self) {
        self.unanswered.retain(|_, channel| channel.is_open());
    }
}

impl Lobby {
    /// Asks a node, at any address known of it.
    pub(super) fn request(&mut self, ticket: Ticket, to: NodeId, request: &LobbyRequest) {
        let Some(peer) = peer_of(to) else {
            return self.answered(ticket, Err(LobbyFailure::Unreachable));
        };
        if self.requests.outstanding.len() >= LOBBY_OUTSTANDING {
            return self.answered(ticket, Err(LobbyFailure::Timeout));
        }
        self.ask(peer, Asker::Driver(ticket), request);
    }

    /// Sends a request on someone's behalf.
    pub(super) fn ask(&mut self, peer: PeerId, asker: Asker, request: &LobbyRequest) {
        let known = node_of(&peer).map(|node| self.book.lobby(node)).unwrap_or_default();
        let addresses = address::worth_dialling(known, &self.listening);
        let bytes = wire::encode(request);
        let requests = &mut self.swarm.behaviour_mut().requests;
        let id = requests.send_request_with_addresses(&peer, bytes, addresses);
        self.requests.outstanding.insert(id, asker);
    }

    /// Answers a stranger; one who waits no longer gets nothing.
    pub(super) fn answer(&mut self, ticket: Ticket, answer: &LobbyAnswer) {
        if let Some(channel) = self.requests.unanswered.remove(&ticket) {
            self.respond(channel, answer);
        }
    }

    fn respond(&mut self, channel: ResponseChannel<Vec<u8>>, answer: &LobbyAnswer) {
        let bytes = wire::encode(answer);
        if bytes.len() > MAX_LOBBY_MESSAGE {
            tracing::warn!(bytes = bytes.len(), "lobby answer too long to be read");
        }
        if self.swarm.behaviour_mut().requests.send_response(channel, bytes).is_err() {
            tracing::debug!("asker in the lobby waits no longer");
        }
    }

    pub(super) fn on_request_event(&mut self, event: Event<Vec<u8>, Vec<u8>>) {
        match event {
            Event::Message { peer, connection_id, message } => match message {
                Message::Request { request, channel, .. } => {
                    self.on_request(peer, connection_id, &request, channel);
                }
                Message::Response { request_id, response } => {
                    let result = wire::decode(&response);
                    let refused = matches!(&result, Ok(LobbyAnswer::Refused(Refusal::Version)));
                    if refused || matches!(result, Err(wire::DecodeError::Version(_))) {
                        self.discovery.speaks_another_version(peer);
                    }
                    let result = result.or_else(|error| match error {
                        wire::DecodeError::Version(_) => Ok(LobbyAnswer::Refused(Refusal::Version)),
                        // It closed the stream without a word, as one who waits too long does.
                        wire::DecodeError::Empty => Err(LobbyFailure::Timeout),
                        wire::DecodeError::Garbled => Err(LobbyFailure::Garbled),
                    });
                    self.on_answer(request_id, result);
                }
            },
            Event::OutboundFailure { peer, connection_id, request_id, error } => {
                let failure = match &error {
                    OutboundFailure::DialFailure | OutboundFailure::ConnectionClosed => {
                        LobbyFailure::Unreachable
                    }
                    OutboundFailure::Timeout => LobbyFailure::Timeout,
                    OutboundFailure::UnsupportedProtocols | OutboundFailure::Io(_) => {
                        LobbyFailure::Garbled
                    }
                };
                if matches!(error, OutboundFailure::UnsupportedProtocols) {
                    self.discovery.is_foreign(peer, Instant::now());
                }
                tracing::debug!(%peer, %error, "lobby request failed");
                if failure == LobbyFailure::Timeout {
                    // TCP keeps a connection that leads nowhere for minutes: the next request is
                    // to open another.
                    self.swarm.close_connection(connection_id);
                }
                self.on_answer(request_id, Err(failure));
            }
            Event::InboundFailure { peer, error, .. } => {
                tracing::debug!(%peer, %error, "stranger's request failed");
            }
            Event::ResponseSent { .. } => {}
        }
    }

    /// A stranger's request: dropped beyond the rates, refused when the driver is busy.
    fn on_request(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        request: &[u8],
        channel: ResponseChannel<Vec<u8>>,
    ) {
        let within = self.requests.admits(connection).is_some();
        let Some(from) = node_of(&peer).filter(|_| within) else {
            tracing::debug!(%peer, "lobby request dropped");
            return;
        };
        let request = match wire::decode(request) {
            Ok(request) => request,
            Err(wire::DecodeError::Version(_)) => {
                self.discovery.speaks_another_version(peer);
                return self.respond(channel, &LobbyAnswer::Refused(Refusal::Version));
            }
            Err(error @ (wire::DecodeError::Empty | wire::DecodeError::Garbled)) => {
                tracing::debug!(peer = ?from, %error, "lobby request cannot be read");
                return;
            }
        };
        let ticket = Ticket(self.requests.next_ticket);
        let room = self.requests.unanswered.len() < LOBBY_UNANSWERED;
        if room && self.outbox.offer(NetEvent::LobbyAsked { from, ticket, request }) {
            self.requests.next_ticket += 1;
            self.requests.unanswered.insert(ticket, channel);
        } else {
            self.respond(channel, &LobbyAnswer::Refused(Refusal::Busy));
        }
    }

    fn on_answer(&mut self, id: OutboundRequestId, result: Result<LobbyAnswer, LobbyFailure>) {
        match self.requests.outstanding.remove(&id) {
            Some(Asker::Driver(ticket)) => self.answered(ticket, result),
            Some(Asker::Person(knock, node)) => self.on_hello(knock, node, result.is_ok()),
            None => {}
        }
    }

    fn answered(&mut self, ticket: Ticket, result: Result<LobbyAnswer, LobbyFailure>) {
        self.outbox.tell(NetEvent::LobbyAnswered { ticket, result });
    }
}
