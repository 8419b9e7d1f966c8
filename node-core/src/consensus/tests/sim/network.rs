//! A network that delays, reorders, loses and doubles messages, and can be cut one way.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    hash::Hasher as _,
};

use bytes::Bytes;
use covey_logic::NodeId;
use covey_sim::dice::Dice;

use super::{
    clock::Clock,
    planted::Planted,
    rules::{Rules, Shared},
    world::{STEP, number},
};
use openraft::raft::AppendEntriesResponse;

use crate::consensus::{
    Carrier,
    packet::{Answer, Packet, Question},
};

/// The network of all machines.
#[derive(Debug)]
pub(super) struct Network {
    dice: Dice,
    /// By when they arrive, and the order of sending.
    flying: BTreeMap<(u64, u64), Message>,
    sent: u64,
    /// From whom nothing reaches whom.
    cut: BTreeSet<(usize, usize)>,
    /// Machines without power.
    off: BTreeSet<usize>,
    /// Of a thousand messages, so many are lost.
    pub(super) loss: u32,
}

#[derive(Debug)]
pub(super) struct Message {
    pub(super) from: usize,
    to: usize,
    pub(super) bytes: Bytes,
}

impl Network {
    /// One of a hundred on a network at rest.
    pub(super) const LOSS: u32 = 10;
    /// Messages of a thousand that are late, or come twice.
    const LATE: u32 = 30;
    const TWICE: u32 = 20;

    pub(super) fn new(dice: Dice) -> Self {
        let (flying, sent, cut, off) = Default::default();
        Self { dice, flying, sent, cut, off, loss: 0 }
    }

    /// Whether the receiver is connected.
    fn send(&mut self, now: u64, (from, to): (usize, usize), bytes: &Bytes) -> bool {
        if self.off.contains(&to) {
            return false;
        }
        // A cut cable says nothing.
        if self.cut.contains(&(from, to)) || self.dice.chance(self.loss) {
            return true;
        }
        for _ in 0..=u32::from(self.dice.chance(Self::TWICE)) {
            self.deliver(now, (from, to), bytes);
        }
        true
    }

    fn deliver(&mut self, now: u64, (from, to): (usize, usize), bytes: &Bytes) {
        let most = if self.dice.chance(Self::LATE) { 40 * STEP } else { 2 * STEP };
        // No sooner than the next step, in which the receiver is run.
        let due = now + self.dice.micros(STEP, most);
        self.sent += 1;
        self.flying.insert((due, self.sent), Message { from, to, bytes: bytes.clone() });
    }

    /// What arrives at a machine before `end`, in order.
    pub(super) fn arrivals(&mut self, machine: usize, end: u64) -> Vec<(u64, Message)> {
        let due: Vec<_> = self
            .flying
            .range(..(end, 0))
            .filter(|(_, message)| message.to == machine)
            .map(|(key, _)| *key)
            .collect();
        due.into_iter().map(|key| (key.0, self.flying.remove(&key).unwrap())).collect()
    }

    pub(super) fn power(&mut self, machine: usize, on: bool) {
        if on {
            self.off.remove(&machine);
        } else {
            self.off.insert(machine);
            self.flying.retain(|_, message| message.to != machine);
        }
    }

    /// From here on nothing of `from` reaches `to`; what is on its way is lost, too.
    pub(super) fn cut(&mut self, from: usize, to: usize) {
        self.cut.insert((from, to));
        self.flying.retain(|_, message| (message.from, message.to) != (from, to));
    }

    pub(super) fn heal(&mut self) {
        self.cut.clear();
        self.loss = Self::LOSS;
    }

    /// Whether heartbeats between the two would pass.
    pub(super) fn joins(&self, one: usize, other: usize) -> bool {
        let cut = |from, to| self.cut.contains(&(from, to));
        !cut(one, other) && !cut(other, one)
    }
}

/// One machine's plug.
pub(super) struct Port {
    pub(super) machine: usize,
    pub(super) clock: Clock,
    pub(super) network: Shared<Network>,
    pub(super) rules: Shared<Rules>,
    pub(super) planted: Option<Planted>,
}

impl Carrier for Port {
    fn carry(&self, to: NodeId, message: Bytes) -> bool {
        let now = self.clock.now();
        let (from, to) = (self.machine, number(to));
        {
            let mut rules = self.rules.lock();
            rules.trace.write_u64(now);
            rules.trace.write_usize(from * 8 + to);
        }
        let append = match Packet::decode(&message) {
            Some(Packet::Ask { id, question: Question::Append(append), .. }) => Some((id, append)),
            _ => None,
        };
        if let Some((_, append)) = &append {
            self.rules.lock().leads(from, append.vote);
        }
        let mut network = self.network.lock();
        if let Some((id, _)) = append
            && self.planted == Some(Planted::LeaderAlone)
            && !network.joins(from, to)
        {
            let answer = Answer::Append(Ok(AppendEntriesResponse::Success));
            let forged = (Packet::Answer { id, answer }).encode().unwrap();
            network.deliver(now, (to, from), &forged);
        }
        network.send(now, (from, to), &message)
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port").field("machine", &self.machine).finish_non_exhaustive()
    }
}
