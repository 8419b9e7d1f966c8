//! The task that writes one lane of one member, over whichever connection is the newest.

use std::{future::poll_fn, pin::Pin, time::Duration};

use bytes::{Buf as _, BufMut as _, BytesMut};
use covey_logic::NodeId;
use futures::{AsyncWrite as _, AsyncWriteExt as _};
use libp2p::{Stream, swarm::ConnectionId};
use tokio::sync::mpsc;

use super::{Lane, table::QueueEnd};
use crate::net::limits::BATCH_BYTES;

/// How long a stream that is left may take to say goodbye.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// A stream that takes no more: its lane must be opened anew.
#[derive(Clone, Copy, Debug)]
pub(in crate::net) struct Broken {
    /// To whom.
    pub(in crate::net) peer: NodeId,
    /// On which connection.
    pub(in crate::net) connection: ConnectionId,
    /// Of which lane.
    pub(in crate::net) lane: Lane,
}

/// Writes one lane of one member.
#[derive(Debug)]
pub(in crate::net) struct Writer {
    /// To whom.
    pub(in crate::net) peer: NodeId,
    /// Which lane.
    pub(in crate::net) lane: Lane,
    /// What to write.
    pub(in crate::net) queue: QueueEnd,
    /// Streams to write on; the latest holds.
    pub(in crate::net) streams: mpsc::Receiver<(ConnectionId, Stream)>,
    /// Where to tell that a stream broke.
    pub(in crate::net) broken: mpsc::Sender<Broken>,
}

impl Writer {
    /// Writes until the member's queues or its connections are given up.
    pub(in crate::net) async fn run(mut self) {
        let mut batch = Batch::default();
        let Some(mut stream) = self.streams.recv().await else { return };
        loop {
            let next = match self.drain_into(&mut batch, &mut stream.1).await {
                Next::Move(next) => {
                    let (_, old) = std::mem::replace(&mut stream, next);
                    close(old);
                    batch.rewind();
                    continue;
                }
                Next::Broken => {
                    let connection = stream.0;
                    let broken = Broken { peer: self.peer, connection, lane: self.lane };
                    if self.broken.send(broken).await.is_err() {
                        return;
                    }
                    self.streams.recv().await
                }
                Next::Done => None,
            };
            let Some(next) = next else { return };
            stream = next;
            batch.rewind();
        }
    }

    /// Writes on `stream` until there is a reason not to.
    async fn drain_into(&mut self, batch: &mut Batch, stream: &mut Stream) -> Next {
        loop {
            if batch.is_empty() {
                tokio::select! {
                    biased;
                    next = self.streams.recv() => return next.map_or(Next::Done, Next::Move),
                    message = self.queue.receiver.recv() => {
                        let Some(message) = message else { return Next::Done };
                        self.queue.release(message.len());
                        batch.push(&message);
                    }
                }
                while batch.len() < BATCH_BYTES
                    && let Ok(message) = self.queue.receiver.try_recv()
                {
                    self.queue.release(message.len());
                    batch.push(&message);
                }
            }
            let idle = self.queue.receiver.is_empty();
            tokio::select! {
                biased;
                next = self.streams.recv() => return next.map_or(Next::Done, Next::Move),
                written = batch.write(stream, idle) => if written.is_err() {
                    return Next::Broken;
                },
            }
        }
    }
}

/// Why a writer stops writing on a stream.
enum Next {
    /// A newer connection has one.
    Move((ConnectionId, Stream)),
    /// It takes no more.
    Broken,
    /// Nothing more will come.
    Done,
}

/// Messages with their lengths, part of them written.
#[derive(Debug, Default)]
struct Batch {
    bytes: BytesMut,
    written: usize,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn push(&mut self, message: &[u8]) {
        let Ok(length) = u32::try_from(message.len()) else { return };
        self.bytes.put_u32(length);
        self.bytes.extend_from_slice(message);
    }

    /// Writes the rest and, if nothing waits behind it, flushes. What was written stays noted when
    /// this is cancelled.
    async fn write(&mut self, stream: &mut Stream, flush: bool) -> std::io::Result<()> {
        while self.written < self.bytes.len() {
            let rest = self.bytes.get(self.written..).unwrap_or_default();
            let n = poll_fn(|cx| Pin::new(&mut *stream).poll_write(cx, rest)).await?;
            if n == 0 {
                return Err(std::io::ErrorKind::WriteZero.into());
            }
            self.written += n;
        }
        self.bytes.clear();
        self.written = 0;
        if flush { stream.flush().await } else { Ok(()) }
    }

    /// Forgets the messages that were written whole and starts the next one afresh (L2).
    fn rewind(&mut self) {
        let mut rest = std::mem::take(&mut self.bytes);
        let mut written = std::mem::take(&mut self.written);
        while written > 0 {
            let length = rest.get(..4).and_then(|head| head.try_into().ok());
            let length = length.map_or(0, u32::from_be_bytes);
            let whole = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(4);
            if written < whole {
                break;
            }
            rest.advance(whole.min(rest.len()));
            written -= whole;
        }
        self.bytes = rest;
    }
}

/// Lets a stream that is left say that it ends, so that its reader knows at once.
fn close(mut stream: Stream) {
    tokio::spawn(async move {
        // A stream that cannot close is dropped, which says the same.
        drop(tokio::time::timeout(CLOSE_TIMEOUT, stream.close()).await);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch_of(messages: &[&[u8]], written: usize) -> Batch {
        let mut batch = Batch::default();
        for message in messages {
            batch.push(message);
        }
        batch.written = written;
        batch
    }

    #[test]
    fn half_written_message_starts_afresh_on_the_next_stream() {
        let mut batch = batch_of(&[b"abc", b"defg", b"h"], 7 + 5);

        batch.rewind();

        assert_eq!(&batch.bytes[..], b"\0\0\0\x04defg\0\0\0\x01h");
        assert_eq!(batch.written, 0);
    }

    #[test]
    fn whole_messages_are_not_written_twice() {
        let mut batch = batch_of(&[b"abc", b"defg"], 7);

        batch.rewind();

        assert_eq!(&batch.bytes[..], b"\0\0\0\x04defg");
    }

    #[test]
    fn untouched_batch_stays_as_it_is() {
        let mut batch = batch_of(&[b"abc"], 0);

        batch.rewind();

        assert_eq!(&batch.bytes[..], b"\0\0\0\x03abc");
    }
}
