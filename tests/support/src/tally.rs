//! What travels: messages and bytes as they would be on a wire.

use std::ops::{AddAssign, Sub};

/// Messages and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub messages: u64,
    /// With everything that goes around them.
    pub bytes: u64,
}

/// What was sent, by what for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Who is up.
    pub detect: Count,
    /// What one lacks.
    pub repair: Count,
    /// Agents that move, and copies of their states.
    pub moves: Count,
    /// What is told to everyone, each copy on each hop.
    pub gossip: Count,
}

/// The most bytes of a stream in one segment: Ethernet's 1,500 less IPv4, TCP and its timestamps.
const SEGMENT: u64 = 1_448;
/// IPv4, TCP and its timestamps.
const HEADERS: u64 = 52;
/// A Yamux frame, the Noise frame around it (length and tag), and the length of the message.
const FRAMES: u64 = 12 + 18 + 4;
/// What gossipsub puts around a signed message: author, sequence number, topic, signature, tags.
pub(crate) const SIGNED: u64 = 40 + 10 + 18 + 66 + 6;
/// Bytes of the name of one message in an announcement (IHAVE), with its tag and length.
pub(crate) const NAMED: u64 = 22;

/// The bytes on the wire of `body` bytes that travel alone.
pub(crate) fn on_wire(body: u64) -> u64 {
    let stream = body + FRAMES;
    stream + stream.div_ceil(SEGMENT) * HEADERS
}

impl Count {
    /// Adds `messages` of `bytes` each.
    pub(crate) fn add(&mut self, messages: u64, bytes: u64) {
        self.messages += messages;
        self.bytes += messages * bytes;
    }
}

impl Tally {
    /// Everything.
    #[must_use]
    pub fn total(&self) -> Count {
        let parts = [self.detect, self.repair, self.moves, self.gossip];
        let sum = |of: fn(&Count) -> u64| parts.iter().map(of).sum();
        Count { messages: sum(|count| count.messages), bytes: sum(|count| count.bytes) }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.bytes += other.bytes;
    }
}

impl Sub for Count {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { messages: self.messages - other.messages, bytes: self.bytes - other.bytes }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.detect += other.detect;
        self.repair += other.repair;
        self.moves += other.moves;
        self.gossip += other.gossip;
    }
}

impl Sub for Tally {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            detect: self.detect - other.detect,
            repair: self.repair - other.repair,
            moves: self.moves - other.moves,
            gossip: self.gossip - other.gossip,
        }
    }
}
