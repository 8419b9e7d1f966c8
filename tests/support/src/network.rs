//! The simulated network: links with their weather, and the connections over them.
//!
//! A link is one direction between two machines. A cut link delivers nothing and closes nothing, as
//! a pulled cable does: what streams hold is delivered late if the link heals, and a connection that
//! holds too much breaks at the side that sent. A process that dies closes its connections at once;
//! a machine that loses power says nothing, and its peers learn of it when they next reach it.

use std::collections::{BTreeMap, VecDeque};

use covey_logic::{
    NodeId,
    wire::{Lane, Message, Publication},
};

use crate::{dice::Dice, mesh::Meshes};

/// Names a connection; a later one is greater.
pub type ConnectionId = u64;

/// What a stream carries.
#[derive(Clone, Debug)]
pub(crate) enum Frame {
    /// From the node at the other end.
    Message(Message),
    /// Gossip that waited in the stream.
    Gossip { from: NodeId, publication: Publication },
    /// The other end closed.
    Close,
}

/// One end of a connection, and what is on its way there.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) machine: usize,
    pub(crate) open: bool,
    pub(crate) held: VecDeque<Frame>,
    arrivals: [u64; 3],
}

/// A connection; a message is delivered in order on its lane, or not at all.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) ends: [End; 2],
}

impl Connection {
    /// Frames a broken path may hold before the sender gives the connection up.
    pub(crate) const HELD_CAPACITY: usize = 1_000;

    pub(crate) fn new(dialer: usize, listener: usize) -> Self {
        let end = |machine| End { machine, open: false, held: VecDeque::new(), arrivals: [0; 3] };
        Self { ends: [end(dialer), end(listener)] }
    }

    /// The end at `machine`.
    pub(crate) fn end_mut(&mut self, machine: usize) -> Option<&mut End> {
        self.ends.iter_mut().find(|end| end.machine == machine)
    }

    /// Whether the end at `machine` is open.
    pub(crate) fn open_at(&self, machine: usize) -> bool {
        self.ends.iter().any(|end| end.machine == machine && end.open)
    }

    /// The machine at the other end.
    pub(crate) fn peer_of(&self, machine: usize) -> usize {
        let [a, b] = &self.ends;
        if a.machine == machine { b.machine } else { a.machine }
    }
}

impl End {
    /// Nothing is delivered here before `at`: the connection is not yet known here.
    pub(crate) fn opens_at(&mut self, at: u64) {
        self.arrivals = [at; 3];
    }

    /// When `frame`, which could be here at `earliest`, is delivered: after all before it.
    pub(crate) fn arrival(&mut self, frame: &Frame, earliest: u64) -> u64 {
        let [detect, repair, moves] = &mut self.arrivals;
        match frame {
            Frame::Message(message) => {
                let last = match message.lane() {
                    Lane::Detect => detect,
                    Lane::Repair => repair,
                    Lane::Move => moves,
                };
                *last = earliest.max(*last + 1);
                *last
            }
            Frame::Gossip { .. } => earliest.max(*detect + 1),
            Frame::Close => earliest.max(*detect + 1).max(*repair + 1).max(*moves + 1),
        }
    }
}

/// One direction between two machines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    latency: u64,
    cuts: u32,
    pub(crate) cut_since: u64,
}

/// What the network does to what it carries, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weather {
    /// Gossip that is lost, and segments of streams that are sent again, late.
    pub loss: u32,
    /// Gossip that arrives twice.
    pub duplication: u32,
    /// Anything that arrives 200 ms late.
    pub spikes: u32,
    /// What members say of who is up that is lost for good, as if it went by datagram.
    pub lost_signs: u32,
    /// Anything is this late at most, by chance, in milliseconds: no thousandths.
    pub jitter_ms: u32,
}

impl Weather {
    /// A quiet LAN.
    pub const CALM: Self = Self { loss: 0, duplication: 0, spikes: 0, lost_signs: 0, jitter_ms: 0 };
    /// A busy LAN: a peer's queue overflows now and then.
    pub const FAIR: Self = Self { loss: 5, duplication: 5, spikes: 2, ..Self::CALM };
    /// A bad radio link.
    pub const STORM: Self = Self { loss: 300, duplication: 100, spikes: 50, ..Self::CALM };
}

/// Links and connections.
#[derive(Debug)]
pub struct Network {
    /// What it does to what it carries.
    pub weather: Weather,
    machines: usize,
    links: Vec<Link>,
    pub(crate) connections: BTreeMap<ConnectionId, Connection>,
    /// For each machine, the connections that are open at its end, by the machine at the other.
    open: Vec<BTreeMap<usize, Vec<ConnectionId>>>,
    /// With whom each machine gossips.
    pub(crate) meshes: Meshes,
    dice: Dice,
    made: ConnectionId,
}

impl Network {
    /// How long a dial waits for an answer, in microseconds.
    pub const DIAL_TIMEOUT: u64 = 2_000_000;
    /// How late a spike is, and a segment that is sent again (the least retransmission timeout of
    /// Linux), in microseconds.
    const LATE: u64 = 200_000;

    /// Links among `machines`, each with a latency of its own from 50 µs to 5 ms.
    #[must_use]
    pub fn new(machines: usize, mut dice: Dice, weather: Weather) -> Self {
        let mut link = || Link { latency: dice.log_micros(50, 5_000), cuts: 0, cut_since: 0 };
        let links = (0..machines * machines).map(|_| link()).collect();
        Self {
            weather,
            machines,
            links,
            connections: BTreeMap::new(),
            open: vec![BTreeMap::new(); machines],
            meshes: Meshes::new(machines),
            dice,
            made: 0,
        }
    }

    fn link(&self, from: usize, to: usize) -> Option<&Link> {
        self.links.get(from * self.machines + to)
    }

    fn link_mut(&mut self, from: usize, to: usize) -> Option<&mut Link> {
        self.links.get_mut(from * self.machines + to)
    }

    /// Whether anything passes from one machine to another.
    #[must_use]
    pub fn passes(&self, from: usize, to: usize) -> bool {
        self.link(from, to).is_some_and(|link| link.cuts == 0)
    }

    /// Cuts one direction once more, and tells whether it passed before.
    pub(crate) fn cut(&mut self, now: u64, from: usize, to: usize) {
        if let Some(link) = self.link_mut(from, to) {
            if link.cuts == 0 {
                link.cut_since = now;
            }
            link.cuts += 1;
        }
    }

    /// Takes one cut back; gives how long the direction was cut if it passes again.
    pub(crate) fn mend(&mut self, now: u64, from: usize, to: usize) -> Option<u64> {
        let link = self.link_mut(from, to)?;
        link.cuts = link.cuts.checked_sub(1)?;
        (link.cuts == 0).then(|| now - link.cut_since)
    }

    /// How long the next thing takes from one machine to another.
    pub(crate) fn latency(&mut self, from: usize, to: usize) -> u64 {
        let base = self.link(from, to).map_or(1_000, |link| link.latency);
        let spike = if self.dice.chance(self.weather.spikes) { Self::LATE } else { 0 };
        let jitter = match self.weather.jitter_ms {
            0 => 0,
            most => self.dice.below(u64::from(most) * 1_000),
        };
        base + self.dice.below(base) + spike + jitter
    }

    /// How long the next segment of a stream takes: one that is lost is sent again.
    pub(crate) fn stream_latency(&mut self, from: usize, to: usize) -> u64 {
        let mut latency = self.latency(from, to);
        let mut again = Self::LATE;
        while self.dice.chance(self.weather.loss) && again < 8 * Self::LATE {
            latency += again;
            again *= 2;
        }
        latency
    }

    /// Throws of the network's own dice.
    pub(crate) fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// A connection with no open end yet.
    pub(crate) fn connect(&mut self, dialer: usize, listener: usize) -> ConnectionId {
        self.made += 1;
        self.connections.insert(self.made, Connection::new(dialer, listener));
        self.made
    }

    /// Opens the end of a connection at a machine.
    pub(crate) fn open_end(&mut self, connection: ConnectionId, machine: usize) {
        let Some(found) = self.connections.get_mut(&connection) else { return };
        let peer = found.peer_of(machine);
        let Some(end) = found.end_mut(machine).filter(|end| !end.open) else { return };
        end.open = true;
        if let Some(open) = self.open.get_mut(machine) {
            open.entry(peer).or_default().push(connection);
        }
        if self.adjacent(machine, peer) {
            self.meshes.join(machine, peer);
        }
    }

    /// Closes the end of a connection at a machine, and gives the machine at the other; nothing if
    /// it is not open.
    pub(crate) fn close_end(&mut self, connection: ConnectionId, machine: usize) -> Option<usize> {
        let found = self.connections.get_mut(&connection)?;
        let peer = found.peer_of(machine);
        let end = found.end_mut(machine).filter(|end| end.open)?;
        end.open = false;
        end.held.clear();
        if !found.ends.iter().any(|end| end.open) {
            self.connections.remove(&connection);
        }
        if let Some(open) = self.open.get_mut(machine)
            && let Some(with) = open.get_mut(&peer)
        {
            with.retain(|other| *other != connection);
            if with.is_empty() {
                open.remove(&peer);
            }
        }
        if !self.adjacent(machine, peer) {
            self.meshes.part(machine, peer);
        }
        Some(peer)
    }

    /// Open connections of `machine` to `peer`, oldest first.
    pub(crate) fn open(&self, machine: usize, peer: usize) -> &[ConnectionId] {
        let with = self.open.get(machine).and_then(|open| open.get(&peer));
        with.map_or(&[], Vec::as_slice)
    }

    /// Open connections of `machine`, oldest first.
    pub(crate) fn open_of(&self, machine: usize) -> Vec<ConnectionId> {
        let open = self.open.get(machine).into_iter().flat_map(BTreeMap::values);
        let mut open: Vec<ConnectionId> = open.flatten().copied().collect();
        open.sort_unstable();
        open
    }

    /// Whether gossip goes straight from one machine to another.
    pub(crate) fn adjacent(&self, from: usize, to: usize) -> bool {
        let there = self.open(to, from);
        self.open(from, to).iter().any(|connection| there.contains(connection))
    }
}
