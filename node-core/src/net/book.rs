//! Where nodes were reached: shared by both networks, and what of it is worth keeping on disk.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use covey_logic::NodeId;
use libp2p::Multiaddr;

use super::{
    address,
    config::KnownAddresses,
    limits::{KNOWN_ADDRESSES, KNOWN_NODES},
};

/// Addresses of nodes; a bounded number of nodes, and of addresses of each, the latest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Book(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    members: BTreeSet<NodeId>,
    entries: BTreeMap<NodeId, Entry>,
    writes: u64,
}

#[derive(Debug, Default)]
struct Entry {
    lobby: Vec<Multiaddr>,
    fabric: Vec<Multiaddr>,
    written: u64,
}

impl Book {
    /// A book that begins with what was known before; all of it is held to be members'.
    pub(super) fn new(known: &[KnownAddresses]) -> Self {
        let book = Self::default();
        book.set_members(known.iter().map(|known| known.node).collect());
        for known in known {
            book.learn(known.node, address::parse_all(&known.lobby), Vec::new());
            book.learn(known.node, Vec::new(), address::parse_all(&known.fabric));
        }
        book
    }

    /// Says whose addresses are worth keeping, also when strangers crowd in.
    pub(super) fn set_members(&self, members: BTreeSet<NodeId>) {
        self.with(|pages| pages.members = members);
    }

    /// Notes lobby addresses that were seen of a node.
    pub(super) fn learn_lobby(&self, node: NodeId, addresses: Vec<Multiaddr>) {
        self.learn(node, addresses, Vec::new());
    }

    /// Notes fabric addresses that were seen of a member.
    pub(super) fn learn_fabric(&self, node: NodeId, addresses: Vec<Multiaddr>) {
        self.learn(node, Vec::new(), addresses);
    }

    /// Where a node's lobby was seen, the latest first.
    pub(super) fn lobby(&self, node: NodeId) -> Vec<Multiaddr> {
        self.with(|pages| pages.entries.get(&node).map(|e| e.lobby.clone()).unwrap_or_default())
    }

    /// Where a member's fabric was seen, the latest first.
    pub(super) fn fabric(&self, node: NodeId) -> Vec<Multiaddr> {
        self.with(|pages| pages.entries.get(&node).map(|e| e.fabric.clone()).unwrap_or_default())
    }

    /// The members, whether or not any address of theirs is known.
    pub(super) fn members(&self) -> BTreeSet<NodeId> {
        self.with(|pages| pages.members.clone())
    }

    /// What is known of members, in the order of their ids.
    pub(super) fn snapshot(&self) -> Vec<KnownAddresses> {
        let texts = |list: &[Multiaddr]| list.iter().map(ToString::to_string).collect();
        self.with(|pages| {
            let members = pages.members.iter();
            let known = members.filter_map(|node| Some((node, pages.entries.get(node)?)));
            known
                .map(|(node, entry)| KnownAddresses {
                    node: *node,
                    lobby: texts(&entry.lobby),
                    fabric: texts(&entry.fabric),
                })
                .collect()
        })
    }

    fn learn(&self, node: NodeId, lobby: Vec<Multiaddr>, fabric: Vec<Multiaddr>) {
        if lobby.is_empty() && fabric.is_empty() {
            return;
        }
        self.with(|pages| {
            pages.writes += 1;
            let entry = pages.entries.entry(node).or_default();
            entry.written = pages.writes;
            put_first(&mut entry.lobby, lobby);
            put_first(&mut entry.fabric, fabric);
            pages.shrink();
        });
    }

    fn with<R>(&self, act: impl FnOnce(&mut Pages) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Pages {
    /// Forgets the stranger, or else the member, of whom was heard longest ago.
    fn shrink(&mut self) {
        while self.entries.len() > KNOWN_NODES {
            let oldest = self
                .entries
                .iter()
                .min_by_key(|(node, entry)| (self.members.contains(node), entry.written))
                .map(|(node, _)| *node);
            let Some(oldest) = oldest else { return };
            self.entries.remove(&oldest);
        }
    }
}

/// Puts what was seen last first, each once, within the bound.
fn put_first(list: &mut Vec<Multiaddr>, mut seen: Vec<Multiaddr>) {
    seen.truncate(KNOWN_ADDRESSES);
    list.retain(|address| !seen.contains(address));
    list.splice(0..0, seen);
    list.truncate(KNOWN_ADDRESSES);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u32) -> NodeId {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&n.to_be_bytes());
        NodeId(id)
    }

    fn at(port: u16) -> Vec<Multiaddr> {
        vec![format!("/ip4/10.0.0.1/tcp/{port}").parse().unwrap()]
    }

    #[test]
    fn latest_address_comes_first_and_the_number_is_bounded() {
        let book = Book::default();

        for port in 1..=20 {
            book.learn_lobby(node(1), at(port));
        }
        book.learn_lobby(node(1), at(15));

        assert_eq!(book.lobby(node(1)).len(), KNOWN_ADDRESSES);
        assert_eq!(book.lobby(node(1))[..1], at(15));
    }

    #[test]
    fn strangers_do_not_push_members_out() {
        let book = Book::default();
        book.set_members([node(0)].into());
        book.learn_fabric(node(0), at(1));

        for n in 1..5000 {
            book.learn_lobby(node(n), at(1));
        }

        assert_eq!(book.fabric(node(0)), at(1));
        assert_eq!(book.snapshot().len(), 1);
        assert_eq!(book.lobby(node(1)), Vec::new());
        assert_eq!(book.lobby(node(4999)), at(1));
    }
}
