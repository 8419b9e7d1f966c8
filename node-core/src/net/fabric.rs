//! The members' network: one task that owns the swarm, and the lanes' tasks beside it.
//!
//! # Invariants
//!
//! - **F1 Members only.** A connection of a peer that is not on the allow list is closed before any
//!   protocol sees it.
//! - **F2 Told once.** A member is told to the driver when it first takes a stream of ours, and
//!   again when its last connection closed; a peer that closes at once was never told. That a
//!   newer connection carries what is said to it is told in between.

mod behaviour;
mod dials;
mod gossip;
mod member;
mod members;
mod streams;

pub(super) use behaviour::{Behaviour, swarm};
pub(super) use dials::failure_of;

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use covey_logic::{NodeId, node::DialFailure, wire::Publication};
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm, gossipsub, identify, kad,
    swarm::{
        ConnectionId, DialError, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use tokio::{
    sync::{mpsc, oneshot},
    time::MissedTickBehavior,
};

use self::{
    behaviour::BehaviourEvent,
    dials::Dials,
    members::{End, Members},
};
use super::{
    address,
    book::Book,
    event::{FrameSink, NetEvent},
    lanes::{self, Broken, Table},
    limits::TICK_INTERVAL,
    outbox::Outbox,
    report::{SourceKind, SourceReport, SourceState},
    translate::{node_of, peer_of},
};

/// What the fabric is asked to do.
#[derive(Debug)]
pub(super) enum Command {
    /// Say this to everyone.
    Publish(Publication),
    /// Let exactly these in.
    Allow(BTreeSet<NodeId>),
    /// Open a connection, beside one that may stand.
    Dial(NodeId, Vec<String>),
    /// Close every connection.
    Disconnect(NodeId),
    /// Say how the routing table fares, and on which TCP port the fabric listens.
    Report(oneshot::Sender<(SourceReport, Option<u16>)>),
    /// End.
    Stop,
}

/// What the fabric's task is made from.
pub(super) struct Parts {
    /// The swarm; it listens already.
    pub(super) swarm: Swarm<Behaviour>,
    /// This node.
    pub(super) node: NodeId,
    /// The queues of members.
    pub(super) table: Table,
    /// Where nodes were reached.
    pub(super) book: Book,
    /// To the driver.
    pub(super) events: mpsc::Sender<NetEvent>,
    /// Takes members' frames.
    pub(super) sink: Arc<dyn FrameSink>,
    /// Whether to tell loopback addresses, too.
    pub(super) same_machine: bool,
}

/// The fabric's task.
pub(super) struct Fabric {
    swarm: Swarm<Behaviour>,
    node: NodeId,
    book: Book,
    outbox: Outbox,
    members: Members,
    allowed: BTreeSet<NodeId>,
    dials: Dials,
    listening: Vec<Multiaddr>,
    same_machine: bool,
    /// When a walk through the routing tables of members last ended.
    walked: Option<Instant>,
    broken: mpsc::Receiver<Broken>,
}

impl Fabric {
    pub(super) fn new(parts: Parts) -> Self {
        let (members, broken) = Members::new(parts.table, parts.events.clone(), parts.sink);
        Self {
            swarm: parts.swarm,
            node: parts.node,
            book: parts.book,
            outbox: Outbox::new(parts.events),
            members,
            allowed: BTreeSet::new(),
            dials: Dials::default(),
            listening: Vec::new(),
            same_machine: parts.same_machine,
            walked: None,
            broken,
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
                Some(broken) = self.broken.recv() => self.members.spent(broken),
                _ = tick.tick() => self.on_tick(),
                () = self.outbox.drain() => {}
            }
        }
        self.members.forget_all();
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Publish(publication) => {
                gossip::publish(&mut self.swarm.behaviour_mut().gossip, &publication);
            }
            Command::Allow(allowed) => self.allow(allowed),
            Command::Dial(node, addresses) => self.dial(node, &addresses),
            Command::Disconnect(node) => self.disconnect(node),
            // Who asked may have given up.
            Command::Report(reply) => drop(reply.send(self.report())),
            Command::Stop => {}
        }
    }

    fn allow(&mut self, allowed: BTreeSet<NodeId>) {
        let list = &mut self.swarm.behaviour_mut().allowed;
        for peer in allowed.difference(&self.allowed).filter_map(|node| peer_of(*node)) {
            list.allow_peer(peer);
        }
        let refused: Vec<_> = self.allowed.difference(&allowed).copied().collect();
        for peer in refused.iter().filter_map(|node| peer_of(*node)) {
            list.disallow_peer(peer);
        }
        self.book.set_members(allowed.clone());
        self.allowed = allowed;
        for node in refused {
            self.disconnect(node);
        }
    }

    /// Closes at once as far as the driver can tell: a dead connection may take minutes to close.
    fn disconnect(&mut self, node: NodeId) {
        let Some((peer, told)) = self.members.forget(node) else { return };
        if self.swarm.disconnect_peer_id(peer).is_err() {
            tracing::debug!(peer = ?node, "no connection was left");
        }
        if told {
            self.outbox.tell(NetEvent::Disconnected { peer: node });
        }
    }

    fn dial(&mut self, node: NodeId, addresses: &[String]) {
        if self.dials.enough_to(node, Instant::now()) {
            return;
        }
        let Some(peer) = peer_of(node) else {
            return self.dial_failed(node, DialFailure::Unreachable);
        };
        let mut candidates = address::parse_all(addresses);
        for known in self.book.fabric(node) {
            if !candidates.contains(&known) {
                candidates.push(known);
            }
        }
        if candidates.is_empty() {
            let query = self.swarm.behaviour_mut().routing.get_closest_peers(peer);
            self.dials.look_up(query, node);
            return;
        }
        self.dial_at(node, peer, candidates);
    }

    fn dial_at(&mut self, node: NodeId, peer: PeerId, candidates: Vec<Multiaddr>) {
        let addresses = address::worth_dialling(candidates, &self.listening);
        if addresses.is_empty() {
            return self.dial_failed(node, DialFailure::Unreachable);
        }
        tracing::debug!(peer = ?node, ?addresses, "dialling a member");
        // A port of its own: from the listening port, a second connection to the same address
        // cannot be told from the first.
        let dial = DialOpts::peer_id(peer)
            .condition(PeerCondition::Always)
            .addresses(addresses)
            .allocate_new_port()
            .build();
        let id = dial.connection_id();
        match self.swarm.dial(dial) {
            Ok(()) => self.dials.dial(id, node, Instant::now()),
            Err(error) => self.dial_failed(node, failure_of(&error)),
        }
    }

    fn dial_failed(&mut self, peer: NodeId, failure: DialFailure) {
        self.outbox.tell(NetEvent::DialFailed { peer, failure });
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum is non-exhaustive, and what is left out is told in other events"
    )]
    fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                let asked = self.dials.end_dial(connection_id).is_some();
                let Some(node) = node_of(&peer_id) else { return };
                if asked {
                    let reached = address::without_peer(endpoint.get_remote_address());
                    self.book.learn_fabric(node, vec![reached]);
                }
                self.members.connected(node, peer_id, connection_id, asked);
            }
            SwarmEvent::ConnectionClosed { connection_id, cause, .. } => {
                let cause = cause.map(|cause| cause.to_string());
                self.on_closed(connection_id, cause.as_deref());
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.on_dial_error(connection_id, &error);
            }
            SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
                tracing::debug!(address = %send_back_addr, %error, "connection not let in");
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
                tracing::warn!(?addresses, "fabric listens no longer there");
                self.listening.retain(|listening| !addresses.contains(listening));
                self.tell_listening();
            }
            _ => {}
        }
    }

    fn on_closed(&mut self, connection: ConnectionId, cause: Option<&str>) {
        let Some(closed) = self.members.closed(connection) else { return };
        tracing::debug!(peer = ?closed.node, ?cause, end = ?closed.end, "connection closed");
        for (connection, lane) in closed.reopen {
            self.swarm.behaviour_mut().lanes.open(closed.peer, connection, lane);
        }
        match closed.end {
            End::Disconnected => self.outbox.tell(NetEvent::Disconnected { peer: closed.node }),
            End::Denied => self.dial_failed(closed.node, DialFailure::Denied),
            End::Remains | End::Unnoticed => {}
        }
    }

    fn on_dial_error(&mut self, connection: ConnectionId, error: &DialError) {
        let Some(node) = self.dials.end_dial(connection) else { return };
        let failure = failure_of(error);
        tracing::debug!(peer = ?node, ?failure, %error, "dial failed");
        self.dial_failed(node, failure);
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Lanes(event) => self.on_stream(event),
            BehaviourEvent::Gossip(gossipsub::Event::Message {
                propagation_source,
                message_id,
                message,
            }) => {
                let (acceptance, said) =
                    gossip::check(&message, |node| self.allowed.contains(&node));
                self.swarm.behaviour_mut().gossip.report_message_validation_result(
                    &message_id,
                    &propagation_source,
                    acceptance,
                );
                if let Some((from, publication)) = said
                    && !self.outbox.offer(NetEvent::Published { from, publication })
                {
                    self.members.count_drop();
                }
            }
            BehaviourEvent::Routing(kad::Event::OutboundQueryProgressed {
                id,
                result: kad::QueryResult::GetClosestPeers(result),
                step,
                ..
            }) if step.last => {
                self.walked = Some(Instant::now());
                self.on_lookup(id, result);
            }
            BehaviourEvent::Routing(kad::Event::OutboundQueryProgressed {
                result: kad::QueryResult::Bootstrap(_),
                step,
                ..
            }) if step.last => self.walked = Some(Instant::now()),
            BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. }) => {
                self.on_identified(peer_id, &info.listen_addrs);
            }
            BehaviourEvent::Gossip(_)
            | BehaviourEvent::Routing(_)
            | BehaviourEvent::Identify(_) => {}
            BehaviourEvent::Allowed(never)
            | BehaviourEvent::Limits(never)
            | BehaviourEvent::Sources(never) => match never {},
        }
    }

    fn on_stream(&mut self, event: lanes::Event) {
        match event {
            lanes::Event::Opened { connection, lane, stream } => {
                let Some(event) = self.members.opened(connection, lane, stream) else { return };
                let first =
                    if let NetEvent::Connected { peer } = event { Some(peer) } else { None };
                self.outbox.tell(event);
                if let Some(peer) = first {
                    self.members.read_early(peer);
                }
            }
            lanes::Event::Accepted { connection, lane, stream } => {
                self.members.accepted(connection, lane, stream);
            }
            lanes::Event::Refused { connection, lane } => self.members.refused(connection, lane),
        }
    }

    fn on_identified(&mut self, peer: PeerId, listening: &[Multiaddr]) {
        let Some(node) = node_of(&peer) else { return };
        let listening = listening.iter().map(address::without_peer).collect();
        let addresses = address::worth_dialling(listening, &self.listening);
        for address in &addresses {
            self.swarm.behaviour_mut().routing.add_address(&peer, address.clone());
        }
        self.book.learn_fabric(node, addresses);
    }

    fn on_lookup(&mut self, query: kad::QueryId, result: kad::GetClosestPeersResult) {
        let Some(node) = self.dials.end_lookup(query) else { return };
        let peers = match result {
            Ok(found) => found.peers,
            Err(kad::GetClosestPeersError::Timeout { peers, .. }) => peers,
        };
        let peer = peer_of(node);
        match peers.into_iter().find(|found| Some(found.peer_id) == peer) {
            Some(found) => {
                let addresses = found.addrs.iter().map(address::without_peer).collect();
                self.dial_at(node, found.peer_id, addresses);
            }
            None => self.dial_failed(node, DialFailure::Unreachable),
        }
    }

    fn on_tick(&mut self) {
        for (peer, connection, lane) in self.members.reopen() {
            self.swarm.behaviour_mut().lanes.open(peer, connection, lane);
        }
        for connection in self.members.spares(self.node) {
            self.swarm.close_connection(connection);
        }
    }

    /// What members told of each other's addresses, by walking from one to the next (Kademlia).
    fn report(&mut self) -> (SourceReport, Option<u16>) {
        let buckets = self.swarm.behaviour_mut().routing.kbuckets();
        let known = buckets.map(|bucket| bucket.num_entries()).sum::<usize>();
        let found = u32::try_from(known).unwrap_or(u32::MAX);
        let ago = |at: Instant| u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX);
        let report = SourceReport {
            kind: SourceKind::Routing,
            target: String::new(),
            state: if found > 0 { SourceState::Found } else { SourceState::Nobody },
            tried_ms_ago: self.walked.map(ago),
            found,
            error: None,
        };
        (report, self.listening.iter().find_map(address::tcp_port))
    }

    fn tell_listening(&mut self) {
        let addresses = address::worth_telling(&self.listening, self.same_machine);
        self.outbox.tell(NetEvent::Listening { addresses });
    }
}
