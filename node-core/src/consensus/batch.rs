//! What is asked at the same time is answered together: wishes become one entry of the log, which
//! each disk writes once, and readers share one round of the question whether this node still leads.
//!
//! openraft appends entry by entry and asks its followers reader by reader, so that a hundred
//! callers would wait for each other's disks.

use covey_logic::agreed::{Entry, Granted, Outcome};
use openraft::error::{ClientWriteError, RaftError};
use postcard::ser_flavors::Size;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use super::{
    copies::Copies,
    error::ProposeError,
    group::Group,
    keeper::Surroundings,
    types::{Batch, Raft},
};

/// Callers that wait before others have to.
const QUEUE: usize = 4_096;
/// A batch of so many bytes takes no further wish: with the longest wish behind it, sixteen fit
/// into a message of the fabric.
const MAX_BYTES: usize = 128 * 1024;

type Written = Result<Granted, ProposeError>;

/// Has a leader take wishes in; ends when it is dropped.
#[derive(Debug)]
pub(super) struct Writes {
    queue: mpsc::Sender<(Entry, oneshot::Sender<Written>)>,
}

impl Writes {
    pub(super) fn new(raft: Raft, around: watch::Receiver<Surroundings>) -> Self {
        let (queue, wishes) = mpsc::channel(QUEUE);
        let copies = Copies::new(&raft, around);
        drop(tokio::spawn(write_all(raft, copies, wishes)));
        Self { queue }
    }

    /// Waits for what came of a wish. One that is dropped may have been taken in.
    pub(super) async fn write(&self, entry: Entry) -> Written {
        let (told, written) = oneshot::channel();
        if self.queue.send((entry, told)).await.is_err() {
            return Err(ProposeError::NoLeader);
        }
        written.await.unwrap_or(Err(ProposeError::Unknown))
    }
}

async fn write_all(
    raft: Raft,
    mut copies: Copies,
    mut wishes: mpsc::Receiver<(Entry, oneshot::Sender<Written>)>,
) {
    while let Some((entry, told)) = wishes.recv().await {
        let (mut entries, mut waiting, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut next = Some((entry, told));
        while let Some((entry, told)) = next {
            // For one that was given up nobody waits, and it was handed to nobody.
            if !told.is_closed() {
                bytes += size(&entry);
                entries.push(entry);
                waiting.push(told);
            }
            next = if bytes < MAX_BYTES { wishes.try_recv().ok() } else { None };
        }
        let written = write(&raft, Batch(entries.into())).await;
        let written = match written {
            Ok((index, outcomes)) => {
                copies.made(index).await;
                Ok(outcomes)
            }
            Err(error) => Err(error),
        };
        for (number, told) in waiting.into_iter().enumerate() {
            let one = written.as_ref().map_err(Clone::clone).and_then(|outcomes| {
                let outcome = outcomes.get(number).ok_or(ProposeError::Unknown)?;
                Ok(outcome.clone()?)
            });
            // Who waited may be gone.
            drop(told.send(one));
        }
    }
}

async fn write(raft: &Raft, batch: Batch) -> Result<(u64, Vec<Outcome>), ProposeError> {
    match timeout(Group::ACK_TIMEOUT, raft.client_write(batch)).await {
        Err(_) => Err(ProposeError::Unknown),
        Ok(Ok(written)) => Ok((written.log_id.index, written.data.0)),
        Ok(Err(RaftError::APIError(
            ClientWriteError::ForwardToLeader(_) | ClientWriteError::ChangeMembershipError(_),
        ))) => Err(ProposeError::NoLeader),
        Ok(Err(RaftError::Fatal(fatal))) => {
            Err(ProposeError::Stopped { reason: fatal.to_string() })
        }
    }
}

/// The bytes of an entry; of one that cannot be written, none.
fn size(entry: &Entry) -> usize {
    postcard::serialize_with_flavor(entry, Size::default()).unwrap_or(0)
}

/// Has a leader ask whether it still leads; ends when it is dropped.
#[derive(Debug)]
pub(super) struct Reads {
    queue: mpsc::Sender<oneshot::Sender<u64>>,
}

impl Reads {
    pub(super) fn new(raft: Raft) -> Self {
        let (queue, readers) = mpsc::channel(QUEUE);
        drop(tokio::spawn(read_all(raft, readers)));
        Self { queue }
    }

    /// The index of an entry that is no older than this question; nothing if this node leads no
    /// more (Ongaro, 2014, section 6.4).
    pub(super) async fn index(&self) -> Option<u64> {
        let (told, index) = oneshot::channel();
        self.queue.send(told).await.ok()?;
        index.await.ok()
    }
}

async fn read_all(raft: Raft, mut readers: mpsc::Receiver<oneshot::Sender<u64>>) {
    while let Some(first) = readers.recv().await {
        // Who comes later waits for the next round: this one may be older than its question.
        let mut waiting = vec![first];
        while let Ok(reader) = readers.try_recv() {
            waiting.push(reader);
        }
        let read = timeout(Group::ACK_TIMEOUT, raft.get_read_log_id()).await;
        let Ok(Ok((index, _))) = read else { continue };
        for reader in waiting {
            // Who waited may be gone.
            let _gone = reader.send(index.map_or(0, |id| id.index));
        }
    }
}
