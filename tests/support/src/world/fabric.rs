//! Dials, connections, streams and gossip among members.

use std::collections::BTreeSet;

use covey_logic::{
    Input, NodeId,
    node::DialFailure,
    wire::{Lane, Message},
};

use crate::{
    network::{Connection, ConnectionId, Frame, Network},
    world::{World, shell::Happening},
};

/// A dial under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dial {
    from: usize,
    life: u64,
    to: usize,
    deadline: u64,
}

impl World {
    /// Connections a process keeps to one peer; a further one closes the oldest.
    const MAX_PER_PEER: usize = 4;
    /// How often the kernel of a frozen process tries it again, in microseconds.
    const FROZEN_RETRY: u64 = 20_000;

    pub(super) fn dial(&mut self, from: usize, peer: NodeId) {
        let life = self.machine(from).life;
        let Some(to) = self.index(peer) else {
            let input = Input::DialFailed { peer, failure: DialFailure::Unreachable };
            self.after(0, Happening::Deliver { machine: from, life, input });
            return;
        };
        let dial = Dial { from, life, to, deadline: self.now + Network::DIAL_TIMEOUT };
        let latency = self.network.stream_latency(from, to);
        self.after(latency, Happening::DialKnocks(dial));
    }

    pub(super) fn dial_knocks(&mut self, dial: Dial) {
        let Dial { from, to, deadline, .. } = dial;
        let dialer = self.id(from);
        let frozen = self.machine(to).process.as_ref().is_some_and(super::Process::frozen);
        if !self.passes(from, to) || !self.passes(to, from) || (frozen && self.now >= deadline) {
            let result = Err(DialFailure::Unreachable);
            self.at(deadline, Happening::DialReturns { dial, result });
            return;
        }
        if frozen {
            self.after(Self::FROZEN_RETRY, Happening::DialKnocks(dial));
            return;
        }
        let result = match &self.machine(to).process {
            None => Err(DialFailure::Refused),
            Some(process) if !process.allowed.contains(&dialer) => Err(DialFailure::Denied),
            Some(_) => Ok(self.network.connect(from, to)),
        };
        let at = self.now + self.network.stream_latency(to, from);
        if let Ok(connection) = result {
            self.open(connection, to);
            let found = self.network.connections.get_mut(&connection);
            if let Some(end) = found.and_then(|found| found.end_mut(from)) {
                end.opens_at(at);
            }
        }
        self.at(at, Happening::DialReturns { dial, result });
    }

    pub(super) fn dial_returns(&mut self, dial: Dial, result: Result<ConnectionId, DialFailure>) {
        let Dial { from, life, to, deadline } = dial;
        let peer = self.id(to);
        let lost = !self.passes(to, from) && self.now < deadline;
        if lost {
            if let Ok(connection) = result {
                self.transmit(connection, to, Frame::Close);
            }
            let result = Err(DialFailure::Unreachable);
            self.at(deadline, Happening::DialReturns { dial, result });
            return;
        }
        let Some(process) = self.process_mut(from, life) else {
            if let Ok(connection) = result {
                self.transmit(connection, to, Frame::Close);
            }
            return;
        };
        let allowed = process.allowed.contains(&peer);
        match result {
            Ok(connection) if allowed => self.open(connection, from),
            Ok(connection) => {
                self.transmit(connection, to, Frame::Close);
                let failure = DialFailure::Denied;
                self.deliver(from, life, Input::DialFailed { peer, failure });
            }
            Err(failure) => self.deliver(from, life, Input::DialFailed { peer, failure }),
        }
    }

    /// Opens the end of a connection at a machine, and tells its node if it is the first.
    fn open(&mut self, connection: ConnectionId, machine: usize) {
        let Some(found) = self.network.connections.get(&connection) else { return };
        let peer = found.peer_of(machine);
        self.network.open_end(connection, machine);
        let open = self.network.open(machine, peer);
        let (first, spare) =
            (open.len() == 1, open.first().filter(|_| open.len() > Self::MAX_PER_PEER).copied());
        let (life, peer) = (self.machine(machine).life, self.id(peer));
        let input = if first { Input::Connected { peer } } else { Input::Renewed { peer } };
        self.after(0, Happening::Deliver { machine, life, input });
        if let Some(oldest) = spare {
            self.close(oldest, machine);
        }
    }

    /// Closes the end of a connection at a machine, tells its node if it was the last, and tells
    /// the other end.
    pub(super) fn close(&mut self, connection: ConnectionId, machine: usize) {
        if let Some(peer) = self.shut(connection, machine) {
            self.transmit(connection, peer, Frame::Close);
        }
    }

    /// Closes the end of a connection at a machine without a word to the other; gives the other.
    fn shut(&mut self, connection: ConnectionId, machine: usize) -> Option<usize> {
        let peer = self.network.close_end(connection, machine)?;
        if self.network.open(machine, peer).is_empty() {
            let (life, peer) = (self.machine(machine).life, self.id(peer));
            self.after(
                0,
                Happening::Deliver { machine, life, input: Input::Disconnected { peer } },
            );
        }
        Some(peer)
    }

    /// The process is gone: its kernel closes its connections, unless the power is gone too.
    pub(super) fn hang_up(&mut self, machine: usize) {
        for connection in self.network.open_of(machine) {
            let peer = self.shut(connection, machine);
            if self.machine(machine).powered
                && let Some(peer) = peer
            {
                self.transmit(connection, peer, Frame::Close);
            }
        }
    }

    pub(super) fn allow(&mut self, machine: usize, peers: BTreeSet<NodeId>) {
        for connection in self.network.open_of(machine) {
            let found = self.network.connections.get(&connection);
            let peer = found.map(|found| self.id(found.peer_of(machine)));
            if peer.is_some_and(|peer| !peers.contains(&peer)) {
                self.close(connection, machine);
            }
        }
        if let Some(process) = &mut self.machine_mut(machine).process {
            process.allowed = peers;
        }
    }

    pub(super) fn disconnect(&mut self, machine: usize, peer: NodeId) {
        let Some(peer) = self.index(peer) else { return };
        for connection in self.network.open(machine, peer).to_vec() {
            self.close(connection, machine);
        }
    }

    pub(super) fn send(&mut self, machine: usize, to: NodeId, message: Message) {
        let Some(to) = self.index(to) else { return };
        if let Some(connection) = self.network.open(machine, to).last().copied() {
            self.sent += 1;
            let lost_signs = self.network.weather.lost_signs;
            let sign = lost_signs > 0 && message.lane() == Lane::Detect;
            if sign && self.network.dice().chance(lost_signs) {
                return;
            }
            self.transmit(connection, to, Frame::Message(message));
        }
    }

    /// Puts a frame on its way to the end of a connection at `to`.
    fn transmit(&mut self, connection: ConnectionId, to: usize, frame: Frame) {
        let Some(found) = self.network.connections.get_mut(&connection) else { return };
        let from = found.peer_of(to);
        if self.passes(from, to) {
            let latency = self.network.stream_latency(from, to);
            let departure = self.depart(from, &frame);
            self.schedule(connection, to, frame, departure + latency);
        } else if self.hold(connection, to, frame) {
            self.shut(connection, from);
        }
    }

    /// Keeps a frame until the path heals; true if it keeps too many.
    pub(super) fn hold(&mut self, connection: ConnectionId, to: usize, frame: Frame) -> bool {
        let Some(found) = self.network.connections.get_mut(&connection) else { return false };
        let Some(end) = found.end_mut(to) else { return false };
        end.held.push_back(frame);
        end.held.len() > Connection::HELD_CAPACITY
    }

    fn schedule(&mut self, connection: ConnectionId, to: usize, frame: Frame, at: u64) {
        let Some(found) = self.network.connections.get_mut(&connection) else { return };
        let Some(end) = found.end_mut(to) else { return };
        let at = end.arrival(&frame, at);
        self.at(at, Happening::Arrive { connection, side: to, frame });
    }

    pub(super) fn arrive(&mut self, connection: ConnectionId, side: usize, frame: Frame) {
        let Some(found) = self.network.connections.get(&connection) else { return };
        let from = found.peer_of(side);
        if !self.passes(from, side) {
            self.hold(connection, side, frame);
            return;
        }
        if !found.open_at(side) {
            // Nobody holds this end: its kernel resets the other.
            if !matches!(frame, Frame::Close) {
                self.transmit(connection, from, Frame::Close);
            }
            return;
        }
        let (life, from_id) = (self.machine(side).life, self.id(from));
        match frame {
            Frame::Message(message) => {
                self.deliver(side, life, Input::Message { from: from_id, message });
            }
            Frame::Gossip { from, publication } => {
                self.deliver(side, life, Input::Published { from, publication });
            }
            Frame::Close => {
                self.shut(connection, side);
            }
        }
    }

    /// The path from one machine to another passes again after `outage`: what streams held goes on
    /// its way when the sender next tries, which after a long outage it does seldom.
    pub(super) fn flush(&mut self, from: usize, to: usize, outage: u64) {
        let mut held = Vec::new();
        for (id, connection) in &mut self.network.connections {
            if connection.peer_of(to) == from
                && let Some(end) = connection.end_mut(to)
            {
                held.push((*id, std::mem::take(&mut end.held)));
            }
        }
        for (connection, frames) in held {
            let wait = self.network.dice().below(outage.min(3_000_000) + 1);
            let at = self.now + wait + self.network.latency(from, to);
            for frame in frames {
                self.schedule(connection, to, frame, at);
            }
        }
    }
}
