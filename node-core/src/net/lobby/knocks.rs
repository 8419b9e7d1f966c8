//! Knocking: dialling an address to learn who is there.

use std::{collections::BTreeMap, net::SocketAddr, time::Instant};

use covey_logic::{
    NodeId,
    node::DialFailure,
    pairing::{FoundBy, Hello, LobbyRequest},
};
use libp2p::{
    Multiaddr,
    swarm::{
        ConnectionId, DialError,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use tokio::sync::{mpsc, oneshot};

use super::{
    Lobby,
    requests::Asker,
    targets::{Place, TargetId, Targets},
};
use crate::net::{
    address::{self, Typed},
    beacon::Sighting,
    error::KnockError,
    fabric::failure_of,
    limits::{MAX_DIAL_ADDRESSES, MAX_KNOCKS},
    same_machine,
    translate::peer_of,
};

/// Names one knock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnockId(u64);

/// A target's address, looked up.
#[derive(Debug)]
pub(super) struct Resolved {
    target: TargetId,
    addresses: Result<Vec<Multiaddr>, KnockError>,
}

/// Knocks under way.
#[derive(Debug)]
pub(super) struct Knocks {
    pub(super) targets: Targets,
    /// What we say of ourselves at an address that a person typed.
    pub(super) hello: Option<Hello>,
    knocks: BTreeMap<KnockId, Knock>,
    dials: BTreeMap<ConnectionId, KnockId>,
    next_id: u64,
    resolved: mpsc::Sender<Resolved>,
}

/// One knock: some addresses dialled at once, until one opens.
#[derive(Debug)]
struct Knock {
    purpose: Purpose,
    open_dials: usize,
    failure: KnockError,
}

#[derive(Debug)]
enum Purpose {
    /// To see whether a target is there.
    Search(TargetId),
    /// A person waits for the answer.
    Person(oneshot::Sender<Result<NodeId, KnockError>>),
}

impl Knocks {
    /// Knocks at `targets`, and where looked-up addresses will come.
    pub(super) fn new(targets: Targets) -> (Self, mpsc::Receiver<Resolved>) {
        let (resolved, receiver) = mpsc::channel(MAX_KNOCKS);
        let (knocks, dials) = Default::default();
        (Self { targets, hello: None, knocks, dials, next_id: 1, resolved }, receiver)
    }

    fn begin(&mut self, purpose: Purpose) -> KnockId {
        let id = KnockId(self.next_id);
        self.next_id += 1;
        let failure = KnockError::Unreachable;
        self.knocks.insert(id, Knock { purpose, open_dials: 0, failure });
        id
    }

    /// Looks an address up beside the loop.
    fn look_up(&self, target: TargetId, typed: Typed) {
        let resolved = self.resolved.clone();
        tokio::spawn(async move {
            let addresses = typed.resolve().await;
            // The lobby has stopped if it does not take it.
            drop(resolved.send(Resolved { target, addresses }).await);
        });
    }
}

impl Lobby {
    /// Knocks at every target that is due.
    pub(super) fn knock_at_due(&mut self) {
        let now = Instant::now();
        let table = &self.table;
        let due = self.knocks.targets.due(now, |node| table.contains(node));
        for (target, place, node) in due {
            if let Some(node) = node
                && peer_of(node).is_some_and(|peer| self.swarm.is_connected(&peer))
            {
                self.target_found(target, node);
                continue;
            }
            match place {
                Place::Address { typed, .. } => self.knocks.look_up(target, typed),
                Place::Dns { address, .. } => {
                    let knock = self.knocks.begin(Purpose::Search(target));
                    self.dial_strangers(knock, &[address]);
                }
                Place::Book(node) => self.knock_at(target, node, self.book.lobby(node)),
                Place::SameMachine { node, addresses, .. } => {
                    self.knock_at(target, node, addresses);
                }
            }
        }
    }

    pub(super) fn on_resolved(&mut self, Resolved { target, addresses }: Resolved) {
        match addresses {
            Ok(addresses) => {
                let knock = self.knocks.begin(Purpose::Search(target));
                self.dial_strangers(knock, &addresses);
            }
            Err(error) => self.target_failed(target, &error),
        }
    }

    /// Dials addresses that a person typed.
    pub(super) fn knock_for_person(
        &mut self,
        addresses: &[Multiaddr],
        reply: oneshot::Sender<Result<NodeId, KnockError>>,
    ) {
        let knock = self.knocks.begin(Purpose::Person(reply));
        self.dial_strangers(knock, addresses);
    }

    /// Dials a node that is expected at `addresses`.
    fn knock_at(&mut self, target: TargetId, node: NodeId, addresses: Vec<Multiaddr>) {
        let addresses = address::worth_dialling(addresses, &self.listening);
        let knock = self.knocks.begin(Purpose::Search(target));
        let dial = peer_of(node).filter(|_| !addresses.is_empty()).map(|peer| {
            let dial = DialOpts::peer_id(peer).condition(PeerCondition::NotDialing);
            dial.addresses(addresses).build()
        });
        self.dial_all(knock, dial);
    }

    /// Dials addresses of which nobody knows whose they are.
    fn dial_strangers(&mut self, knock: KnockId, addresses: &[Multiaddr]) {
        let dials =
            addresses.iter().take(MAX_DIAL_ADDRESSES).map(|address| {
                match address::peer_in(address) {
                    Some(peer) => DialOpts::peer_id(peer)
                        .condition(PeerCondition::Always)
                        .addresses(vec![address.clone()])
                        .build(),
                    None => DialOpts::unknown_peer_id().address(address.clone()).build(),
                }
            });
        self.dial_all(knock, dials.collect::<Vec<_>>());
    }

    fn dial_all(&mut self, id: KnockId, dials: impl IntoIterator<Item = DialOpts>) {
        for dial in dials {
            let connection = dial.connection_id();
            let result = self.swarm.dial(dial);
            let Some(knock) = self.knocks.knocks.get_mut(&id) else { return };
            match result {
                Ok(()) => {
                    knock.open_dials += 1;
                    self.knocks.dials.insert(connection, id);
                }
                Err(error) => knock.failure = knock_error(&error),
            }
        }
        self.end_if_failed(id);
    }

    /// A connection stands: if it was a knock, someone opened.
    pub(super) fn on_opened(
        &mut self,
        connection: ConnectionId,
        node: Option<NodeId>,
        at: &Multiaddr,
    ) {
        let Some(id) = self.knocks.dials.remove(&connection) else { return };
        let Some(node) = node else {
            return self.dial_ended(id, KnockError::NotCovey);
        };
        self.book.learn_lobby(node, vec![address::without_peer(at)]);
        let Some(knock) = self.knocks.knocks.get_mut(&id) else { return };
        match (&knock.purpose, peer_of(node), &self.knocks.hello) {
            (Purpose::Person(_), Some(peer), Some(hello)) => {
                let hello = LobbyRequest::Hello(hello.clone());
                self.ask(peer, Asker::Person(id, node), &hello);
            }
            _ => self.opened(id, node),
        }
    }

    /// Whether what opened to a person's knock is a node, and not another program.
    pub(super) fn on_hello(&mut self, id: KnockId, node: NodeId, answered: bool) {
        if answered {
            self.opened(id, node);
        } else {
            self.dial_ended(id, KnockError::NotCovey);
        }
    }

    pub(super) fn on_knock_failed(&mut self, connection: ConnectionId, error: &DialError) {
        if let Some(id) = self.knocks.dials.remove(&connection) {
            tracing::debug!(%error, "nobody opened");
            if let DialError::LocalPeerId { address } = error {
                self.saw_itself(address);
            }
            self.dial_ended(id, knock_error(error));
        }
    }

    fn opened(&mut self, id: KnockId, node: NodeId) {
        match self.knocks.knocks.remove(&id).map(|knock| knock.purpose) {
            Some(Purpose::Search(target)) => self.target_found(target, node),
            Some(Purpose::Person(reply)) => {
                self.found(node, FoundBy::Address);
                // A person who waits no longer has lost nothing.
                drop(reply.send(Ok(node)));
            }
            None => {}
        }
    }

    fn dial_ended(&mut self, id: KnockId, failure: KnockError) {
        if let Some(knock) = self.knocks.knocks.get_mut(&id) {
            knock.open_dials = knock.open_dials.saturating_sub(1);
            knock.failure = failure;
            self.end_if_failed(id);
        }
    }

    fn end_if_failed(&mut self, id: KnockId) {
        if self.knocks.knocks.get(&id).is_none_or(|knock| knock.open_dials > 0) {
            return;
        }
        match self.knocks.knocks.remove(&id) {
            Some(Knock { purpose: Purpose::Search(target), failure, .. }) => {
                self.target_failed(target, &failure);
            }
            Some(Knock { purpose: Purpose::Person(reply), failure, .. }) => {
                // As above.
                drop(reply.send(Err(failure)));
            }
            None => {}
        }
    }

    fn target_found(&mut self, target: TargetId, node: NodeId) {
        if let Some(by) = self.knocks.targets.found(target, node, Instant::now()) {
            self.found(node, by);
        }
    }

    fn target_failed(&mut self, target: TargetId, failure: &KnockError) {
        let Some(place) = self.knocks.targets.failed(target, failure, Instant::now()) else {
            return;
        };
        tracing::debug!(?place, %failure, "nobody found there");
        if let (Place::SameMachine { file, .. }, KnockError::Refused) = (place, failure) {
            tokio::spawn(same_machine::remove_stale(file.clone()));
        }
    }
}

impl Lobby {
    /// Someone with our own key answered or came: ourselves, unless the address is not ours.
    pub(super) fn saw_itself(&self, address: &Multiaddr) {
        let (Some(ip), Some(port)) = (address::ip_of(address), address::tcp_port(address)) else {
            return;
        };
        let ours = ip.is_loopback()
            || self.listening.iter().any(|listening| address::ip_of(listening) == Some(ip));
        if !ours {
            // A full queue holds a sighting already.
            let _full = self.sightings.try_send(Sighting { lobby: SocketAddr::new(ip, port) });
        }
    }
}

fn knock_error(error: &DialError) -> KnockError {
    // The swarm takes its own addresses out before it dials.
    if matches!(error, DialError::LocalPeerId { .. } | DialError::NoAddresses) {
        return KnockError::Itself;
    }
    match failure_of(error) {
        DialFailure::Refused => KnockError::Refused,
        DialFailure::Unreachable => KnockError::Unreachable,
        DialFailure::Denied => KnockError::NotCovey,
    }
}
