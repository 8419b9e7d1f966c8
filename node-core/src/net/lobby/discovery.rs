//! Who is out there: what multicast says, and how often the driver is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
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
    dns::DnsName,
    error::KnockError,
    event::NetEvent,
    limits::{FOUND_INTERVAL, KNOWN_NODES},
    report::SourceKind,
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
    /// Who spoke a version that is not understood here, and when.
    versions: BTreeMap<NodeId, Instant>,
    /// When multicast last showed anything.
    heard: Option<Instant>,
}

/// Where to look for nodes beside the LAN's multicast.
#[derive(Debug, Default)]
pub(in crate::net) struct Search {
    places: Vec<Place>,
    /// The DNS names among them.
    pub(in crate::net) names: Vec<DnsName>,
    /// What of the settings cannot be looked for, and why.
    pub(super) refused: Vec<(SourceKind, String, KnockError)>,
    /// The folder of this machine's instances, if it is looked at.
    pub(super) same_machine: Option<String>,
}

impl Search {
    /// What a configuration asks for.
    pub(in crate::net) fn new(config: &NetConfig, me: NodeId) -> Self {
        let folder = config.same_machine.as_ref().map(|folder| folder.display().to_string());
        let mut search = Self { same_machine: folder, ..Self::default() };
        for text in &config.static_addresses {
            match Typed::parse(text) {
                Ok(typed) => {
                    search.places.push(Place::Address { text: text.as_str().into(), typed });
                }
                Err(error) => search.refuse(SourceKind::Address, text, error),
            }
        }
        for text in &config.dns_names {
            match DnsName::parse(text) {
                Ok(name) => search.names.push(name),
                Err(error) => search.refuse(SourceKind::Dns, text, error),
            }
        }
        let book = config.address_book.iter().map(|known| known.node).filter(|node| *node != me);
        search.places.extend(book.map(Place::Book));
        search
    }

    /// K6: what cannot be looked for is told of, and the node starts all the same.
    fn refuse(&mut self, kind: SourceKind, text: &str, error: KnockError) {
        tracing::warn!(%error, "left out of what is looked for");
        self.refused.push((kind, text.to_owned(), error));
    }

    pub(super) fn targets(&mut self, now: Instant) -> Targets {
        let mut targets = Targets::default();
        targets.names = self.names.iter().map(|name| (Arc::clone(&name.text), None)).collect();
        for place in std::mem::take(&mut self.places) {
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

    /// A peer is a node that cannot be talked to.
    pub(super) fn speaks_another_version(&mut self, peer: PeerId) {
        let now = Instant::now();
        self.versions.retain(|_, at| now.saturating_duration_since(*at) < FOREIGN_FOR);
        if let Some(node) = node_of(&peer).filter(|_| self.versions.len() < MAX_FOREIGN) {
            self.versions.insert(node, now);
        }
    }

    /// Nodes that lately spoke a version that is not understood here.
    pub(super) fn other_versions(&self) -> Vec<NodeId> {
        let lately = |at: &Instant| at.elapsed() < FOREIGN_FOR;
        self.versions.iter().filter(|(_, at)| lately(at)).map(|(node, _)| *node).collect()
    }

    /// When multicast last showed anything.
    pub(super) fn heard(&self) -> Option<Instant> {
        self.heard
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
        self.discovery.heard = Some(Instant::now());
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
        for node in self.announced() {
            if self.discovery.due(node, now) {
                self.found(node, FoundBy::Mdns);
            }
        }
    }

    /// The nodes that multicast shows.
    pub(super) fn announced(&self) -> BTreeSet<NodeId> {
        let now = Instant::now();
        let Some(mdns) = self.swarm.behaviour().mdns.as_ref() else { return BTreeSet::new() };
        let foreign = &self.discovery.foreign;
        let known = |peer: &&PeerId| foreign.get(*peer).is_none_or(|until| *until <= now);
        let nodes = mdns.discovered_nodes().filter(known).filter_map(node_of);
        nodes.filter(|node| *node != self.node).collect()
    }

    /// Tells the driver of a node; a busy driver hears of it the next time.
    pub(super) fn found(&mut self, node: NodeId, by: FoundBy) {
        tracing::debug!(peer = ?node, ?by, "found in the lobby");
        self.outbox.offer(NetEvent::Found(Found { node, by }));
    }
}
