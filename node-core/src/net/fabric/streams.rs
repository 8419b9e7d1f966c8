//! The tasks that read members' streams, one at a time for each lane.

use std::sync::Arc;

use covey_logic::NodeId;
use libp2p::Stream;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::net::{
    event::{FrameSink, NetEvent},
    lanes::{ReadError, Reader, read_frames, read_messages},
    limits::READER_HANDOVER,
};

/// Reads frames after the reader before has ended.
pub(super) fn spawn_frames(
    reader: Reader<Stream>,
    from: NodeId,
    sink: Arc<dyn FrameSink>,
    before: Option<JoinHandle<()>>,
) -> JoinHandle<()> {
    tokio::spawn(after(before, from, read_frames(reader, from, sink)))
}

/// Reads messages after the reader before has ended.
pub(super) fn spawn_messages(
    reader: Reader<Stream>,
    from: NodeId,
    events: mpsc::Sender<NetEvent>,
    before: Option<JoinHandle<()>>,
) -> JoinHandle<()> {
    tokio::spawn(after(before, from, read_messages(reader, from, events)))
}

/// Gives the reader before a moment to read what its stream still holds, so that the order is kept
/// when the peer moves to another connection; a dead connection's reader would never end.
async fn after(
    before: Option<JoinHandle<()>>,
    from: NodeId,
    read: impl Future<Output = Result<(), ReadError>>,
) {
    if let Some(mut before) = before
        && tokio::time::timeout(READER_HANDOVER, &mut before).await.is_err()
    {
        before.abort();
    }
    match read.await {
        Ok(()) => {}
        Err(ReadError::Io(error)) => tracing::debug!(peer = ?from, %error, "stream broke"),
        Err(error @ (ReadError::TooLong(_) | ReadError::Message(_) | ReadError::WrongLane)) => {
            tracing::warn!(peer = ?from, %error, "stream closed: it cannot be read");
        }
    }
}
