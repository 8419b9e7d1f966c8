//! The three pipes of a program, each served by a task of its own.

use std::sync::Arc;

use covey_logic::agent::{AgentState, ExitReason};
use tokio::{
    io::{AsyncRead, AsyncWriteExt as _},
    process::ChildStdin,
    sync::mpsc,
};

use super::{
    counter::Counter,
    lines::Lines,
    mailbox::Line,
    message::{self, Incoming},
};
use crate::host::{
    call::Call,
    life::Body,
    log::{Log, Stream},
};

/// What the program's output means for its life.
#[derive(Debug)]
pub(super) enum Signal {
    /// It answered `initialize`.
    Ready,
    /// It cannot go on.
    Over(ExitReason),
}

/// The longest line of output: the longest result, and what goes around it.
const MAX_LINE: usize = Call::MAX_SIZE + (64 << 10);
/// The longest line of one that hands its state over.
const MAX_STATE_LINE: usize = AgentState::MAX_LEN + (64 << 10);
/// Bytes of one write: as much as a pipe holds on Linux.
const WRITE_SIZE: usize = 64 << 10;
/// Characters of a garbled line that are told.
const GARBLED_CHARS: usize = 200;

/// Writes the first line, and then the calls as they come; at their end says goodbye.
pub(super) async fn write(
    mut to: ChildStdin,
    first: Vec<u8>,
    mut ready: tokio::sync::oneshot::Receiver<()>,
    mut lines: mpsc::Receiver<Line>,
) -> std::io::Result<()> {
    to.write_all(&first).await?;
    if (&mut ready).await.is_ok() {
        while let Some(Line { bytes: mut batch, place }) = lines.recv().await {
            let mut places = vec![place];
            while batch.len() < WRITE_SIZE
                && let Ok(line) = lines.try_recv()
            {
                batch.extend(line.bytes);
                places.push(line.place);
            }
            to.write_all(&batch).await?;
            drop(places);
        }
    }
    to.write_all(&message::shutdown()).await
}

/// Reads what a program answers, until its output ends or it writes what is no message.
pub(super) async fn read(
    from: impl AsyncRead + Unpin,
    mut counter: Counter,
    log: Log,
    signals: mpsc::Sender<Signal>,
) {
    let life = Arc::clone(&counter.life);
    let Body::Process(mailbox) = &life.body else { return };
    let longest = if life.handing.is_some() { MAX_STATE_LINE } else { MAX_LINE };
    let mut lines = Lines::new(from, longest);
    while let Ok(Some(line)) = lines.next().await {
        if line.bytes.trim_ascii().is_empty() {
            continue;
        }
        let message = if line.cut { Err(message::Garbled) } else { message::parse(&line.bytes) };
        let signal = match message {
            Ok(Incoming::Answer { id: message::INITIALIZE, .. }) => Signal::Ready,
            Ok(Incoming::Answer { id, result }) => {
                mailbox.answer(id, result);
                continue;
            }
            Ok(Incoming::Log(text)) => {
                text.lines().for_each(|line| log.write(Stream::Log, line.to_owned()));
                continue;
            }
            Ok(Incoming::Request { id, method, params }) => {
                counter.serve(id, method, params);
                continue;
            }
            Ok(Incoming::Ignored) => continue,
            Ok(Incoming::NotStarted(error)) => Signal::Over(ExitReason::NotStarted { error }),
            Err(message::Garbled) => {
                let text = String::from_utf8_lossy(&line.bytes);
                let line = text.chars().take(GARBLED_CHARS).collect();
                Signal::Over(ExitReason::Garbled { line })
            }
        };
        let is_over = matches!(signal, Signal::Over(_));
        if signals.send(signal).await.is_err() || is_over {
            return;
        }
    }
}

/// Keeps what a program writes to its standard error.
pub(super) async fn keep(from: impl AsyncRead + Unpin, log: Log) {
    let mut lines = Lines::new(from, Log::MAX_LINE);
    while let Ok(Some(line)) = lines.next().await {
        log.write(Stream::Stderr, String::from_utf8_lossy(&line.bytes).into_owned());
    }
}
