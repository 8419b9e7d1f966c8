//! Who is out there: what multicast says, and how often the driver is told.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use covey_logic::{
    NodeId,
    pairing::{Found, FoundBy},
};
use libp2p::{PeerId, mdns};

use super::{
    Lobby,
    targets::{Place, Targets},
};
use crate::net::{
    address::{self, Typed},
    config::NetConfig,
    event::NetEvent,
    limits::{FOUND_INTERVAL, KNOWN_NODES},
    translate::node_of,
};

/// How long a peer that speaks no protocol of ours is left alone: it is another program, which
/// announces itself by the same multicast.
const FOREIGN_FOR: Duration = Duration::from_secs(600);
/// Other programs that are remembered.
const MAX_FOREIGN: usize = 256;

/// What multicast found, and when the driver was told.
#[derive(Debug, Default)]
pub(super) struct Discovery {
    told: BTreeMap<NodeId, Instant>,
    foreign: BTreeMap<PeerId, Instant>,
}

/// Where to look for nodes beside the LAN's multicast.
#[derive(Debug)]
pub(in crate::net) struct Search(Vec<Place>);

impl Search {
    /// What a configuration asks for.
    pub(in crate::net) fn new(config: &NetConfig, me: NodeId) -> Self {
        let typed = config.static_addresses.iter().filter_map(|text| {
            Typed::parse(text)
                .inspect_err(|error| tracing::warn!(%error, "static address left out"))
                .ok()
        });
        let book = config.address_book.iter().map(|known| known.node).filter(|node| *node != me);
        Self(typed.map(Place::Address).chain(book.map(Place::Book)).collect())
    }

    pub(super) fn targets(self, now: Instant) -> Targets {
        let mut targets = Targets::default();
        for place in self.0 {
            targets.add(place, now);
        }
        targets
    }
}

impl Discovery {
    /// A peer is another program.
    pub(super) fn is_foreign(&mut self, peer: PeerId, now: Instant) {
        self.foreign.retain(|_, until| *until > now);
        if self.foreign.len() < MAX_FOREIGN {
            self.foreign.insert(peer, now + FOREIGN_FOR);
        }
    }

    /// Whether it is time to tell of a node that multicast shows.
    fn due(&mut self, node: NodeId, now: Instant) -> bool {
        let due = |told: &Instant| now.saturating_duration_since(*told) >= FOUND_INTERVAL;
        if self.told.get(&node).is_some_and(|told| !due(told)) {
            return false;
        }
        self.told.retain(|_, told| !due(told));
        if self.told.len() >= KNOWN_NODES {
            return false;
        }
        self.told.insert(node, now);
        true
    }
}

impl Lobby {
    /// Expiry is not looked at: that an announcement was lost says nothing of the node.
    pub(super) fn on_mdns(&mut self, event: mdns::Event) {
        let mdns::Event::Discovered(discovered) = event else { return };
        for (peer, address) in discovered {
            if let Some(node) = node_of(&peer) {
                self.book.learn_lobby(node, vec![address::without_peer(&address)]);
                tracing::debug!(peer = ?node, %address, "announced by multicast");
            }
        }
        self.tell_present();
    }

    /// Tells of each node that multicast shows, as often as is due.
    pub(super) fn tell_present(&mut self) {
        let now = Instant::now();
        let Some(mdns) = self.swarm.behaviour().mdns.as_ref() else { return };
        let foreign = &self.discovery.foreign;
        let known = |peer: &&PeerId| foreign.get(*peer).is_none_or(|until| *until <= now);
        let present: Vec<_> = mdns.discovered_nodes().filter(known).filter_map(node_of).collect();
        for node in present {
            if node != self.node && self.discovery.due(node, now) {
                self.found(node, FoundBy::Mdns);
            }
        }
    }

    /// Tells the driver of a node; a busy driver hears of it the next time.
    pub(super) fn found(&mut self, node: NodeId, by: FoundBy) {
        tracing::debug!(peer = ?node, ?by, "found in the lobby");
        self.outbox.offer(NetEvent::Found(Found { node, by }));
    }
}
