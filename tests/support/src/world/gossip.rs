//! Gossip among members.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use covey_logic::wire::{self, Publication};

use crate::{
    network::Frame,
    tally::SIGNED,
    world::{World, shell::Happening},
};

impl World {
    /// The author sends to everyone it is connected with, and whoever hears something first passes it
    /// on to its mesh; each copy may be lost, late or doubled.
    pub(super) fn publish(&mut self, machine: usize, publication: &Publication) {
        let from = self.id(machine);
        let size = if self.setup.measured {
            u64::try_from(wire::encode(publication).len()).unwrap_or(u64::MAX) + SIGNED
        } else {
            0
        };
        let arrivals = self.spread(machine, size);
        for (to, at) in &arrivals {
            let weather = self.network.weather;
            let copies = u32::from(!self.network.dice().chance(weather.loss))
                + u32::from(self.network.dice().chance(weather.duplication));
            let life = self.machine(*to).life;
            for copy in 0..copies {
                let late = if copy > 0 { self.network.dice().below(500_000) } else { 0 };
                let publication = publication.clone();
                let machine = *to;
                self.at(at + late, Happening::Gossip { machine, life, from, publication });
            }
        }
        self.stall(machine, &arrivals, publication);
    }

    /// When gossip of a machine reaches each other that it can reach.
    fn spread(&mut self, source: usize, size: u64) -> BTreeMap<usize, u64> {
        let mut arrivals = BTreeMap::new();
        let mut heap = BinaryHeap::new();
        for to in self.network.meshes.connected(source) {
            self.pass_on((source, to), (self.now, size), &mut heap);
        }
        while let Some(Reverse((at, to, from))) = heap.pop() {
            if arrivals.contains_key(&to) {
                continue;
            }
            arrivals.insert(to, at);
            if self.machine(to).process.as_ref().is_none_or(super::Process::frozen) {
                continue;
            }
            for next in self.network.meshes.of(to) {
                if next != from && next != source {
                    self.pass_on((to, next), (at, size), &mut heap);
                }
            }
            self.announce_message(to, at, size);
        }
        arrivals
    }

    fn pass_on(
        &mut self,
        (from, to): (usize, usize),
        (at, size): (u64, u64),
        heap: &mut BinaryHeap<Reverse<(u64, usize, usize)>>,
    ) {
        if self.machine(to).process.is_none() || !self.passes(from, to) {
            return;
        }
        let departure = self.depart_gossip(from, at, size);
        let arrival = departure + self.network.latency(from, to);
        heap.push(Reverse((arrival, to, from)));
    }

    /// Half of the gossip that meets a broken path waits in a stream until the path heals.
    fn stall(
        &mut self,
        machine: usize,
        arrivals: &BTreeMap<usize, u64>,
        publication: &Publication,
    ) {
        let from = self.id(machine);
        for to in 0..self.setup.machines {
            if to == machine || arrivals.contains_key(&to) || self.passes(machine, to) {
                continue;
            }
            if let Some(connection) = self.network.open(machine, to).last().copied()
                && self.network.dice().chance(500)
            {
                let publication = publication.clone();
                self.hold(connection, to, Frame::Gossip { from, publication });
            }
        }
    }
}
