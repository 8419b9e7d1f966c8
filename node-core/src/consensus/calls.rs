//! Questions to other members, each with a deadline.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use covey_logic::NodeId;
use openraft::raft::AppendEntriesRequest;
use tokio::sync::oneshot;

use super::{
    packet::{Answer, Packet, Question},
    types::{Lineage, RaftId, Types},
};
use crate::entropy;

/// Takes messages to other members.
pub trait Carrier: fmt::Debug + Send + Sync + 'static {
    /// Sends a message; whether the member can be sent to. What is sent may be lost all the same.
    fn carry(&self, to: NodeId, message: Bytes) -> bool;
}

/// Questions on their way.
#[derive(Debug)]
pub(super) struct Calls {
    carrier: Arc<dyn Carrier>,
    of: Lineage,
    next: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    /// Members whose nodes said that they are others by now.
    replaced: Mutex<BTreeSet<RaftId>>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CallError {
    /// Nothing was sent.
    #[error("the member is not connected")]
    NotConnected,
    #[error("no answer came in time")]
    TimedOut,
    /// Nothing was done.
    #[error("the member is another one by now")]
    Elsewhere,
}

impl Calls {
    /// Questions are numbered from a number by chance: an answer to an earlier process of this node
    /// may come late, and must not be taken for one to a question of this process.
    pub(super) fn new(
        carrier: Arc<dyn Carrier>,
        of: Lineage,
    ) -> Result<Self, entropy::EntropyError> {
        let next = AtomicU64::new(u64::from_be_bytes(entropy::bytes()?));
        Ok(Self { carrier, of, next, waiting: Mutex::default(), replaced: Mutex::default() })
    }

    pub(super) fn of(&self) -> Lineage {
        self.of
    }

    /// Asks one member, and waits so long for its answer.
    pub(super) async fn ask(
        &self,
        (node, to): (NodeId, Option<RaftId>),
        question: Question,
        timeout: Duration,
    ) -> Result<Answer, CallError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let packet = Packet::Ask { id, of: self.of, to, question };
        let (sender, answer) = oneshot::channel();
        self.waiting().insert(id, sender);
        // Gives the place up however this ends, also if nobody waits any more.
        let _place = Place(self, id);
        if !packet.encode().is_some_and(|bytes| self.carrier.carry(node, bytes)) {
            return Err(CallError::NotConnected);
        }
        match tokio::time::timeout(timeout, answer).await {
            Ok(Ok(Answer::Elsewhere)) => {
                self.replaced().extend(to);
                Err(CallError::Elsewhere)
            }
            Ok(Ok(answer)) => {
                self.replaced().retain(|id| Some(*id) != to);
                Ok(answer)
            }
            Ok(Err(_)) | Err(_) => Err(CallError::TimedOut),
        }
    }

    /// Whether the node of a member said that it is another by now: its part of the group is gone.
    pub(super) fn is_replaced(&self, member: RaftId) -> bool {
        self.replaced().contains(&member)
    }

    /// Whether the node of any member did.
    pub(super) fn any_replaced(&self) -> bool {
        !self.replaced().is_empty()
    }

    /// Says something in answer.
    pub(super) fn answer(&self, to: NodeId, id: u64, answer: Answer) {
        if let Some(bytes) = (Packet::Answer { id, answer }).encode() {
            self.carrier.carry(to, bytes);
        }
    }

    /// Sends what is not answered; it may be lost.
    pub(super) fn tell(&self, node: NodeId, to: RaftId, append: AppendEntriesRequest<Types>) {
        if let Some(bytes) = (Packet::Tell { of: self.of, to, append }).encode() {
            self.carrier.carry(node, bytes);
        }
    }

    /// An answer came; one that nobody waits for is dropped.
    pub(super) fn answered(&self, id: u64, answer: Answer) {
        if let Some(sender) = self.waiting().remove(&id) {
            drop(sender.send(answer));
        }
    }

    fn replaced(&self) -> MutexGuard<'_, BTreeSet<RaftId>> {
        self.replaced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Answer>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a question whose answer is awaited.
struct Place<'a>(&'a Calls, u64);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting().remove(&self.1);
    }
}
