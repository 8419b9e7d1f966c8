//! The task that reads one stream of one member.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::{Buf as _, Bytes, BytesMut};
use covey_logic::{
    NodeId,
    wire::{self, Message},
};
use futures::{AsyncRead, AsyncReadExt as _};
use tokio::sync::mpsc;

use super::Lane;
use crate::net::event::{Flow, FrameSink, NetEvent};

/// Bytes asked of a stream at a time: one Noise message.
const READ_BYTES: usize = 64 * 1024;

/// Cuts a stream into its messages.
#[derive(Debug)]
pub(in crate::net) struct Reader<S> {
    stream: S,
    lane: Lane,
    heard: Arc<AtomicBool>,
    scratch: Vec<u8>,
    buffer: BytesMut,
}

/// Why a stream is read no further.
#[derive(Debug, thiserror::Error)]
pub(in crate::net) enum ReadError {
    /// It ended in a way that the peer may not have meant.
    #[error("the stream broke")]
    Io(#[from] io::Error),
    /// The peer announces more than it may.
    #[error("a message of {0} bytes is too long")]
    TooLong(usize),
    /// The peer's message cannot be read.
    #[error("a message cannot be read")]
    Message(#[from] wire::DecodeError),
    /// The message belongs on another lane.
    #[error("a message came on the wrong lane")]
    WrongLane,
}

impl<S: AsyncRead + Unpin> Reader<S> {
    /// A reader of `stream`; `heard` is set when anything comes.
    pub(in crate::net) fn new(stream: S, lane: Lane, heard: Arc<AtomicBool>) -> Self {
        let scratch = match lane {
            Lane::Detect => vec![0; lane.max_len()],
            Lane::Repair | Lane::Move | Lane::Group | Lane::Frames => vec![0; READ_BYTES],
        };
        let buffer = BytesMut::with_capacity(2 * scratch.len());
        Self { stream, lane, heard, scratch, buffer }
    }

    /// The messages that came, at least one; none when the stream ended. Not cancel safe.
    async fn next(&mut self) -> Result<Vec<Bytes>, ReadError> {
        let mut messages = Vec::new();
        while messages.is_empty() {
            let n = self.stream.read(&mut self.scratch).await?;
            if n == 0 {
                break;
            }
            self.heard.store(true, Ordering::Relaxed);
            self.buffer.extend_from_slice(self.scratch.get(..n).unwrap_or_default());
            while let Some(message) = self.cut()? {
                messages.push(message);
            }
        }
        Ok(messages)
    }

    fn cut(&mut self) -> Result<Option<Bytes>, ReadError> {
        let Some(head) = self.buffer.get(..4).and_then(|head| head.try_into().ok()) else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
        if length > self.lane.max_len() {
            return Err(ReadError::TooLong(length));
        }
        if self.buffer.len() < 4 + length {
            return Ok(None);
        }
        self.buffer.advance(4);
        Ok(Some(self.buffer.split_to(length).freeze()))
    }
}

/// Gives a member's frames to `sink` until the stream ends.
pub(in crate::net) async fn read_frames<S: AsyncRead + Unpin>(
    mut reader: Reader<S>,
    from: NodeId,
    sink: Arc<dyn FrameSink>,
) -> Result<(), ReadError> {
    let flow = if reader.lane == Lane::Group { Flow::Group } else { Flow::Agents };
    loop {
        let frames = reader.next().await?;
        if frames.is_empty() {
            return Ok(());
        }
        sink.deliver(flow, from, frames);
        // Reading a stream that is always ready would starve the other tasks of this thread.
        tokio::task::coop::consume_budget().await;
    }
}

/// Gives a member's messages to the driver until the stream ends; waits when the driver is busy.
pub(in crate::net) async fn read_messages<S: AsyncRead + Unpin>(
    mut reader: Reader<S>,
    from: NodeId,
    events: mpsc::Sender<NetEvent>,
) -> Result<(), ReadError> {
    loop {
        let messages = reader.next().await?;
        if messages.is_empty() {
            return Ok(());
        }
        for bytes in messages {
            let message: Message = wire::decode(&bytes)?;
            if Lane::from(message.lane()) != reader.lane {
                return Err(ReadError::WrongLane);
            }
            if events.send(NetEvent::Message { from, message }).await.is_err() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::io::Cursor;

    use super::*;

    async fn read_all(bytes: Vec<u8>, lane: Lane) -> Result<Vec<Bytes>, ReadError> {
        let mut reader = Reader::new(Cursor::new(bytes), lane, Arc::default());
        let mut all = Vec::new();
        loop {
            let messages = reader.next().await?;
            if messages.is_empty() {
                return Ok(all);
            }
            all.extend(messages);
        }
    }

    #[tokio::test]
    async fn messages_across_reads_come_out_whole_and_in_order() {
        let sizes = [0, 1, 70_000, 3, 200_000];
        let mut bytes = Vec::new();
        for size in sizes {
            bytes.extend(u32::try_from(size).unwrap().to_be_bytes());
            bytes.extend(vec![7; size]);
        }

        let messages = read_all(bytes, Lane::Frames).await.unwrap();

        assert_eq!(messages.iter().map(Bytes::len).collect::<Vec<_>>(), sizes);
    }

    #[tokio::test]
    async fn announced_length_above_the_limit_ends_the_stream() {
        let result = read_all(vec![0xff; 100], Lane::Detect).await;

        assert!(matches!(result, Err(ReadError::TooLong(_))));
    }

    #[tokio::test]
    async fn truncated_message_is_not_delivered() {
        let messages = read_all(vec![0, 0, 0, 9, 1, 2], Lane::Frames).await.unwrap();

        assert!(messages.is_empty());
    }
}
