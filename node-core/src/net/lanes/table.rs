//! The queues of the members that can be sent to, readable without a lock.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use covey_logic::NodeId;
use tokio::sync::mpsc;

use super::Lane;
use crate::net::{
    error::SendError,
    limits::{DETECT_QUEUE, FRAME_QUEUE, GROUP_QUEUE, MOVE_QUEUE, QUEUE_BYTES, REPAIR_QUEUE},
};

/// Who can be sent to; cheap to clone, read on every send, written when a member comes or goes.
#[derive(Clone, Debug, Default)]
pub(in crate::net) struct Table {
    peers: Arc<ArcSwap<BTreeMap<NodeId, Arc<Peer>>>>,
    dropped: Arc<AtomicU64>,
}

/// The queues of one member.
#[derive(Debug)]
pub(in crate::net) struct Peer {
    queues: [Queue; Lane::COUNT],
}

/// What waits for one stream.
#[derive(Clone, Debug)]
pub(in crate::net) struct Queue {
    sender: mpsc::Sender<Bytes>,
    bytes: Arc<AtomicUsize>,
}

/// The other end of a [`Queue`].
#[derive(Debug)]
pub(in crate::net) struct QueueEnd {
    pub(super) receiver: mpsc::Receiver<Bytes>,
    bytes: Arc<AtomicUsize>,
}

impl Table {
    /// Makes a member's queues known.
    pub(in crate::net) fn insert(&self, node: NodeId, peer: &Arc<Peer>) {
        self.peers.rcu(|peers| {
            let mut peers = BTreeMap::clone(peers);
            peers.insert(node, Arc::clone(peer));
            peers
        });
    }

    /// Forgets a member's queues and what waits in them.
    pub(in crate::net) fn remove(&self, node: NodeId) {
        self.peers.rcu(|peers| {
            let mut peers = BTreeMap::clone(peers);
            peers.remove(&node);
            peers
        });
    }

    /// Whether a member can be sent to.
    pub(in crate::net) fn contains(&self, node: NodeId) -> bool {
        self.peers.load().contains_key(&node)
    }

    /// Puts a message in a member's queue.
    pub(in crate::net) fn send(
        &self,
        to: NodeId,
        lane: Lane,
        message: Bytes,
    ) -> Result<(), SendError> {
        if message.len() > lane.max_len() {
            return Err(SendError::TooLong(message.len()));
        }
        let peers = self.peers.load();
        let peer = peers.get(&to).ok_or(SendError::NotConnected)?;
        let [detect, repair, moves, group, frames] = &peer.queues;
        let queue = match lane {
            Lane::Detect => detect,
            Lane::Repair => repair,
            Lane::Move => moves,
            Lane::Group => group,
            Lane::Frames => frames,
        };
        queue.push(message)
    }

    /// Counts a message that was lost without a word.
    pub(in crate::net) fn count_drop(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Messages lost without a word since the start.
    pub(in crate::net) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Peer {
    /// Fresh queues and their other ends, in the order of [`Lane::ALL`].
    pub(in crate::net) fn new() -> (Arc<Self>, [QueueEnd; Lane::COUNT]) {
        let (detect, detect_end) = Queue::new(DETECT_QUEUE);
        let (repair, repair_end) = Queue::new(REPAIR_QUEUE);
        let (moves, moves_end) = Queue::new(MOVE_QUEUE);
        let (group, group_end) = Queue::new(GROUP_QUEUE);
        let (frames, frames_end) = Queue::new(FRAME_QUEUE);
        let peer = Arc::new(Self { queues: [detect, repair, moves, group, frames] });
        (peer, [detect_end, repair_end, moves_end, group_end, frames_end])
    }
}

impl Queue {
    fn new(capacity: usize) -> (Self, QueueEnd) {
        let (sender, receiver) = mpsc::channel(capacity);
        let bytes = Arc::new(AtomicUsize::new(0));
        (Self { sender, bytes: Arc::clone(&bytes) }, QueueEnd { receiver, bytes })
    }

    fn push(&self, message: Bytes) -> Result<(), SendError> {
        let length = message.len();
        if self.bytes.load(Ordering::Relaxed) + length > QUEUE_BYTES {
            return Err(SendError::Busy);
        }
        self.bytes.fetch_add(length, Ordering::Relaxed);
        self.sender.try_send(message).map_err(|refused| {
            self.bytes.fetch_sub(length, Ordering::Relaxed);
            match refused {
                mpsc::error::TrySendError::Full(_) => SendError::Busy,
                mpsc::error::TrySendError::Closed(_) => SendError::NotConnected,
            }
        })
    }
}

impl QueueEnd {
    /// Gives back the room of a message that was taken out.
    pub(super) fn release(&self, length: usize) {
        self.bytes.fetch_sub(length, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId([1; 32]);

    #[test]
    fn full_queue_says_busy_at_once() {
        let table = Table::default();
        let (peer, _ends) = Peer::new();
        table.insert(NODE, &peer);

        let taken =
            (0..).take_while(|_| table.send(NODE, Lane::Detect, Bytes::new()).is_ok()).count();

        assert_eq!(taken, DETECT_QUEUE);
        assert_eq!(table.send(NODE, Lane::Detect, Bytes::new()), Err(SendError::Busy));
    }

    #[test]
    fn queue_is_bounded_in_bytes_too() {
        let table = Table::default();
        let (peer, _ends) = Peer::new();
        table.insert(NODE, &peer);
        let large = Bytes::from(vec![0; crate::net::MAX_FRAME]);

        let taken =
            (0..).take_while(|_| table.send(NODE, Lane::Frames, large.clone()).is_ok()).count();

        assert_eq!(taken, 4);
    }

    #[test]
    fn gone_member_is_not_connected() {
        let table = Table::default();
        let (peer, _ends) = Peer::new();
        table.insert(NODE, &peer);

        table.remove(NODE);

        assert_eq!(table.send(NODE, Lane::Frames, Bytes::new()), Err(SendError::NotConnected));
    }
}
