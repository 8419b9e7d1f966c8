//! What goes on between this node and one peer.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::{Fault, LogLine};

/// Calls of one peer that agents here have in hand: four times what keeps a fast link busy
/// (100,000/s × 10 ms), so that only a flood meets it.
pub const MAX_SERVED_CALLS: usize = 4_096;

/// Bytes of parameters of the calls that one peer has in hand here.
pub const MAX_SERVED_LEN: usize = 64 << 20;

/// Requests of ours that wait for the answer of one peer.
pub const MAX_AWAITED_CALLS: usize = 16_384;

/// How a request to a peer ended.
#[derive(Debug)]
pub(super) enum Answer {
    /// A call has a value.
    Value(Bytes),
    /// There is none.
    Fault(Fault),
    /// Lines of an agent's output.
    Lines(Vec<LogLine>),
}

/// The requests between this node and one peer, and the count of its messages.
#[derive(Debug, Default)]
pub(super) struct Link {
    next: AtomicU64,
    awaited: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    served: AtomicUsize,
    served_len: AtomicUsize,
    /// Whether the peer's role allows it to call.
    pub(super) may_call: AtomicBool,
    /// Messages sent to the peer since the node started.
    pub(super) sent: AtomicU64,
    /// Messages received from the peer since the node started.
    pub(super) received: AtomicU64,
}

impl Link {
    /// Opens a request; nothing if too many wait.
    pub(super) fn open(self: &Arc<Self>) -> Option<Awaited> {
        let (sender, answer) = oneshot::channel();
        let mut awaited = self.awaited();
        if awaited.len() >= MAX_AWAITED_CALLS {
            return None;
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        awaited.insert(id, sender);
        drop(awaited);
        Some(Awaited { link: Arc::clone(self), id, answer })
    }

    /// Gives an answer to whom it is for; one that nobody waits for is dropped.
    pub(super) fn answer(&self, id: u64, answer: Answer) {
        let waiting = self.awaited().remove(&id);
        if let Some(waiting) = waiting {
            drop(waiting.send(answer));
        }
    }

    /// Ends every request that waits: the connection is gone.
    pub(super) fn lose_all(&self) {
        self.awaited().clear();
    }

    /// Takes a call of the peer in hand; nothing if it has too many here.
    pub(super) fn admit(self: &Arc<Self>, len: usize) -> Option<Admitted> {
        let admitted = Admitted { link: Arc::clone(self), len };
        let calls = self.served.fetch_add(1, Ordering::Relaxed);
        let bytes = self.served_len.fetch_add(len, Ordering::Relaxed);
        (calls < MAX_SERVED_CALLS && bytes < MAX_SERVED_LEN).then_some(admitted)
    }

    fn awaited(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Answer>>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that waits for its answer; dropped, it no longer does.
#[derive(Debug)]
pub(super) struct Awaited {
    link: Arc<Link>,
    /// Ties the answer to it.
    pub(super) id: u64,
    /// Closed without an answer when the connection is lost.
    pub(super) answer: oneshot::Receiver<Answer>,
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.link.awaited().remove(&self.id);
    }
}

/// A call of a peer that an agent here has in hand.
#[derive(Debug)]
pub(super) struct Admitted {
    link: Arc<Link>,
    len: usize,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.link.served.fetch_sub(1, Ordering::Relaxed);
        self.link.served_len.fetch_sub(self.len, Ordering::Relaxed);
    }
}
