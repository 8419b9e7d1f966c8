//! Places where a node may be, and when to knock there next.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use covey_logic::{NodeId, pairing::FoundBy};
use libp2p::Multiaddr;

use crate::net::{
    address::Typed,
    limits::{FOUND_INTERVAL, KNOCK_BACKOFF_MAX, KNOCK_BACKOFF_MIN, MAX_KNOCKS},
    same_machine::Neighbour,
};

/// Names one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TargetId(u64);

/// Where to knock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At an address from the settings.
    Address(Typed),
    /// Where a member was before, as the address book says.
    Book(NodeId),
    /// At another instance on this machine.
    SameMachine {
        /// Which.
        node: NodeId,
        /// Where it says it listens.
        addresses: Vec<Multiaddr>,
        /// The file in which it says so.
        file: PathBuf,
    },
}

/// Every place to knock at.
#[derive(Debug, Default)]
pub(super) struct Targets {
    targets: BTreeMap<TargetId, Target>,
    next_id: u64,
}

#[derive(Debug)]
struct Target {
    place: Place,
    /// Who was there last.
    node: Option<NodeId>,
    next: Instant,
    backoff: Duration,
    knocking: bool,
}

impl Place {
    /// How a node found here was found.
    pub(super) fn found_by(&self) -> FoundBy {
        match self {
            Self::Address(_) => FoundBy::Address,
            Self::Book(_) => FoundBy::AddressBook,
            Self::SameMachine { .. } => FoundBy::SameMachine,
        }
    }
}

impl Targets {
    /// Adds a place to knock at, at once.
    pub(super) fn add(&mut self, place: Place, now: Instant) {
        let node = match &place {
            Place::Address(_) => None,
            Place::Book(node) | Place::SameMachine { node, .. } => Some(*node),
        };
        let backoff = KNOCK_BACKOFF_MIN;
        let target = Target { place, node, next: now, backoff, knocking: false };
        self.targets.insert(TargetId(self.next_id), target);
        self.next_id += 1;
    }

    /// Takes over what the folder of this machine's instances says.
    pub(super) fn set_neighbours(&mut self, neighbours: Vec<Neighbour>, now: Instant) {
        self.targets.retain(|_, target| match &target.place {
            Place::SameMachine { file, addresses, .. } => {
                neighbours.iter().any(|there| there.file == *file && there.addresses == *addresses)
            }
            Place::Address(_) | Place::Book(_) => true,
        });
        for Neighbour { node, addresses, file } in neighbours {
            let place = Place::SameMachine { node, addresses, file };
            if !self.targets.values().any(|target| target.place == place) {
                self.add(place, now);
            }
        }
    }

    /// The targets that are due, from here on being knocked at.
    ///
    /// `reached` says whom there is no need to look for.
    pub(super) fn due(
        &mut self,
        now: Instant,
        reached: impl Fn(NodeId) -> bool,
    ) -> Vec<(TargetId, Place, Option<NodeId>)> {
        let busy = self.targets.values().filter(|target| target.knocking).count();
        let mut due = Vec::new();
        for (id, target) in &mut self.targets {
            if target.knocking || target.next > now {
                continue;
            }
            if target.node.is_some_and(&reached) {
                target.next = now + FOUND_INTERVAL;
                continue;
            }
            if busy + due.len() >= MAX_KNOCKS {
                break;
            }
            target.knocking = true;
            due.push((*id, target.place.clone(), target.node));
        }
        due
    }

    /// Someone opened.
    pub(super) fn found(&mut self, id: TargetId, node: NodeId, now: Instant) -> Option<FoundBy> {
        let target = self.targets.get_mut(&id)?;
        target.knocking = false;
        target.node = Some(node);
        target.backoff = KNOCK_BACKOFF_MIN;
        target.next = now + FOUND_INTERVAL;
        Some(target.place.found_by())
    }

    /// Nobody opened; where that was.
    pub(super) fn failed(&mut self, id: TargetId, now: Instant) -> Option<&Place> {
        let target = self.targets.get_mut(&id)?;
        target.knocking = false;
        target.next = now + target.backoff;
        target.backoff = (target.backoff * 2).min(KNOCK_BACKOFF_MAX);
        Some(&target.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId([1; 32]);

    #[test]
    fn failed_knocks_are_further_and_further_apart() {
        let start = Instant::now();
        let mut targets = Targets::default();
        targets.add(Place::Book(NODE), start);
        let (mut now, mut pauses) = (start, Vec::new());

        for _ in 0..7 {
            let (id, ..) = targets.due(now, |_| false)[0];
            targets.failed(id, now);
            let next = targets.targets[&id].next;
            pauses.push((next - now).as_secs());
            now = next;
        }

        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn whoever_is_reached_is_not_knocked_at() {
        let now = Instant::now();
        let mut targets = Targets::default();
        targets.add(Place::Book(NODE), now);

        assert!(targets.due(now, |_| true).is_empty());
        assert_eq!(targets.due(now + FOUND_INTERVAL, |_| false).len(), 1);
    }

    #[test]
    fn instance_whose_file_is_gone_is_forgotten() {
        let now = Instant::now();
        let neighbour = Neighbour { node: NODE, addresses: Vec::new(), file: "a".into() };
        let mut targets = Targets::default();
        targets.set_neighbours(vec![neighbour.clone()], now);
        targets.set_neighbours(vec![neighbour], now);
        assert_eq!(targets.targets.len(), 1);

        targets.set_neighbours(Vec::new(), now);

        assert!(targets.targets.is_empty());
    }
}
