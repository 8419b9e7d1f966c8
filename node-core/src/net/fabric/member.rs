//! One member as the fabric sees it: its connections, and which of them carries what.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use libp2p::{PeerId, Stream, swarm::ConnectionId};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::net::{lanes::Lane, limits::SPARE_GRACE};

/// One member with at least one connection.
#[derive(Debug)]
pub(super) struct Member {
    /// Who it is to libp2p.
    pub(super) peer: PeerId,
    /// The driver's picture of it, once it can be sent to.
    pub(super) standing: Option<Standing>,
    /// Streams the peer opened before it was told to the driver.
    pub(super) early: Vec<(ConnectionId, Lane, Stream)>,
    /// Oldest first.
    connections: Vec<Connection>,
}

/// What a member that the driver was told of has, by lane.
#[derive(Debug)]
pub(super) struct Standing {
    writers: [mpsc::Sender<(ConnectionId, Stream)>; Lane::COUNT],
    on: [Option<ConnectionId>; Lane::COUNT],
    readers: [Option<JoinHandle<()>>; Lane::COUNT],
}

#[derive(Debug)]
struct Connection {
    id: ConnectionId,
    since: Instant,
    /// Whether the driver asked for it.
    asked: bool,
    heard: Arc<AtomicBool>,
    streams: [Slot; Lane::COUNT],
}

/// Our stream of one lane on one connection.
#[derive(Debug)]
enum Slot {
    /// It is being opened.
    Opening,
    /// It can be written on.
    Ready(Stream),
    /// Its writer has it, or had it and left it; or the peer did not take it.
    Spent,
}

impl Member {
    pub(super) fn new(peer: PeerId) -> Self {
        Self { peer, standing: None, early: Vec::new(), connections: Vec::new() }
    }

    /// A connection was established; it is the newest.
    pub(super) fn connected(&mut self, id: ConnectionId, asked: bool, now: Instant) {
        let streams = Lane::ALL.map(|_| Slot::Opening);
        let heard = Arc::default();
        self.connections.push(Connection { id, since: now, asked, heard, streams });
    }

    /// A connection closed; whether the driver had asked for it, if it was known.
    pub(super) fn closed(&mut self, id: ConnectionId) -> Option<bool> {
        let at = self.connections.iter().position(|connection| connection.id == id)?;
        let connection = self.connections.remove(at);
        for lane in Lane::ALL {
            self.leave(id, lane);
        }
        self.hand_over();
        Some(connection.asked)
    }

    /// Whether no connection is left.
    pub(super) fn is_gone(&self) -> bool {
        self.connections.is_empty()
    }

    /// The connections, oldest first.
    pub(super) fn connection_ids(&self) -> impl Iterator<Item = ConnectionId> + '_ {
        self.connections.iter().map(|connection| connection.id)
    }

    /// The mark to set when anything is heard on a connection.
    pub(super) fn heard(&self, id: ConnectionId) -> Arc<AtomicBool> {
        let connection = self.connections.iter().find(|connection| connection.id == id);
        connection.map(|connection| Arc::clone(&connection.heard)).unwrap_or_default()
    }

    /// We can write on a stream.
    pub(super) fn opened(&mut self, id: ConnectionId, lane: Lane, stream: Stream) {
        if let Some(slot) = self.slot(id, lane) {
            *slot = Slot::Ready(stream);
        }
        self.hand_over();
    }

    /// A stream takes no more, or was not taken.
    pub(super) fn spent(&mut self, id: ConnectionId, lane: Lane) {
        if let Some(slot) = self.slot(id, lane)
            && !matches!(slot, Slot::Ready(_))
        {
            *slot = Slot::Spent;
        }
        self.leave(id, lane);
        self.hand_over();
    }

    /// The driver was told: these write to the member from here on.
    pub(super) fn stand(&mut self, writers: [mpsc::Sender<(ConnectionId, Stream)>; Lane::COUNT]) {
        self.standing = Some(Standing {
            writers,
            on: [None; Lane::COUNT],
            readers: [const { None }; Lane::COUNT],
        });
        self.hand_over();
    }

    /// Lanes of the newest connection to open anew, because nothing carries them; they are held to
    /// be opening from here on.
    pub(super) fn reopen(&mut self) -> Vec<(ConnectionId, Lane)> {
        let on = self.standing.as_ref().map_or([None; Lane::COUNT], |standing| standing.on);
        let Some(newest) = self.connections.last_mut() else { return Vec::new() };
        let idle = Lane::ALL.into_iter().zip(&mut newest.streams).zip(on);
        idle.filter_map(|((lane, slot), on)| {
            let open = on.is_none() && matches!(slot, Slot::Spent);
            open.then(|| {
                *slot = Slot::Opening;
                (newest.id, lane)
            })
        })
        .collect()
    }

    /// Connections that the newest makes needless: it has carried the peer's traffic and stood for
    /// [`SPARE_GRACE`].
    pub(super) fn spares(&self, now: Instant) -> Vec<ConnectionId> {
        let Some((newest, older)) = self.connections.split_last() else { return Vec::new() };
        let proven = newest.heard.load(Ordering::Relaxed)
            && now.saturating_duration_since(newest.since) >= SPARE_GRACE;
        if proven { older.iter().map(|connection| connection.id).collect() } else { Vec::new() }
    }

    fn slot(&mut self, id: ConnectionId, lane: Lane) -> Option<&mut Slot> {
        let connection = self.connections.iter_mut().find(|connection| connection.id == id)?;
        connection.streams.get_mut(lane.index())
    }

    /// Notes that no writer is on this stream any more.
    fn leave(&mut self, id: ConnectionId, lane: Lane) {
        if let Some(standing) = &mut self.standing
            && let Some(on) = standing.on.get_mut(lane.index())
            && *on == Some(id)
        {
            *on = None;
        }
    }

    /// Moves each writer to the newest connection that has a stream for it (L1).
    fn hand_over(&mut self) {
        let Some(standing) = &mut self.standing else { return };
        for (lane, (writer, on)) in standing.writers.iter().zip(&mut standing.on).enumerate() {
            for connection in self.connections.iter_mut().rev() {
                if *on == Some(connection.id) {
                    break;
                }
                let Some(slot) = connection.streams.get_mut(lane) else { break };
                if !matches!(slot, Slot::Ready(_)) {
                    continue;
                }
                if let Slot::Ready(stream) = std::mem::replace(slot, Slot::Spent)
                    && writer.try_send((connection.id, stream)).is_ok()
                {
                    *on = Some(connection.id);
                    break;
                }
            }
        }
    }
}

impl Standing {
    /// Puts a lane's reader in the place of the one before.
    pub(super) fn replace_reader(
        &mut self,
        lane: Lane,
        start: impl FnOnce(Option<JoinHandle<()>>) -> JoinHandle<()>,
    ) {
        if let Some(reader) = self.readers.get_mut(lane.index()) {
            *reader = Some(start(reader.take()));
        }
    }

    /// Reads no further from the member.
    pub(super) fn stop_reading(&self) {
        for reader in self.readers.iter().flatten() {
            reader.abort();
        }
    }
}
