//! Places where a node may be, and when to knock there next.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use covey_logic::{NodeId, pairing::FoundBy};
use libp2p::Multiaddr;

use crate::net::{
    address::Typed,
    dns::{DnsError, Looked},
    error::KnockError,
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
    Address {
        /// As it was written.
        text: Arc<str>,
        /// As it was understood.
        typed: Typed,
    },
    /// At an address that a DNS name from the settings stands for.
    Dns {
        /// The name.
        name: Arc<str>,
        /// The address.
        address: Multiaddr,
    },
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

/// What looking up a DNS name gave, and when.
type LookedUp = (Instant, Result<usize, DnsError>);

/// Every place to knock at.
#[derive(Debug, Default)]
pub(super) struct Targets {
    pub(super) targets: BTreeMap<TargetId, Target>,
    /// What looking up each DNS name last gave, and when.
    pub(super) names: BTreeMap<Arc<str>, Option<LookedUp>>,
    next_id: u64,
}

#[derive(Debug)]
pub(super) struct Target {
    pub(super) place: Place,
    /// Who was there last, or is expected there.
    pub(super) node: Option<NodeId>,
    /// When it was last tried, and what went wrong then.
    pub(super) tried: Option<(Instant, Option<KnockError>)>,
    next: Instant,
    backoff: Duration,
    knocking: bool,
}

impl Target {
    /// Whether someone was there the last time.
    pub(super) fn is_there(&self) -> bool {
        matches!(self.tried, Some((_, None)))
    }
}

impl Place {
    /// How a node found here was found.
    pub(super) fn found_by(&self) -> FoundBy {
        match self {
            Self::Address { .. } => FoundBy::Address,
            Self::Dns { .. } => FoundBy::Dns,
            Self::Book(_) => FoundBy::AddressBook,
            Self::SameMachine { .. } => FoundBy::SameMachine,
        }
    }
}

impl Targets {
    /// Adds a place to knock at, at once.
    pub(super) fn add(&mut self, place: Place, now: Instant) {
        let node = match &place {
            Place::Address { .. } | Place::Dns { .. } => None,
            Place::Book(node) | Place::SameMachine { node, .. } => Some(*node),
        };
        let backoff = KNOCK_BACKOFF_MIN;
        let target = Target { place, node, tried: None, next: now, backoff, knocking: false };
        self.targets.insert(TargetId(self.next_id), target);
        self.next_id += 1;
    }

    /// Takes over what the folder of this machine's instances says.
    pub(super) fn set_neighbours(&mut self, neighbours: Vec<Neighbour>, now: Instant) {
        self.targets.retain(|_, target| match &target.place {
            Place::SameMachine { file, addresses, .. } => {
                neighbours.iter().any(|there| there.file == *file && there.addresses == *addresses)
            }
            Place::Address { .. } | Place::Dns { .. } | Place::Book(_) => true,
        });
        for Neighbour { node, addresses, file } in neighbours {
            let place = Place::SameMachine { node, addresses, file };
            if !self.targets.values().any(|target| target.place == place) {
                self.add(place, now);
            }
        }
    }

    /// Takes over what a DNS name stands for; after a failure what it stood for before holds.
    pub(super) fn set_dns(&mut self, Looked { name, result }: Looked, now: Instant) {
        let outcome = result.as_ref().map(Vec::len).map_err(Clone::clone);
        self.names.insert(Arc::clone(&name), Some((now, outcome)));
        let Ok(listed) = result else { return };
        self.targets.retain(|_, target| match &target.place {
            Place::Dns { name: of, address } => *of != name || listed.contains(address),
            Place::Address { .. } | Place::Book(_) | Place::SameMachine { .. } => true,
        });
        for address in listed {
            let place = Place::Dns { name: Arc::clone(&name), address };
            if !self.targets.values().any(|target| target.place == place) {
                self.add(place, now);
            }
        }
    }

    /// Everyone who was there the last time.
    pub(super) fn there(&self) -> BTreeSet<NodeId> {
        self.targets.values().filter(|target| target.is_there()).filter_map(|t| t.node).collect()
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
                target.tried = Some((now, None));
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
        target.tried = Some((now, None));
        target.backoff = KNOCK_BACKOFF_MIN;
        target.next = now + FOUND_INTERVAL;
        Some(target.place.found_by())
    }

    /// Nobody opened; where that was.
    pub(super) fn failed(
        &mut self,
        id: TargetId,
        failure: &KnockError,
        now: Instant,
    ) -> Option<&Place> {
        let target = self.targets.get_mut(&id)?;
        target.knocking = false;
        target.tried = Some((now, Some(failure.clone())));
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
            targets.failed(id, &KnockError::Unreachable, now);
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

    /// K5: what a source no longer lists is not knocked at; after a failure nothing is forgotten.
    #[test]
    fn name_that_lists_nobody_leaves_no_targets_and_one_that_fails_leaves_all() {
        let now = Instant::now();
        let at = |port: u16| vec![format!("/ip4/10.0.0.1/tcp/{port}").parse().unwrap()];
        let looked = |result| Looked { name: "nodes.lan".into(), result };
        let mut targets = Targets::default();

        targets.set_dns(looked(Ok(at(1))), now);
        targets.set_dns(looked(Err(DnsError::Silent)), now);
        assert_eq!(targets.targets.len(), 1);
        targets.set_dns(looked(Ok(at(2))), now);
        assert_eq!(targets.targets.len(), 1);
        targets.set_dns(looked(Ok(Vec::new())), now);

        assert!(targets.targets.is_empty());
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
