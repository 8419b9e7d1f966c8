//! Questions between strangers about the way between them: can you reach me, what time is it,
//! what version are you?
//!
//! The answerer dials the asker's two ports at the very address that the question came from, and no
//! other; so a stranger can have nobody's ports tried but its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use covey_logic::{NodeId, Wall, wire};
use libp2p::{
    PeerId, StreamProtocol,
    request_response::{Event, Message, OutboundFailure, OutboundRequestId, ResponseChannel},
    swarm::ConnectionId,
};
use serde::{Deserialize, Serialize};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
};

use super::Lobby;
use crate::{
    clock,
    net::{
        address,
        report::{CheckFailure, PeerAnswer, PeerCheck, Reached},
        translate::{node_of, peer_of},
        twin::Instance,
    },
};

/// The protocol of these questions.
pub(super) const PROTOCOL: StreamProtocol = StreamProtocol::new("/covey/check/1");

/// Nodes asked in one check: more than that have no cause in common with this machine.
const MAX_PEERS: usize = 24;
/// How long a check waits for its answers; a dead address takes the dial's two seconds.
const CHECK_TIMEOUT: Duration = Duration::from_secs(4);
/// How long a port may take to open: a LAN answers in milliseconds.
const REACH_TIMEOUT: Duration = Duration::from_secs(1);
/// Ports being tried for strangers at a time.
const MAX_REACHING: usize = 8;
/// How often ports are tried for one address.
const REACH_PAUSE: Duration = Duration::from_millis(500);

/// What one node asks another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::net) struct Question {
    /// The asker's lobby port, to be tried; 0: none is.
    lobby: u16,
    /// The asker's fabric port, likewise.
    fabric: u16,
    /// Which process asks.
    instance: u64,
    /// How long it has been running, in milliseconds.
    up_ms: u64,
}

/// What it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::net) struct Reply {
    /// Which process answers.
    pub(in crate::net) instance: u64,
    /// How long it has been running, in milliseconds.
    pub(in crate::net) up_ms: u64,
    /// Its wall clock.
    now: Wall,
    /// Its version of Covey.
    version: String,
    /// Whether it could reach the asker's lobby and fabric, if it tried.
    reached: Option<(Reached, Reached)>,
}

impl Question {
    /// Asks for no port to be tried.
    pub(in crate::net) fn who_are_you(instance: Instance) -> Self {
        Self { lobby: 0, fabric: 0, instance: instance.number, up_ms: millis(instance.up()) }
    }
}

/// A question of a stranger, once its ports were tried.
#[derive(Debug)]
pub(super) struct Tried {
    channel: ResponseChannel<Vec<u8>>,
    reached: (Reached, Reached),
}

/// Questions under way in both directions.
#[derive(Debug)]
pub(super) struct Checks {
    instance: Instance,
    asked: BTreeMap<OutboundRequestId, (u64, Pending)>,
    rounds: BTreeMap<u64, Round>,
    next_round: u64,
    reaching: usize,
    tried_for: BTreeMap<IpAddr, Instant>,
    tried: mpsc::Sender<Tried>,
}

#[derive(Debug)]
struct Pending {
    node: NodeId,
    address: Option<IpAddr>,
    announced: bool,
    sent: Instant,
}

/// One check: everyone was asked at once.
#[derive(Debug)]
struct Round {
    reply: oneshot::Sender<Vec<PeerCheck>>,
    left: usize,
    done: Vec<PeerCheck>,
    until: Instant,
}

impl Checks {
    pub(super) fn new(instance: Instance) -> (Self, mpsc::Receiver<Tried>) {
        let (tried, receiver) = mpsc::channel(MAX_REACHING);
        let checks = Self {
            instance,
            asked: BTreeMap::new(),
            rounds: BTreeMap::new(),
            next_round: 0,
            reaching: 0,
            tried_for: BTreeMap::new(),
            tried,
        };
        (checks, receiver)
    }

    /// Whether ports may be tried for a stranger at this address now.
    fn may_try(&mut self, ip: IpAddr) -> bool {
        self.tried_for.retain(|_, at| at.elapsed() < REACH_PAUSE);
        let free = self.reaching < MAX_REACHING && !self.tried_for.contains_key(&ip);
        if free {
            self.tried_for.insert(ip, Instant::now());
            self.reaching += 1;
        }
        free
    }

    fn end(&mut self, id: OutboundRequestId, result: Result<Reply, CheckFailure>) {
        let Some((round_id, pending)) = self.asked.remove(&id) else { return };
        let result = result.map(|reply| pending.answer(reply));
        let Some(round) = self.rounds.get_mut(&round_id) else { return };
        let Pending { node, address, announced, .. } = pending;
        round.done.push(PeerCheck { node, address, announced, result });
        round.left -= 1;
        if round.left == 0 {
            self.close(round_id);
        }
    }

    fn close(&mut self, id: u64) {
        if let Some(round) = self.rounds.remove(&id) {
            // Who asked may have given up.
            drop(round.reply.send(round.done));
        }
    }

    /// Ends checks whose time is over; who has not answered is silent.
    pub(super) fn sweep(&mut self) {
        let now = Instant::now();
        let late: Vec<u64> =
            self.rounds.iter().filter(|(_, round)| round.until <= now).map(|(id, _)| *id).collect();
        for id in late {
            let silent: Vec<_> = self
                .asked
                .iter()
                .filter(|(_, (round, _))| *round == id)
                .map(|(id, _)| *id)
                .collect();
            for request in silent {
                self.end(request, Err(CheckFailure::Silent));
            }
        }
    }
}

impl Pending {
    fn answer(&self, reply: Reply) -> PeerAnswer {
        let round_trip = self.sent.elapsed();
        // It read its clock about half way.
        let then = clock::wall().0.saturating_sub(millis(round_trip) / 2);
        let clock_ms = i128::from(reply.now.0) - i128::from(then);
        PeerAnswer {
            version: reply.version,
            clock_ms: i64::try_from(clock_ms).unwrap_or(i64::MAX),
            round_trip_ms: millis(round_trip),
            reached: reply.reached,
        }
    }
}

impl Lobby {
    /// Asks everyone who is known in the lobby.
    pub(super) fn check_peers(&mut self, fabric: u16, reply: oneshot::Sender<Vec<PeerCheck>>) {
        let announced = self.announced();
        let mut peers: BTreeSet<NodeId> = announced.iter().copied().collect();
        peers.extend(self.knocks.targets.there());
        peers.extend(self.book.members());
        peers.remove(&self.node);
        let lobby = self.listening.iter().find_map(address::tcp_port).unwrap_or_default();
        let instance = self.checks.instance;
        let question = Question { lobby, fabric, ..Question::who_are_you(instance) };
        let bytes = wire::encode(&question);
        let round = self.checks.next_round;
        self.checks.next_round += 1;
        let mut left = 0;
        for node in peers.into_iter().take(MAX_PEERS) {
            let Some(peer) = peer_of(node) else { continue };
            let known = address::worth_dialling(self.book.lobby(node), &self.listening);
            if known.is_empty() && !self.swarm.is_connected(&peer) {
                // A member that was met in the fabric alone: nothing is known of its lobby.
                continue;
            }
            let ip = known.first().and_then(address::ip_of);
            let checks = &mut self.swarm.behaviour_mut().checks;
            let id = checks.send_request_with_addresses(&peer, bytes.clone(), known);
            let announced = announced.contains(&node);
            let pending = Pending { node, address: ip, announced, sent: Instant::now() };
            self.checks.asked.insert(id, (round, pending));
            left += 1;
        }
        let until = Instant::now() + CHECK_TIMEOUT;
        self.checks.rounds.insert(round, Round { reply, left, done: Vec::new(), until });
        if left == 0 {
            self.checks.close(round);
        }
    }

    pub(super) fn on_check_event(&mut self, event: Event<Vec<u8>, Vec<u8>>) {
        match event {
            Event::Message { peer, connection_id, message } => match message {
                Message::Request { request, channel, .. } => {
                    self.on_question((peer, connection_id), &request, channel);
                }
                Message::Response { request_id, response } => {
                    let result = wire::decode(&response).map_err(|error| match error {
                        wire::DecodeError::Version(_) => CheckFailure::Version,
                        wire::DecodeError::Empty | wire::DecodeError::Garbled => {
                            CheckFailure::Silent
                        }
                    });
                    self.checks.end(request_id, result);
                }
            },
            Event::OutboundFailure { request_id, error, .. } => {
                let failure = match &error {
                    OutboundFailure::DialFailure => CheckFailure::Unreachable,
                    OutboundFailure::UnsupportedProtocols => CheckFailure::Version,
                    OutboundFailure::ConnectionClosed
                    | OutboundFailure::Timeout
                    | OutboundFailure::Io(_) => CheckFailure::Silent,
                };
                self.checks.end(request_id, Err(failure));
            }
            Event::InboundFailure { .. } | Event::ResponseSent { .. } => {}
        }
    }

    /// A stranger's question; within the rates of all requests, or dropped.
    fn on_question(
        &mut self,
        (peer, connection): (PeerId, ConnectionId),
        question: &[u8],
        channel: ResponseChannel<Vec<u8>>,
    ) {
        let Some(ip) = self.requests.admits(connection) else {
            tracing::debug!(%peer, "question dropped");
            return;
        };
        let Ok(question) = wire::decode::<Question>(question) else { return };
        let ports = (question.lobby != 0 && question.fabric != 0)
            .then_some((question.lobby, question.fabric));
        match ports {
            Some(ports) if node_of(&peer).is_some() && self.checks.may_try(ip) => {
                let tried = self.checks.tried.clone();
                tokio::spawn(async move {
                    let reached = tokio::join!(reach(ip, ports.0), reach(ip, ports.1));
                    // The lobby has stopped if it does not take it.
                    drop(tried.send(Tried { channel, reached }).await);
                });
            }
            Some(_) | None => self.reply(channel, None),
        }
    }

    pub(super) fn on_tried(&mut self, Tried { channel, reached }: Tried) {
        self.checks.reaching = self.checks.reaching.saturating_sub(1);
        self.reply(channel, Some(reached));
    }

    fn reply(&mut self, channel: ResponseChannel<Vec<u8>>, reached: Option<(Reached, Reached)>) {
        let instance = self.checks.instance;
        let reply = Reply {
            instance: instance.number,
            up_ms: millis(instance.up()),
            now: clock::wall(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            reached,
        };
        let bytes = wire::encode(&reply);
        if self.swarm.behaviour_mut().checks.send_response(channel, bytes).is_err() {
            tracing::debug!("asker waits no longer");
        }
    }
}

async fn reach(ip: IpAddr, port: u16) -> Reached {
    let dial = TcpStream::connect(SocketAddr::new(ip, port));
    match tokio::time::timeout(REACH_TIMEOUT, dial).await {
        Ok(Ok(_)) => Reached::Open,
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => Reached::Refused,
        Ok(Err(_)) | Err(_) => Reached::Silent,
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
