//! The network that anyone on the LAN can reach, and the search for other nodes in it.
//!
//! It speaks one protocol: a request and its answer, of 16 KiB at most. Who is found, and when to
//! say hello, is told to the driver; the node decides what to do about it.
//!
//! # What a stranger costs
//!
//! At most 128 connections, 32 of one address and 4 of one peer, each with 8 streams of a 256 KiB
//! window: 256 MiB if all of them fill every window at once, which the readers empty as it fills.
//! In the handshake at most 256 connections, 32 of one address, for two seconds each. Requests are
//! 20 a second from one address and 200 in all, 64 wait for the driver, and no connection is taken
//! while the process holds more than 1 GiB.

mod behaviour;
mod checks;
mod codec;
mod discovery;
mod knocks;
mod requests;
mod sources;
mod targets;

pub(super) use behaviour::{Behaviour, BehaviourEvent, swarm};
pub(super) use checks::{Question, Reply};

use std::time::Instant;

use covey_logic::{
    NodeId, Ticket,
    pairing::{Hello, LobbyAnswer, LobbyRequest},
};
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, Swarm,
    swarm::{ListenError, SwarmEvent},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::MissedTickBehavior,
};

use self::{
    checks::{Checks, Tried},
    discovery::Discovery,
    knocks::{Knocks, Resolved},
    requests::Requests,
};
use super::{
    address,
    beacon::{Beacons, Sighting},
    book::Book,
    dns::Looked,
    error::KnockError,
    event::NetEvent,
    lanes::Table,
    limits::TICK_INTERVAL,
    outbox::Outbox,
    report::{PeerCheck, SourceReport},
    same_machine::Neighbour,
    translate::node_of,
    twin::Instance,
};

/// What the lobby is asked to do.
#[derive(Debug)]
pub(super) enum Command {
    /// Ask a node.
    Request(Ticket, NodeId, LobbyRequest),
    /// Note where a node is said to be.
    Located(NodeId, Vec<String>),
    /// Answer a node.
    Answer(Ticket, LobbyAnswer),
    /// Say this of ourselves when knocking at an address that a person typed.
    SetHello(Hello),
    /// Ask everyone who is known here; our fabric listens at the port.
    Check(u16, oneshot::Sender<Vec<PeerCheck>>),
    /// Say how the ways of finding nodes fare.
    Report(oneshot::Sender<LobbyReport>),
    /// Follow a sign of another machine with our identity.
    #[cfg(test)]
    Suspect(std::net::SocketAddr),
    /// See who is at one of these addresses.
    Knock(Vec<Multiaddr>, oneshot::Sender<Result<NodeId, KnockError>>),
    /// End.
    Stop,
}

/// What the lobby knows of itself.
#[derive(Debug, Default)]
pub(super) struct LobbyReport {
    pub(super) sources: Vec<SourceReport>,
    pub(super) other_versions: Vec<NodeId>,
    /// The TCP port it listens on.
    pub(super) port: Option<u16>,
}

/// What the lobby's task is made from.
pub(super) struct Parts {
    /// The swarm; it listens already.
    pub(super) swarm: Swarm<Behaviour>,
    /// This node.
    pub(super) node: NodeId,
    /// Who is connected on the fabric.
    pub(super) table: Table,
    /// Where nodes were reached.
    pub(super) book: Book,
    /// To the driver.
    pub(super) events: mpsc::Sender<NetEvent>,
    /// Tells instances on this machine where the lobby listens.
    pub(super) own: Option<watch::Sender<Vec<String>>>,
    /// Other instances on this machine.
    pub(super) neighbours: mpsc::Receiver<Vec<Neighbour>>,
    /// Where to look for nodes.
    pub(super) search: Search,
    /// What DNS names stand for.
    pub(super) looked: mpsc::Receiver<Looked>,
    /// Which process this is.
    pub(super) instance: Instance,
    /// Tells by its end that the lobby ended.
    pub(super) alive: watch::Sender<()>,
    /// Where signs of another machine with our identity go.
    pub(super) sightings: mpsc::Sender<Sighting>,
    /// The beacon, which tells others our port.
    pub(super) beacons: Beacons,
    /// Why multicast could not be started, if so.
    pub(super) mdns_error: Option<String>,
}

pub(super) use discovery::Search;

/// The lobby's task.
pub(super) struct Lobby {
    swarm: Swarm<Behaviour>,
    node: NodeId,
    table: Table,
    book: Book,
    outbox: Outbox,
    own: Option<watch::Sender<Vec<String>>>,
    neighbours: mpsc::Receiver<Vec<Neighbour>>,
    resolved: mpsc::Receiver<Resolved>,
    requests: Requests,
    discovery: Discovery,
    knocks: Knocks,
    checks: Checks,
    tried: mpsc::Receiver<Tried>,
    search: Search,
    looked: mpsc::Receiver<Looked>,
    sightings: mpsc::Sender<Sighting>,
    beacons: Beacons,
    mdns_error: Option<String>,
    _alive: watch::Sender<()>,
    listening: Vec<Multiaddr>,
}

impl Lobby {
    pub(super) fn new(parts: Parts) -> Self {
        let now = Instant::now();
        let mut search = parts.search;
        let (knocks, resolved) = Knocks::new(search.targets(now));
        let (checks, tried) = Checks::new(parts.instance);
        Self {
            swarm: parts.swarm,
            node: parts.node,
            table: parts.table,
            book: parts.book,
            outbox: Outbox::new(parts.events),
            own: parts.own,
            neighbours: parts.neighbours,
            resolved,
            requests: Requests::new(now),
            discovery: Discovery::default(),
            knocks,
            checks,
            tried,
            search,
            looked: parts.looked,
            sightings: parts.sightings,
            beacons: parts.beacons,
            mdns_error: parts.mdns_error,
            _alive: parts.alive,
            listening: Vec::new(),
        }
    }

    /// Runs until it is stopped or its last handle is gone.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut tick = tokio::time::interval(TICK_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    None | Some(Command::Stop) => break,
                    Some(command) => self.on_command(command),
                },
                event = self.swarm.select_next_some() => self.on_event(event),
                Some(tried) = self.tried.recv() => self.on_tried(tried),
                Some(looked) = self.looked.recv() => {
                    self.knocks.targets.set_dns(looked, Instant::now());
                    self.knock_at_due();
                }
                Some(resolved) = self.resolved.recv() => self.on_resolved(resolved),
                Some(neighbours) = self.neighbours.recv() => {
                    self.knocks.targets.set_neighbours(neighbours, Instant::now());
                }
                _ = tick.tick() => self.on_tick(),
                () = self.outbox.drain() => {}
            }
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Request(ticket, to, request) => self.request(ticket, to, &request),
            Command::Located(node, addresses) => {
                self.book.learn_lobby(node, address::parse_all(&addresses));
            }
            Command::Answer(ticket, answer) => self.answer(ticket, &answer),
            Command::SetHello(hello) => self.knocks.hello = Some(hello),
            Command::Check(fabric, reply) => self.check_peers(fabric, reply),
            #[cfg(test)]
            Command::Suspect(lobby) => {
                let _full = self.sightings.try_send(Sighting { lobby });
            }
            // Who asked may have given up.
            Command::Report(reply) => drop(reply.send(self.report())),
            Command::Knock(addresses, reply) => self.knock_for_person(&addresses, reply),
            Command::Stop => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum is non-exhaustive, and what is left out is told in other events"
    )]
    fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                let from = endpoint.get_remote_address();
                self.requests.connected(connection_id, from);
                self.on_opened(connection_id, node_of(&peer_id), from);
            }
            SwarmEvent::ConnectionClosed { connection_id, .. } => {
                self.requests.closed(connection_id);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.on_knock_failed(connection_id, &error);
            }
            SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
                tracing::debug!(address = %send_back_addr, %error, "stranger not let in");
                if matches!(error, ListenError::LocalPeerId { .. }) {
                    self.saw_itself(&send_back_addr);
                }
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                self.listening.push(address);
                self.tell_listening();
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                self.listening.retain(|listening| *listening != address);
                self.tell_listening();
            }
            SwarmEvent::ListenerClosed { addresses, .. } => {
                tracing::warn!(?addresses, "lobby listens no longer there");
                self.listening.retain(|listening| !addresses.contains(listening));
                self.tell_listening();
            }
            _ => {}
        }
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Requests(event) => self.on_request_event(event),
            BehaviourEvent::Checks(event) => self.on_check_event(event),
            BehaviourEvent::Mdns(event) => self.on_mdns(event),
            BehaviourEvent::Limits(never)
            | BehaviourEvent::Sources(never)
            | BehaviourEvent::Memory(never) => match never {},
        }
    }

    fn on_tick(&mut self) {
        self.requests.forget_closed();
        self.checks.sweep();
        self.tell_present();
        self.knock_at_due();
    }

    fn report(&self) -> LobbyReport {
        LobbyReport {
            sources: self.source_reports(),
            other_versions: self.discovery.other_versions(),
            port: self.listening.iter().find_map(address::tcp_port),
        }
    }

    fn tell_listening(&mut self) {
        if let Some(port) = self.listening.iter().find_map(address::tcp_port) {
            self.beacons.set_port(port);
        }
        let all = address::worth_telling(&self.listening, true);
        if let Some(own) = &self.own {
            own.send_replace(all.clone());
        }
        self.outbox.tell(NetEvent::LobbyListening { addresses: all });
    }
}
