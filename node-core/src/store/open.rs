//! Opening a store, and what a program may ask of an open one.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use covey_logic::{
    Incarnation, Name, NodeId, Ticket, Wall,
    event::EventRecord,
    event_store::{EventStore, Expiry, Extent},
    hlc::Stamp,
    merged::LocalVariable,
    moving::Snapshot,
    node::{Profile, Record},
    replica::{Shared, SharedKey},
    wire,
};
use futures::TryStreamExt as _;
use serde::de::DeserializeOwned;
use sqlx::{
    ConnectOptions as _, QueryBuilder, Sqlite, SqliteConnection, SqlitePool,
    sqlite::{
        SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    error::{BadRow, ReadError, StoreError},
    events::{self, COLUMNS, Ids, JOINS},
    follow::{self, Followed, Position},
    query::{self, EventPage, EventQuery},
    rows, schema,
    survey::{self, EventCheck, EventStatistics},
    writer::{Job, StoreEvent, Writer},
};
use crate::volume::Refusal;

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

/// A node, where its lobby was reached, and where its fabric was, as multiaddresses.
pub type KnownAddresses = (NodeId, Vec<String>, Vec<String>);

/// What the disk kept, as [`covey_logic::Restore`] wants it.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
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
    /// The newest events, oldest first; [`EventStore::RECENT_CAPACITY`] at most.
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
    refusal: watch::Receiver<Option<Refusal>>,
}

impl Store {
    /// Opens the database at `path`, or makes one, and reads what a node starts from. What becomes
    /// of appends is told to `events`, in their order.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn open(
        path: &Path,
        events: mpsc::Sender<StoreEvent>,
    ) -> Result<(Self, Loaded), StoreError> {
        Self::open_with(path, events, writing(path)).await
    }

    pub(super) async fn open_with(
        path: &Path,
        events: mpsc::Sender<StoreEvent>,
        options: SqliteConnectOptions,
    ) -> Result<(Self, Loaded), StoreError> {
        let fail = |source| StoreError::at(path, source);
        refuse_newer(path).await?;
        let mut connection = options.clone().connect().await.map_err(fail)?;
        schema::migrate(&mut connection, path).await?;
        let loaded = load(&mut connection, path).await?;
        let ids = Ids::load(&mut connection).await.map_err(fail)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(0)
            .connect_lazy_with(common(path).read_only(true));
        let (jobs, queue) = mpsc::channel(QUEUE_CAPACITY);
        let (commits, news) = watch::channel(0);
        let (refuse, refusal) = watch::channel(None);
        let saying = (commits, refuse);
        let writer = Writer::new((connection, ids), options, queue, events.clone(), saying);
        tokio::spawn(writer.run());
        Ok((Self { jobs, events, readers, path: path.into(), news, refusal }, loaded))
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
        query::load(&self.readers, origin, from, limit).await
    }

    /// The newest events that `query` asks for.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn query_events(&self, query: &EventQuery) -> Result<EventPage, ReadError> {
        query::page(&self.readers, query).await
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
        follow::follow(&self.readers, position, limit).await
    }

    /// Where all that is held ends, or where it begins.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn event_position(&self, edge: Edge) -> Result<Position, ReadError> {
        match edge {
            Edge::Oldest => follow::start(&self.readers).await,
            Edge::Newest => follow::end(&self.readers).await,
        }
    }

    /// The number of commits with events so far, marked as changed with each.
    #[must_use]
    pub fn event_news(&self) -> watch::Receiver<u64> {
        self.news.clone()
    }

    /// Why the disk takes no writes, if it takes none.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.refusal.borrow().clone()
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
        survey::statistics(&self.readers, &self.path).await
    }

    /// Whether what is stored of events is what was written: reads all of it.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn check_events(&self) -> Result<EventCheck, ReadError> {
        survey::check(&self.readers).await
    }

    /// Queues the dropping of old events; what became of it is a [`StoreEvent`].
    pub async fn drop_events(&self, expiry: Expiry) {
        let _writer_gone = self.jobs.send(Job::Drop(expiry)).await;
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

fn common(path: &Path) -> SqliteConnectOptions {
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

/// Looks at the format before anything is written, so that a newer database is not even touched.
async fn refuse_newer(path: &Path) -> Result<(), StoreError> {
    if !tokio::fs::try_exists(path).await.unwrap_or(false) {
        return Ok(());
    }
    let fail = |source| StoreError::at(path, source);
    let mut connection = common(path).read_only(true).connect().await.map_err(fail)?;
    let found = schema::format(&mut connection).await.map_err(fail)?;
    if found > schema::FORMAT {
        return Err(StoreError::TooNew { path: path.to_owned(), found, known: schema::FORMAT });
    }
    Ok(())
}

async fn load(from: &mut SqliteConnection, path: &Path) -> Result<Loaded, StoreError> {
    let fail = |source| StoreError::at(path, source);
    let bad = |row| StoreError::row(path, row);
    let profile = load_single(rows::PROFILE, from).await.map_err(fail)?.map_err(bad)?;
    let writes_since = load_single(rows::WRITES_SINCE, from).await.map_err(fail)?.map_err(bad)?;
    let shared = load_shared(from).await.map_err(fail)?.map_err(bad)?;
    let snapshots =
        load_named("snapshot", "SELECT name, body FROM snapshot", from).await.map_err(fail)?;
    let snapshots = snapshots.map_err(bad)?;
    let locals = load_named("local", "SELECT name, body FROM local", from).await.map_err(fail)?;
    let locals = locals.map_err(bad)?;
    let event_extents = load_extents(from).await.map_err(fail)?.map_err(bad)?;
    let events = load_recent(from).await.map_err(fail)?.map_err(bad)?;
    let addresses = load_addresses(from).await.map_err(fail)?.map_err(bad)?;
    Ok(Loaded {
        profile,
        shared,
        snapshots,
        writes_since,
        locals,
        event_extents,
        events,
        addresses,
    })
}

/// What a table held, unless SQLite failed, unless a row was bad.
type Rows<T> = Result<Result<T, BadRow>, sqlx::Error>;

async fn load_single<T: DeserializeOwned>(
    name: &'static str,
    from: &mut SqliteConnection,
) -> Rows<Option<T>> {
    let row: Option<Vec<u8>> = sqlx::query_scalar("SELECT value FROM single WHERE name = ?")
        .bind(name)
        .fetch_optional(from)
        .await?;
    Ok(row.map(|bytes| decode(&bytes, "single")).transpose())
}

async fn load_shared(from: &mut SqliteConnection) -> Rows<Vec<(SharedKey, Stamp, Shared)>> {
    let stored: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT key, stamp, value FROM shared").fetch_all(from).await?;
    let row = |(key, stamp, value): (Vec<u8>, Vec<u8>, Vec<u8>)| {
        Ok((decode(&key, "shared")?, decode(&stamp, "shared")?, decode(&value, "shared")?))
    };
    Ok(stored.into_iter().map(row).collect())
}

async fn load_named<T: DeserializeOwned>(
    table: &'static str,
    query: &'static str,
    from: &mut SqliteConnection,
) -> Rows<Vec<(Name, T)>> {
    let stored: Vec<(String, Vec<u8>)> = sqlx::query_as(query).fetch_all(from).await?;
    let row = |(name, body): (String, Vec<u8>)| {
        let name = Name::new(&name).map_err(|_invalid| BadRow(table))?;
        Ok((name, decode(&body, table)?))
    };
    Ok(stored.into_iter().map(row).collect())
}

async fn load_extents(from: &mut SqliteConnection) -> Rows<BTreeMap<NodeId, Extent>> {
    let stored: Vec<(Vec<u8>, i64, i64)> =
        sqlx::query_as("SELECT node, first, last FROM node WHERE last > 0").fetch_all(from).await?;
    let number = |number: i64| u64::try_from(number).map_err(|_negative| BadRow("node"));
    let row = |(node, first, last): (Vec<u8>, i64, i64)| {
        let extent = Extent { first: number(first)?, last: number(last)? };
        Ok((rows::node_of(&node, "node")?, extent))
    };
    Ok(stored.into_iter().map(row).collect())
}

/// Bytes of the newest events that a node starts with: large ones are few.
const RECENT_SIZE: usize = 8 * 1024 * 1024;

async fn load_recent(from: &mut SqliteConnection) -> Rows<Vec<Arc<EventRecord>>> {
    let mut sql = QueryBuilder::<Sqlite>::new(format!(
        "SELECT {COLUMNS} FROM {JOINS} ORDER BY e.wall DESC, e.counter DESC, n.node DESC LIMIT "
    ));
    sql.push_bind(i64::try_from(EventStore::RECENT_CAPACITY).unwrap_or(i64::MAX));
    let query = sql.build();
    let mut stored = query.fetch(from);
    let (mut events, mut size) = (Vec::new(), 0);
    while let Some(row) = stored.try_next().await?
        && size <= RECENT_SIZE
    {
        match events::event_of(&row) {
            Ok(event) => {
                size += event.weight();
                events.push(event);
            }
            Err(bad) => return Ok(Err(bad)),
        }
    }
    events.reverse();
    Ok(Ok(events))
}

async fn load_addresses(from: &mut SqliteConnection) -> Rows<Vec<KnownAddresses>> {
    let stored: Vec<(Vec<u8>, String, String)> =
        sqlx::query_as("SELECT node, lobby, fabric FROM address").fetch_all(from).await?;
    let list = |text: String| text.lines().map(str::to_owned).collect();
    let row = |(node, lobby, fabric): (Vec<u8>, String, String)| {
        Ok((rows::node_of(&node, "address")?, list(lobby), list(fabric)))
    };
    Ok(stored.into_iter().map(row).collect())
}

fn decode<T: DeserializeOwned>(bytes: &[u8], table: &'static str) -> Result<T, BadRow> {
    wire::decode(bytes).map_err(|_garbled| BadRow(table))
}
