//! Opening a store, and what a program may ask of an open one.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use covey_logic::{
    Incarnation, Name, NodeId, Ticket, Wall,
    event::EventRecord,
    event_store::{Expiry, Extent},
    hlc::Stamp,
    merged::LocalVariable,
    moving::Snapshot,
    node::{Profile, Record},
    replica::{Shared, SharedKey},
};
use sqlx::{
    ConnectOptions as _, SqlitePool,
    sqlite::{
        SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    error::{Damage, ReadError, StoreError, StoreTrouble},
    events::Ids,
    follow::{self, Followed, Position},
    keepsake::Keeper,
    load::load,
    query::{self, EventPage, EventQuery},
    schema, sound,
    survey::{self, EventCheck, EventStatistics},
    writer::{File, Job, StoreEvent, Writer},
};

/// Appends that wait for the writer before [`Store::append`] waits too.
const QUEUE_CAPACITY: usize = 4_096;
/// Connections that read: people look at few things at a time.
const READERS: u32 = 2;
/// How long a connection waits for the lock of another.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages of 4 KiB in the write-ahead log that are taken over into the database together: a page that
/// was written many times in a burst is taken over once.
const CHECKPOINT_PAGES: &str = "4096";
/// Bytes of the write-ahead log that stay on disk between two checkpoints.
const LOG_SIZE: &str = "67108864";

/// A node that starts has other things to read first.
const CHECK_AFTER: Duration = Duration::from_secs(5);

/// A node, where its lobby was reached, and where its fabric was, as multiaddresses.
pub type KnownAddresses = (NodeId, Vec<String>, Vec<String>);

/// What the disk kept, as [`covey_logic::Restore`] wants it.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The last life that began.
    pub incarnation: Incarnation,
    /// What the node keeps of itself; none at the first start.
    pub profile: Option<Profile>,
    /// Every shared value.
    pub shared: Vec<(SharedKey, Stamp, Shared)>,
    /// Every copy of an agent's state.
    pub snapshots: Vec<(Name, Snapshot)>,
    /// Since when the node writes what merges.
    pub writes_since: Option<(Wall, u32)>,
    /// Every variable of the node alone.
    pub locals: Vec<(Name, LocalVariable)>,
    /// For each origin, which of its events are on disk.
    pub event_extents: BTreeMap<NodeId, Extent>,
    /// Own events are numbered from here on: those before may lie on a disk that is lost.
    pub events_from: u64,
    /// The newest events, oldest first; [`EventStore::RECENT_CAPACITY`] at most.
    ///
    /// [`EventStore::RECENT_CAPACITY`]: covey_logic::event_store::EventStore::RECENT_CAPACITY
    pub events: Vec<Arc<EventRecord>>,
    /// Where nodes were last reached.
    pub addresses: Vec<KnownAddresses>,
}

/// An end of what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Before the oldest events.
    Oldest,
    /// After the newest.
    Newest,
}

/// An open store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    events: mpsc::Sender<StoreEvent>,
    readers: SqlitePool,
    path: Arc<Path>,
    news: watch::Receiver<u64>,
    trouble: watch::Receiver<Option<StoreTrouble>>,
}

impl Store {
    /// Opens the database of node `me` at `path`, or makes one, and reads what the node starts from.
    /// What becomes of appends is told to `events`, in their order.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn open(
        path: &Path,
        me: NodeId,
        events: mpsc::Sender<StoreEvent>,
    ) -> Result<(Self, Loaded), StoreError> {
        Self::open_with((path, me), events, writing(path)).await
    }

    pub(super) async fn open_with(
        (path, me): (&Path, NodeId),
        events: mpsc::Sender<StoreEvent>,
        options: SqliteConnectOptions,
    ) -> Result<(Self, Loaded), StoreError> {
        let fail = |source| StoreError::at(path, source);
        let mut keeper = Keeper::find(path, me)?;
        refuse_others(path, &keeper).await?;
        let mut connection = options.clone().connect().await.map_err(fail)?;
        schema::migrate(&mut connection, path).await?;
        sound::check_all_but_events(&mut connection, path).await?;
        keeper.fill(&mut connection).await.map_err(fail)?;
        let loaded = load(&mut connection, path).await?;
        keeper.compare(path, &loaded)?;
        let ids = Ids::load(&mut connection).await.map_err(fail)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(0)
            .connect_lazy_with(common(path).read_only(true));
        let (jobs, queue) = mpsc::channel(QUEUE_CAPACITY);
        let (commits, news) = watch::channel(0);
        let (say, trouble) = watch::channel(None);
        let file = File { connection, options, ids, keeper };
        let writer = Writer::new(file, queue, events.clone(), (commits, say));
        tokio::spawn(writer.run());
        let store = Self { jobs, events, readers, path: path.into(), news, trouble };
        drop(tokio::spawn(check_soon(store.readers.clone(), store.jobs.downgrade())));
        Ok((store, loaded))
    }

    /// The next life of the node: written to disk, never given before.
    ///
    /// # Errors
    ///
    /// See [`StoreError`]; the number may be spent all the same.
    pub async fn next_incarnation(&self) -> Result<Incarnation, StoreError> {
        let (reply, answer) = oneshot::channel();
        // A job that is not taken gives up its reply here, or nobody would.
        drop(self.jobs.send(Job::NextIncarnation(reply)).await);
        answer
            .await
            .unwrap_or(Err(sqlx::Error::WorkerCrashed))
            .map_err(|source| StoreError::at(&self.path, source))
    }

    /// Queues records to be written durably, all or none, after those queued before; what becomes
    /// of them is a [`StoreEvent`]. Waits while the queue is full, never for the events to be read.
    pub async fn append(&self, ticket: Ticket, records: Vec<Record>) {
        if self.jobs.send(Job::Append { ticket, records }).await.is_err() {
            let reason = "the store's writer ended".to_owned();
            let _receiver_gone = self.events.try_send(StoreEvent::Failed { ticket, reason });
        }
    }

    /// Replaces the address book. It is a hint: written with the next commit, not acknowledged.
    pub async fn save_addresses(&self, addresses: Vec<KnownAddresses>) {
        let _writer_gone = self.jobs.send(Job::Addresses(addresses)).await;
    }

    /// The events of `origin` from number `from` on, without gaps, `limit` at most.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn load_events(
        &self,
        origin: NodeId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<Arc<EventRecord>>, ReadError> {
        self.noting(query::load(&self.readers, origin, from, limit).await)
    }

    /// The newest events that `query` asks for.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn query_events(&self, query: &EventQuery) -> Result<EventPage, ReadError> {
        self.noting(query::page(&self.readers, query).await)
    }

    /// What comes after a position, `limit` events at most.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn follow_events(
        &self,
        position: &Position,
        limit: u32,
    ) -> Result<Followed, ReadError> {
        self.noting(follow::follow(&self.readers, position, limit).await)
    }

    /// Where all that is held ends, or where it begins.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn event_position(&self, edge: Edge) -> Result<Position, ReadError> {
        self.noting(match edge {
            Edge::Oldest => follow::start(&self.readers).await,
            Edge::Newest => follow::end(&self.readers).await,
        })
    }

    /// The number of commits with events so far, marked as changed with each.
    #[must_use]
    pub fn event_news(&self) -> watch::Receiver<u64> {
        self.news.clone()
    }

    /// Why nothing is written, if nothing is.
    #[must_use]
    pub fn trouble(&self) -> Option<StoreTrouble> {
        self.trouble.borrow().clone()
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many events there are, of whom, and what they take.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn event_statistics(&self) -> Result<EventStatistics, ReadError> {
        self.noting(survey::statistics(&self.readers, &self.path).await)
    }

    /// Whether what is stored of events is what was written: reads all of it.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn check_events(&self) -> Result<EventCheck, ReadError> {
        survey::check(&self.readers).await
    }

    /// What is wrong with stored events, if anything is.
    #[cfg(test)]
    pub(super) async fn fault_in_events(&self) -> Option<String> {
        sound::fault_in_events(&self.readers).await
    }

    /// Queues the dropping of old events; what became of it is a [`StoreEvent`].
    pub async fn drop_events(&self, expiry: Expiry) {
        let _writer_gone = self.jobs.send(Job::Drop(expiry)).await;
    }

    /// Others hold own events up to the one numbered `last`, which the database does not hold: it lost
    /// the end of what was written. Nothing more is written, now and after the next start.
    pub async fn forgot(&self, last: u64) {
        let _writer_gone = self.jobs.send(Job::Forgot { last }).await;
    }

    /// Gives what was read back, after it is noted that something was found damaged.
    fn noting<T>(&self, read: Result<T, ReadError>) -> Result<T, ReadError> {
        if let Err(error) = &read
            && let Some(fault) = error.damage()
        {
            self.found_damage(fault);
        }
        read
    }

    fn found_damage(&self, fault: String) {
        // Whoever reads next finds it again.
        let _full_or_gone = self.jobs.try_send(Job::Damaged(fault));
    }

    /// Waits until everything queued before is on disk or has failed.
    pub async fn flush(&self) {
        let (reply, answer) = oneshot::channel();
        drop(self.jobs.send(Job::Flush(reply)).await);
        let _writer_gone = answer.await;
    }

    /// Waits until everything queued before is on disk or has failed, and closes every connection,
    /// the writing one last: SQLite then folds its log into the database. What other handles ask
    /// from here on fails.
    pub async fn close(self) {
        self.readers.close().await;
        let (reply, answer) = oneshot::channel();
        drop(self.jobs.send(Job::Close(reply)).await);
        let _writer_gone = answer.await;
    }
}

/// Looks for damage among the events once, when the node has started: that reads all of them.
async fn check_soon(readers: SqlitePool, jobs: mpsc::WeakSender<Job>) {
    tokio::time::sleep(CHECK_AFTER).await;
    if let Some(fault) = sound::fault_in_events(&readers).await
        && let Some(jobs) = jobs.upgrade()
    {
        let _writer_gone = jobs.send(Job::Damaged(fault)).await;
    }
}

pub(super) fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

pub(super) fn writing(path: &Path) -> SqliteConnectOptions {
    // Chosen once, when there are no tables yet: asked for again it writes to what may be damaged.
    let is_new = path.metadata().map_or(true, |file| file.len() == 0);
    let options = common(path).create_if_missing(true);
    let options = if is_new { options.auto_vacuum(SqliteAutoVacuum::Incremental) } else { options };
    options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", LOG_SIZE)
}

/// Looks at the format before anything is written, so that a newer database is not even touched, and
/// one that lost everything is not begun anew.
pub(super) async fn refuse_others(path: &Path, keeper: &Keeper) -> Result<(), StoreError> {
    if !tokio::fs::try_exists(path).await.unwrap_or(false) {
        return Ok(());
    }
    let fail = |source| StoreError::at(path, source);
    let mut connection = common(path).read_only(true).connect().await.map_err(fail)?;
    let found = schema::format(&mut connection).await.map_err(fail)?;
    if found > schema::FORMAT {
        return Err(StoreError::TooNew { path: path.to_owned(), found, known: schema::FORMAT });
    }
    if found == 0 && keeper.expects_lives() {
        return Err(StoreError::Damaged { path: path.to_owned(), source: Damage::Gone });
    }
    Ok(())
}
