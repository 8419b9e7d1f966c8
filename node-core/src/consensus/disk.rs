//! The store of a group: one task writes it, and commits together what waits.

mod aside;
mod journal;
mod lasting;
mod purging;
mod store;
mod sum;

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{mpsc, oneshot};

use lasting::Lasting;
use purging::Purging;

use super::{
    error::ConsensusError,
    types::{LogEntry, LogId, RaftId, SnapshotMeta, Vote},
};

pub(super) use aside::set_aside;

/// Jobs that wait before openraft waits, too.
const QUEUE: usize = 1_024;
/// Writes of one commit.
const MAX_BATCH: usize = 4_096;

/// What is written.
#[derive(Clone, Debug)]
pub(super) enum Write {
    /// An entry of the log.
    Entry(u64, Vec<u8>),
    /// No entry from here on.
    Truncate(u64),
    /// No entry up to here.
    Purge(u64),
    /// What is known under a key.
    Fact(&'static str, Vec<u8>),
}

/// What jobs are committed to: a store, or in tests what stands for one.
pub(super) trait Medium: Send + 'static {
    /// Commits all of them or nothing; they last once this is done.
    fn commit(&mut self, batch: &[Job]) -> impl Future<Output = io::Result<()>> + Send;
}

/// Who waits for a job: one caller, or whoever asks how far the log lasts.
type Told = Option<oneshot::Sender<Result<(), io::Error>>>;

/// What is written together.
pub(super) struct Job {
    pub(super) writes: Vec<Write>,
    told: Told,
}

/// What the task is asked.
enum Order {
    Write(Job),
    /// Write no more, and let go of the store.
    Close(oneshot::Sender<()>),
}

/// A handle to the task that writes; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    orders: mpsc::Sender<Order>,
    lasting: Arc<Lasting>,
    /// Pieces that were asked to be appended.
    asked: Arc<AtomicU64>,
    purging: Arc<Purging>,
}

/// What the store held.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) id: RaftId,
    pub(super) vote: Option<Vote>,
    pub(super) purged: Option<LogId>,
    pub(super) entries: BTreeMap<u64, LogEntry>,
    pub(super) snapshot: Option<(SnapshotMeta, Vec<u8>)>,
}

impl Loaded {
    /// The index of the last entry, of the log or of what it left out.
    pub(super) fn last_index(&self) -> u64 {
        let last = self.entries.last_key_value().map(|(index, _)| *index);
        last.or_else(|| self.purged.map(|id| id.index)).unwrap_or(0)
    }
}

impl Disk {
    /// The key of the vote.
    pub(super) const VOTE: &str = "vote";
    /// The key of the last entry that was left out of the log.
    pub(super) const PURGED: &str = "purged";
    /// The key of the snapshot.
    pub(super) const SNAPSHOT: &str = "snapshot";
    const ID: &str = "id";
    const SUM: &str = "sum";
    pub(super) const FORMAT: &str = "format";

    /// Opens the store in the folder at `path`, or makes one, and reads it.
    pub(super) async fn open(path: &Path) -> Result<(Self, Loaded), ConsensusError> {
        let (store, loaded) = store::open(path).await?;
        let (disk, serve) = Self::serve(store, &loaded);
        drop(tokio::spawn(serve));
        Ok((disk, loaded))
    }

    /// Writes to `medium`, which held what is `loaded`, for as long as what is returned runs.
    pub(super) fn serve<M: Medium>(
        medium: M,
        loaded: &Loaded,
    ) -> (Self, impl Future<Output = ()> + Send + use<M>) {
        let (orders, queue) = mpsc::channel(QUEUE);
        let lasting = Arc::new(Lasting::new(loaded.last_index()));
        let snapshot = loaded.snapshot.as_ref().and_then(|(meta, _)| meta.last_log_id);
        let purging = Arc::new(Purging::new(snapshot));
        let disk = Self { orders, lasting: Arc::clone(&lasting), asked: Arc::default(), purging };
        (disk, write(medium, queue, lasting))
    }

    /// Writes entries of the log, after what was given before. They last later: see [`Self::lasts`].
    pub(super) async fn append(&self, entries: Vec<Write>) -> io::Result<()> {
        self.lasting.works()?;
        self.asked.fetch_add(1, Ordering::Relaxed);
        let job = Job { writes: entries, told: None };
        self.orders.send(Order::Write(job)).await.map_err(|_unsent| closed())
    }

    /// Writes all or nothing, after what was given before, and waits until it lasts.
    pub(super) async fn written(&self, writes: Vec<Write>) -> io::Result<()> {
        let (told, result) = oneshot::channel();
        let job = Job { writes, told: Some(told) };
        self.orders.send(Order::Write(job)).await.map_err(|_unsent| closed())?;
        result.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Waits until all that was appended before lasts.
    pub(super) async fn lasts(&self) -> io::Result<()> {
        let asked = self.asked.load(Ordering::Relaxed);
        self.lasting.wait_for(|end| end.appended >= asked).await
    }

    /// Waits until the log lasts up to `index`.
    pub(super) async fn lasts_upto(&self, index: u64) -> io::Result<()> {
        self.lasting.wait_for(|end| end.upto >= index).await
    }

    /// Ends what was asked for, and lets go of the store: it can be opened again.
    pub(super) async fn close(&self) {
        let (told, closed) = oneshot::channel();
        if self.orders.send(Order::Close(told)).await.is_ok() {
            // Dropped with the task at the latest.
            drop(closed.await);
        }
    }
}

fn closed() -> io::Error {
    io::Error::other("the group's store is closed")
}

/// Serves until the last handle is gone, or it is closed. After a failure nothing is written any
/// more: what is on disk is a prefix of what was asked for.
async fn write(mut medium: impl Medium, mut orders: mpsc::Receiver<Order>, lasting: Arc<Lasting>) {
    while let Some(first) = orders.recv().await {
        let (mut batch, mut writes, mut closing) = (Vec::<Job>::new(), 0, None);
        let mut next = Some(first);
        while let Some(order) = next {
            match order {
                Order::Write(job) => {
                    writes += job.writes.len();
                    batch.push(job);
                }
                Order::Close(told) => closing = Some(told),
            }
            let more = writes < MAX_BATCH && closing.is_none();
            next = if more { orders.try_recv().ok() } else { None };
        }
        if lasting.works().is_ok() {
            match medium.commit(&batch).await {
                Ok(()) => lasting.count(&batch),
                Err(error) => {
                    tracing::warn!(%error, "the group's store takes no more");
                    lasting.fail(error.to_string());
                }
            }
        }
        for told in batch.into_iter().filter_map(|job| job.told) {
            // Who waited may be gone.
            drop(told.send(lasting.works()));
        }
        if let Some(told) = closing {
            drop(medium);
            lasting.fail(closed().to_string());
            // Who waited may be gone.
            let _gone = told.send(());
            return;
        }
    }
}
