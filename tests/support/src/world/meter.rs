//! What a measured world counts, and how long a gigabit link takes to carry it.

use covey_logic::{
    Input,
    wire::{self, Lane},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    network::Frame,
    tally::{NAMED, Tally, on_wire},
    world::World,
};

/// What one machine sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meter {
    tally: Tally,
    /// When its link is free again, in nanoseconds.
    free: u64,
    /// The last beat of gossipsub for which an announcement of messages was counted.
    announced: u64,
}

impl World {
    /// A gigabit link: eight nanoseconds a byte.
    const NANOS_PER_BYTE: u64 = 8;
    /// Gossipsub's beat in the fabric, in microseconds.
    const GOSSIP_BEAT: u64 = 500_000;
    /// For how many beats a message is announced (`history_gossip`), and to how many peers outside
    /// the mesh (`gossip_lazy` of the fabric).
    const ANNOUNCED: (u64, usize) = (3, 3);

    /// What a machine sent since the world began; nothing in a world that is not measured.
    #[must_use]
    pub fn tally(&self, machine: usize) -> Tally {
        self.meters.get(machine).map(|meter| meter.tally).unwrap_or_default()
    }

    /// What all machines sent since the world began.
    #[must_use]
    pub fn tallies(&self) -> Tally {
        let mut sum = Tally::default();
        self.meters.iter().for_each(|meter| sum += meter.tally);
        sum
    }

    /// When a frame has left a machine.
    pub(super) fn depart(&mut self, machine: usize, frame: &Frame) -> u64 {
        let Frame::Message(message) = frame else { return self.now };
        let Some(meter) = self.meters.get_mut(machine) else { return self.now };
        let body = u64::try_from(wire::encode(message).len()).unwrap_or(u64::MAX);
        let bytes = on_wire(body);
        match message.lane() {
            Lane::Detect => meter.tally.detect.add(1, bytes),
            Lane::Move => meter.tally.moves.add(1, bytes),
            Lane::Repair => meter.tally.repair.add(1, bytes),
        }
        meter.occupy(self.now, bytes)
    }

    /// When a copy of a gossiped message has left a machine that has it since `at`.
    pub(super) fn depart_gossip(&mut self, machine: usize, at: u64, size: u64) -> u64 {
        let Some(meter) = self.meters.get_mut(machine) else { return at };
        let bytes = on_wire(size);
        meter.tally.gossip.add(1, bytes);
        meter.occupy(at, bytes)
    }

    /// A machine that has a message since `at` announces it on its next beats.
    pub(super) fn announce_message(&mut self, machine: usize, at: u64, size: u64) {
        let connected = self.network.meshes.connected(machine).len();
        let outside = connected.saturating_sub(self.network.meshes.of(machine).len());
        let Some(meter) = self.meters.get_mut(machine).filter(|_| size > 0) else { return };
        let (beats, lazy) = Self::ANNOUNCED;
        let peers = u64::try_from(outside.min(lazy)).unwrap_or(0);
        let next = at / Self::GOSSIP_BEAT + 1;
        for beat in next..next + beats {
            if beat > meter.announced && peers > 0 {
                meter.announced = beat;
                meter.tally.gossip.add(peers, on_wire(24));
            }
            meter.tally.gossip.bytes += peers * NAMED;
        }
    }

    /// The input as a machine of its own would have it: nothing shared with the sender's memory.
    pub(super) fn decoded(&self, machine: usize, input: Input) -> Input {
        if self.setup.decoding != Some(machine) {
            return input;
        }
        #[expect(clippy::wildcard_enum_match_arm, reason = "only these come from other machines")]
        match input {
            Input::Message { from, message } => Input::Message { from, message: again(message) },
            Input::Published { from, publication } => {
                Input::Published { from, publication: again(publication) }
            }
            other => other,
        }
    }
}

/// The value out of its bytes.
fn again<T: Serialize + DeserializeOwned>(value: T) -> T {
    wire::decode(&wire::encode(&value)).unwrap_or(value)
}

impl Meter {
    fn occupy(&mut self, at: u64, bytes: u64) -> u64 {
        self.free = self.free.max(at * 1_000) + bytes * World::NANOS_PER_BYTE;
        self.free.div_ceil(1_000)
    }
}
