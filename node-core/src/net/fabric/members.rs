//! All members with a connection, and the tasks of their lanes.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use covey_logic::NodeId;
use libp2p::{PeerId, Stream, swarm::ConnectionId};
use tokio::sync::mpsc;

use super::{member::Member, streams};
use crate::net::{
    event::{FrameSink, NetEvent},
    lanes::{Broken, Lane, Peer, Reader, Table, Writer},
};

/// Streams that may wait for a writer: one a connection at most.
const STREAM_QUEUE: usize = 8;
/// Broken streams that may wait to be noticed.
const BROKEN_QUEUE: usize = 64;

/// All members with a connection.
pub(super) struct Members {
    members: BTreeMap<NodeId, Member>,
    owners: BTreeMap<ConnectionId, NodeId>,
    table: Table,
    events: mpsc::Sender<NetEvent>,
    sink: Arc<dyn FrameSink>,
    broken: mpsc::Sender<Broken>,
}

/// What the end of a connection means.
#[derive(Debug)]
pub(super) struct Closed {
    /// Whose it was.
    pub(super) node: NodeId,
    /// The same to libp2p.
    pub(super) peer: PeerId,
    /// What is left.
    pub(super) end: End,
    /// Lanes to open on what is left.
    pub(super) reopen: Vec<(ConnectionId, Lane)>,
}

/// What is left of a member after one of its connections closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Another connection.
    Remains,
    /// Nothing; the driver had been told of the member.
    Disconnected,
    /// Nothing; the driver had asked for the connection, and the peer closed it at once.
    Denied,
    /// Nothing; the driver never knew.
    Unnoticed,
}

impl Members {
    /// No members yet, and where broken streams will be told.
    pub(super) fn new(
        table: Table,
        events: mpsc::Sender<NetEvent>,
        sink: Arc<dyn FrameSink>,
    ) -> (Self, mpsc::Receiver<Broken>) {
        let (broken, receiver) = mpsc::channel(BROKEN_QUEUE);
        let (members, owners) = Default::default();
        (Self { members, owners, table, events, sink, broken }, receiver)
    }

    pub(super) fn connected(&mut self, node: NodeId, peer: PeerId, id: ConnectionId, asked: bool) {
        let member = self.members.entry(node).or_insert_with(|| Member::new(peer));
        member.connected(id, asked, Instant::now());
        self.owners.insert(id, node);
    }

    pub(super) fn closed(&mut self, id: ConnectionId) -> Option<Closed> {
        let node = self.owners.remove(&id)?;
        let member = self.members.get_mut(&node)?;
        let asked = member.closed(id)?;
        let reopen = member.reopen();
        let peer = member.peer;
        let end = match (member.is_gone(), member.standing.is_some(), asked) {
            (false, ..) => End::Remains,
            (true, true, _) => End::Disconnected,
            (true, false, true) => End::Denied,
            (true, false, false) => End::Unnoticed,
        };
        if end != End::Remains {
            self.members.remove(&node);
            self.table.remove(node);
        }
        Some(Closed { node, peer, end, reopen })
    }

    /// We can write on a stream; what the driver is to be told of it.
    pub(super) fn opened(
        &mut self,
        id: ConnectionId,
        lane: Lane,
        stream: Stream,
    ) -> Option<NetEvent> {
        let node = *self.owners.get(&id)?;
        let member = self.members.get_mut(&node)?;
        member.opened(id, lane, stream);
        if lane != Lane::Detect {
            return None;
        }
        if member.standing.is_some() {
            return Some(NetEvent::Renewed { peer: node });
        }
        let (peer, queues) = Peer::new();
        let mut queues = queues.into_iter();
        let writers = Lane::ALL.map(|lane| {
            let (streams, receiver) = mpsc::channel(STREAM_QUEUE);
            if let Some(queue) = queues.next() {
                let broken = self.broken.clone();
                let writer = Writer { peer: node, lane, queue, streams: receiver, broken };
                tokio::spawn(writer.run());
            }
            streams
        });
        member.stand(writers);
        self.table.insert(node, &peer);
        Some(NetEvent::Connected { peer: node })
    }

    /// The peer opened a stream.
    pub(super) fn accepted(&mut self, id: ConnectionId, lane: Lane, stream: Stream) {
        let Some(node) = self.owners.get(&id).copied() else { return };
        let Some(member) = self.members.get_mut(&node) else { return };
        if member.standing.is_some() {
            self.read(node, (id, lane, stream));
        } else if member.early.len() < STREAM_QUEUE {
            member.early.push((id, lane, stream));
        }
    }

    /// Reads the streams that a member opened before it was told to the driver.
    pub(super) fn read_early(&mut self, node: NodeId) {
        let early = self.members.get_mut(&node).map(|member| std::mem::take(&mut member.early));
        for stream in early.unwrap_or_default() {
            self.read(node, stream);
        }
    }

    fn read(&mut self, node: NodeId, (id, lane, stream): (ConnectionId, Lane, Stream)) {
        let Some(member) = self.members.get_mut(&node) else { return };
        let reader = Reader::new(stream, lane, member.heard(id));
        let Some(standing) = &mut member.standing else { return };
        let (events, sink) = (self.events.clone(), Arc::clone(&self.sink));
        standing.replace_reader(lane, |before| match lane {
            Lane::Detect | Lane::Repair | Lane::Move => {
                streams::spawn_messages(reader, node, events, before)
            }
            Lane::Group | Lane::Frames => streams::spawn_frames(reader, node, sink, before),
        });
    }

    /// A writer found its stream broken.
    pub(super) fn spent(&mut self, broken: Broken) {
        if let Some(member) = self.members.get_mut(&broken.peer) {
            member.spent(broken.connection, broken.lane);
        }
    }

    /// The peer did not take a stream.
    pub(super) fn refused(&mut self, id: ConnectionId, lane: Lane) {
        let Some(peer) = self.owners.get(&id).copied() else { return };
        tracing::debug!(?peer, ?lane, "stream not taken");
        self.spent(Broken { peer, connection: id, lane });
    }

    /// Lanes to open anew.
    pub(super) fn reopen(&mut self) -> Vec<(PeerId, ConnectionId, Lane)> {
        let members = self.members.values_mut();
        members
            .flat_map(|member| {
                let peer = member.peer;
                member.reopen().into_iter().map(move |(id, lane)| (peer, id, lane))
            })
            .collect()
    }

    /// Connections to close: only the smaller id closes spares, so that the two sides never close
    /// different ones.
    pub(super) fn spares(&self, me: NodeId) -> Vec<ConnectionId> {
        let now = Instant::now();
        let larger = self.members.iter().filter(|(node, _)| me < **node);
        larger.flat_map(|(_, member)| member.spares(now)).collect()
    }

    /// Forgets a member and its connections; the peer, and whether the driver had been told.
    pub(super) fn forget(&mut self, node: NodeId) -> Option<(PeerId, bool)> {
        let member = self.members.remove(&node)?;
        for id in member.connection_ids() {
            self.owners.remove(&id);
        }
        self.table.remove(node);
        if let Some(standing) = &member.standing {
            standing.stop_reading();
        }
        Some((member.peer, member.standing.is_some()))
    }

    /// Forgets everyone.
    pub(super) fn forget_all(&mut self) {
        let nodes: Vec<_> = self.members.keys().copied().collect();
        for node in nodes {
            self.forget(node);
        }
    }

    /// Counts something lost without a word.
    pub(super) fn count_drop(&self) {
        self.table.count_drop();
    }
}
