//! The handle through which a driver uses its net.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use covey_logic::{
    NodeId, Ticket,
    pairing::{Hello, LobbyAnswer, LobbyRequest},
    wire::{self, Message, Publication},
};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::JoinSet,
};

use super::{
    address::Typed,
    beacon::Beacons,
    book::Book,
    config::KnownAddresses,
    error::{KnockError, Network, SendError},
    fabric, interfaces,
    lanes::{Lane, Table},
    lobby,
    report::{Evidence, PortReport},
    twin::Met,
};

/// A running net; cheap to clone. When the last clone is dropped, the net stops.
///
/// The asynchronous methods wait for room in a bounded queue and not for the network; the networks
/// never wait for the driver, so that waiting here cannot deadlock. They are cancel safe: cancelled,
/// they did nothing. After [`stop`](Self::stop) all of them do nothing.
#[derive(Clone, Debug)]
pub struct Net {
    node: NodeId,
    table: Table,
    book: Book,
    lobby: mpsc::Sender<lobby::Command>,
    fabric: mpsc::Sender<fabric::Command>,
    witness: Witness,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

/// What tells of the networks when someone asks why nodes do not find each other.
#[derive(Clone, Debug)]
pub(super) struct Witness {
    /// The beacon, unless multicast is off.
    pub(super) beacons: Option<Beacons>,
    /// Another machine with our identity.
    pub(super) twins: Met,
    /// The ports that were wanted for the lobby and the fabric.
    pub(super) wanted: (u16, u16),
}

impl Net {
    pub(super) fn new(
        node: NodeId,
        (table, book): (Table, Book),
        (lobby, fabric): (mpsc::Sender<lobby::Command>, mpsc::Sender<fabric::Command>),
        witness: Witness,
        tasks: JoinSet<()>,
    ) -> Self {
        Self { node, table, book, lobby, fabric, witness, tasks: Arc::new(Mutex::new(tasks)) }
    }

    /// The node that this net speaks for.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Sends a message to a connected member; it is lost without a word if the member is not
    /// connected or its queue is full.
    pub fn send(&self, to: NodeId, message: &Message) {
        let bytes = wire::encode(message);
        if let Err(error) = self.table.send(to, message.lane().into(), bytes.into()) {
            self.table.count_drop();
            tracing::debug!(peer = ?to, %error, "message lost");
        }
    }

    /// Sends one frame to a connected member: the hot path, without a lock and without waiting.
    ///
    /// Frames arrive in the order they were sent and at most once. Those on their way are lost when
    /// the connection is.
    ///
    /// # Errors
    ///
    /// See [`SendError`].
    pub fn send_frame(&self, to: NodeId, frame: Bytes) -> Result<(), SendError> {
        self.table.send(to, Lane::Frames, frame)
    }

    /// Sends one message of the Raft group to a connected member, as [`Self::send_frame`] does.
    ///
    /// # Errors
    ///
    /// See [`SendError`].
    pub fn send_to_group(&self, to: NodeId, message: Bytes) -> Result<(), SendError> {
        self.table.send(to, Lane::Group, message)
    }

    /// Whether a member can be sent to.
    #[must_use]
    pub fn is_connected(&self, peer: NodeId) -> bool {
        self.table.contains(peer)
    }

    /// Messages and publications lost without a word since the start, for metrics.
    #[must_use]
    pub fn lost_messages(&self) -> u64 {
        self.table.dropped()
    }

    /// Says something to every member; it is lost without a word if the queue is full.
    pub fn publish(&self, publication: Publication) {
        if self.fabric.try_send(fabric::Command::Publish(publication)).is_err() {
            self.table.count_drop();
        }
    }

    /// Lets exactly these peers into the fabric and closes the connections of all others.
    pub async fn allow(&self, members: BTreeSet<NodeId>) {
        self.tell_fabric(fabric::Command::Allow(members)).await;
    }

    /// Opens a connection to a member, beside one that may stand, at these addresses or where it
    /// was reached before; ends within about two seconds, and four more if its address must be
    /// looked up.
    pub async fn dial(&self, peer: NodeId, addresses: Vec<String>) {
        self.tell_fabric(fabric::Command::Dial(peer, addresses)).await;
    }

    /// Closes every fabric connection to a peer.
    pub async fn disconnect(&self, peer: NodeId) {
        self.tell_fabric(fabric::Command::Disconnect(peer)).await;
    }

    /// Says what this node tells of itself when it knocks at an address that a person typed.
    pub async fn set_hello(&self, hello: Hello) {
        self.tell_lobby(lobby::Command::SetHello(hello)).await;
    }

    /// Asks a node in the lobby; ends in [`LobbyAnswered`](super::NetEvent::LobbyAnswered).
    pub async fn lobby_request(&self, ticket: Ticket, to: NodeId, request: LobbyRequest) {
        self.tell_lobby(lobby::Command::Request(ticket, to, request)).await;
    }

    /// Notes where the lobby of a node is said to be.
    pub async fn lobby_located(&self, node: NodeId, addresses: Vec<String>) {
        self.tell_lobby(lobby::Command::Located(node, addresses)).await;
    }

    /// Answers a node in the lobby.
    pub async fn lobby_answer(&self, ticket: Ticket, answer: LobbyAnswer) {
        self.tell_lobby(lobby::Command::Answer(ticket, answer)).await;
    }

    /// Sees who is at an address that a person typed: `host`, `host:port`, an IP address, or a
    /// multiaddress. The node found is also told as [`Found`](super::NetEvent::Found).
    ///
    /// # Errors
    ///
    /// See [`KnockError`], within about ten seconds.
    pub async fn lobby_dial(&self, address: &str) -> Result<NodeId, KnockError> {
        let addresses = Typed::parse(address)?.resolve().await?;
        let (reply, answer) = oneshot::channel();
        self.tell_lobby(lobby::Command::Knock(addresses, reply)).await;
        answer.await.unwrap_or(Err(KnockError::Stopped))
    }

    /// Where members were reached, to be kept on disk and given to the next start.
    #[must_use]
    pub fn address_book(&self) -> Vec<KnownAddresses> {
        self.book.snapshot()
    }

    /// Looks at everything that finding each other takes: interfaces, multicast, ports, the ways of
    /// finding nodes, and the way to and from each node that is known in the lobby.
    ///
    /// Sends one datagram to the LAN's multicast group on each interface and one question to each
    /// node; ends within about five seconds. After [`stop`](Self::stop) it has nothing to say.
    pub async fn evidence(&self) -> Evidence {
        let (peers, checked) = oneshot::channel();
        let (lobby, of_lobby) = oneshot::channel();
        let (fabric, of_fabric) = oneshot::channel();
        self.tell_fabric(fabric::Command::Report(fabric)).await;
        let routing = of_fabric.await.ok();
        let fabric_port = routing.as_ref().and_then(|(_, port)| *port);
        self.tell_lobby(lobby::Command::Check(fabric_port.unwrap_or_default(), peers)).await;
        let multicast = async {
            match &self.witness.beacons {
                Some(beacons) => Some(beacons.check().await),
                None => None,
            }
        };
        let (multicast, peers) = tokio::join!(multicast, checked);
        self.tell_lobby(lobby::Command::Report(lobby)).await;
        let mut lobby = of_lobby.await.unwrap_or_default();
        lobby.sources.extend(routing.map(|(report, _)| report));
        lobby.sources.sort_by(|a, b| (a.kind, &a.target).cmp(&(b.kind, &b.target)));
        let (multicast, multicast_error) = multicast.unzip();
        let port = |network, wanted, has| PortReport { network, wanted, has };
        let wanted = self.witness.wanted;
        Evidence {
            interfaces: interfaces::addresses().unwrap_or_default(),
            multicast,
            multicast_error: multicast_error.flatten(),
            ports: vec![
                port(Network::Lobby, wanted.0, lobby.port),
                port(Network::Fabric, wanted.1, fabric_port),
            ],
            sources: lobby.sources,
            peers: peers.unwrap_or_default(),
            other_versions: lobby.other_versions,
            twin: self.witness.twins.get(),
        }
    }

    /// Follows a sign of another machine with this node's identity.
    #[cfg(test)]
    pub(super) async fn suspect_twin(&self, lobby: std::net::SocketAddr) {
        self.tell_lobby(lobby::Command::Suspect(lobby)).await;
    }

    /// Closes every connection and stops listening; returns when that is done.
    pub async fn stop(&self) {
        self.tell_fabric(fabric::Command::Stop).await;
        self.tell_lobby(lobby::Command::Stop).await;
        while let Some(ended) = self.tasks.lock().await.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a network ended by a panic");
            }
        }
    }

    async fn tell_lobby(&self, command: lobby::Command) {
        if self.lobby.send(command).await.is_err() {
            tracing::debug!("the lobby has stopped");
        }
    }

    async fn tell_fabric(&self, command: fabric::Command) {
        if self.fabric.send(command).await.is_err() {
            tracing::debug!("the fabric has stopped");
        }
    }
}
