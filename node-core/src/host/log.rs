//! What agents write, the last lines of each.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use covey_logic::{Name, Wall, agent::Exit};
use serde::Serialize;
use ts_rs::TS;

/// A line that an agent wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct LogLine {
    /// Its place among all lines of the agent on this node; goes up, also from life to life.
    #[ts(type = "number")]
    pub seq: u64,
    /// When the host read it.
    #[ts(type = "number")]
    pub at: Wall,
    /// Where it was written.
    pub stream: Stream,
    /// The line, without its end.
    pub text: String,
}

/// Where a line was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// The agent's standard error.
    Stderr,
    /// A `log` notification.
    Log,
    /// The host's own remark: a start, an end.
    Host,
}

/// The lines of every agent; those of ended agents stay for a while.
#[derive(Debug)]
pub(super) struct Logs {
    wall: fn() -> Wall,
    kept: Mutex<Kept>,
    /// Lines kept of one agent.
    lines: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Kept {
    rings: BTreeMap<Name, Arc<Mutex<Ring>>>,
    /// Names with a ring, the longest unopened first.
    opened: VecDeque<Name>,
}

#[derive(Debug, Default)]
struct Ring {
    /// Lines written so far, those gone among them.
    written: u64,
    lines: VecDeque<LogLine>,
    /// Lines of the current life among them.
    of_this_life: usize,
}

/// Where one life writes.
#[derive(Clone, Debug)]
pub(super) struct Log {
    wall: fn() -> Wall,
    ring: Arc<Mutex<Ring>>,
    /// Lines kept.
    lines: Arc<AtomicUsize>,
}

impl Logs {
    /// Lines kept of one agent at most.
    const MAX_LINES: usize = 1_000;
    /// Agents whose lines are kept; with lines of 4 KiB that is 1 GiB, with usual ones 25 MiB.
    const MAX_AGENTS: usize = 256;

    pub(super) fn new(wall: fn() -> Wall) -> Self {
        Self { wall, kept: Mutex::default(), lines: Arc::new(Self::MAX_LINES.into()) }
    }

    /// How many lines of each agent are kept from here on; [`Self::MAX_LINES`] at most.
    pub(super) fn keep(&self, lines: usize) {
        let lines = lines.clamp(1, Self::MAX_LINES);
        if self.lines.swap(lines, Ordering::Relaxed) <= lines {
            return;
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let rings: Vec<_> = kept.rings.values().map(Arc::clone).collect();
        drop(kept);
        for ring in rings {
            ring.lock().unwrap_or_else(PoisonError::into_inner).shrink(lines);
        }
    }

    /// The log of a life that begins; the lines of the life before stay.
    pub(super) fn open(&self, name: &Name) -> Log {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.opened.retain(|opened| opened != name);
        kept.opened.push_back(name.clone());
        let ring = Arc::clone(kept.rings.entry(name.clone()).or_default());
        if kept.opened.len() > Self::MAX_AGENTS
            && let Some(oldest) = kept.opened.pop_front()
        {
            kept.rings.remove(&oldest);
        }
        drop(kept);
        ring.lock().unwrap_or_else(PoisonError::into_inner).of_this_life = 0;
        Log { wall: self.wall, ring, lines: Arc::clone(&self.lines) }
    }

    /// The newest `count` lines of an agent, oldest first.
    pub(super) fn tail(&self, name: &Name, count: usize) -> Vec<LogLine> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let ring = kept.rings.get(name).map(Arc::clone);
        drop(kept);
        ring.map(|ring| ring.lock().unwrap_or_else(PoisonError::into_inner).tail(count))
            .unwrap_or_default()
    }
}

impl Log {
    /// The longest line kept, in bytes; the rest of a longer one is cut off.
    pub(super) const MAX_LINE: usize = 4 << 10;

    pub(super) fn write(&self, stream: Stream, mut text: String) {
        text.truncate(text.floor_char_boundary(Self::MAX_LINE));
        let most = self.lines.load(Ordering::Relaxed);
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.written += 1;
        let line = LogLine { seq: ring.written, at: (self.wall)(), stream, text };
        ring.lines.push_back(line);
        ring.of_this_life += 1;
        ring.shrink(most);
    }

    /// The last lines that the agent itself wrote in this life, for its [`Exit`].
    pub(super) fn last_words(&self) -> Vec<String> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let own =
            ring.tail(ring.of_this_life).into_iter().filter(|line| line.stream != Stream::Host);
        let own: Vec<_> = own.map(|line| line.text).collect();
        own.into_iter().rev().take(Exit::MAX_TAIL_LINES).rev().collect()
    }
}

impl Ring {
    fn shrink(&mut self, most: usize) {
        let surplus = self.lines.len().saturating_sub(most);
        self.lines.drain(..surplus);
        self.of_this_life = self.of_this_life.min(self.lines.len());
    }

    fn tail(&self, count: usize) -> Vec<LogLine> {
        self.lines.iter().skip(self.lines.len().saturating_sub(count)).cloned().collect()
    }
}
