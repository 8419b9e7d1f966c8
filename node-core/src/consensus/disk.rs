//! The file of a group: one task writes it, and commits together what waits.

use std::{collections::BTreeMap, io, path::Path};

use openraft::storage::LogFlushed;
use sqlx::{
    ConnectOptions as _, Connection as _, Row as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{mpsc, oneshot};

use super::{
    error::ConsensusError,
    types::{LogEntry, LogId, RaftId, SnapshotMeta, Types, Vote},
};
use crate::entropy;

/// Jobs that wait before openraft waits, too.
const QUEUE: usize = 1_024;
/// Writes of one commit.
const MAX_BATCH: usize = 4_096;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS entry (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
";

/// The format of what is in the file; entries of another cannot be read.
const FORMAT: u32 = 4;

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

/// What jobs are committed to: a file, or in tests what stands for one.
pub(super) trait Medium: Send + 'static {
    /// Commits all of them or nothing; they last once this is done.
    fn commit(&mut self, batch: &[Job]) -> impl Future<Output = io::Result<()>> + Send;

    /// Ends it.
    fn close(self) -> impl Future<Output = io::Result<()>> + Send;
}

/// Who waits for a job.
pub(super) enum Done {
    /// openraft.
    Flushed(LogFlushed<Types>),
    /// A caller.
    Told(oneshot::Sender<Result<(), io::Error>>),
}

/// What is written together.
pub(super) struct Job {
    pub(super) writes: Vec<Write>,
    done: Done,
}

/// A handle to the task that writes; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    jobs: mpsc::Sender<Job>,
}

/// What the file held.
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
    const FORMAT: &str = "format";

    /// Opens the file at `path`, or makes one, and reads it.
    pub(super) async fn open(path: &Path) -> Result<(Self, Loaded), ConsensusError> {
        let fail = |source| ConsensusError::Disk { path: path.to_owned(), source };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = options.connect().await.map_err(fail)?;
        sqlx::raw_sql(SCHEMA).execute(&mut connection).await.map_err(fail)?;
        let loaded = load(&mut connection, path).await?;
        Ok((Self::on(connection), loaded))
    }

    /// Writes to `medium` from here on.
    pub(super) fn on(medium: impl Medium) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        drop(tokio::spawn(write(medium, queue)));
        Self { jobs }
    }

    /// Writes all or nothing, after what was given before; `done` is told when it is on disk.
    pub(super) async fn write(&self, writes: Vec<Write>, done: Done) {
        if let Err(mpsc::error::SendError(job)) = self.jobs.send(Job { writes, done }).await {
            job.done.tell(Err(closed()));
        }
    }

    /// The same, and waits for it.
    pub(super) async fn written(&self, writes: Vec<Write>) -> io::Result<()> {
        let (told, result) = oneshot::channel();
        self.write(writes, Done::Told(told)).await;
        result.await.unwrap_or_else(|_| Err(closed()))
    }
}

impl Done {
    fn tell(self, result: io::Result<()>) {
        match self {
            Self::Flushed(callback) => callback.log_io_completed(result),
            // Who waited may be gone.
            Self::Told(told) => drop(told.send(result)),
        }
    }
}

fn closed() -> io::Error {
    io::Error::other("the group's file is closed")
}

async fn load(connection: &mut SqliteConnection, path: &Path) -> Result<Loaded, ConsensusError> {
    let fail = |source| ConsensusError::Disk { path: path.to_owned(), source };
    let damaged = |what| {
        let path = path.to_owned();
        move |source| ConsensusError::Damaged { path, what, source }
    };
    let mut facts = BTreeMap::new();
    for row in sqlx::query("SELECT key, bytes FROM fact")
        .fetch_all(&mut *connection)
        .await
        .map_err(fail)?
    {
        let key: String = row.try_get(0).map_err(fail)?;
        let bytes: Vec<u8> = row.try_get(1).map_err(fail)?;
        facts.insert(key, bytes);
    }
    known_format(connection, path, &facts).await?;
    let mut entries = BTreeMap::new();
    for row in sqlx::query("SELECT bytes FROM entry ORDER BY idx")
        .fetch_all(&mut *connection)
        .await
        .map_err(fail)?
    {
        let bytes: Vec<u8> = row.try_get(0).map_err(fail)?;
        let entry: LogEntry = postcard::from_bytes(&bytes).map_err(damaged("an entry"))?;
        entries.insert(entry.log_id.index, entry);
    }
    let whole = entries.keys().zip(entries.keys().skip(1)).all(|(one, next)| one + 1 == *next);
    if !whole {
        return Err(ConsensusError::Gap { path: path.to_owned() });
    }
    let id = match facts.get(Disk::ID) {
        Some(bytes) => postcard::from_bytes(bytes).map_err(damaged("the number"))?,
        None => {
            let id = u64::from_be_bytes(entropy::bytes()?);
            let bytes = postcard::to_allocvec(&id).map_err(damaged("the number"))?;
            let insert = sqlx::query("INSERT INTO fact (key, bytes) VALUES (?, ?)");
            insert.bind(Disk::ID).bind(bytes).execute(connection).await.map_err(fail)?;
            id
        }
    };
    let read = |key: &str| facts.get(key).map(Vec::as_slice);
    let vote = read(Disk::VOTE).map(postcard::from_bytes).transpose();
    let purged = read(Disk::PURGED).map(postcard::from_bytes).transpose();
    let snapshot = read(Disk::SNAPSHOT).map(postcard::from_bytes).transpose();
    Ok(Loaded {
        id,
        vote: vote.map_err(damaged("the vote"))?,
        purged: purged.map_err(damaged("the start of the log"))?,
        entries,
        snapshot: snapshot.map_err(damaged("the snapshot"))?,
    })
}

/// Whether what is in the file can be read; a file that was made this moment gets its format.
async fn known_format(
    connection: &mut SqliteConnection,
    path: &Path,
    facts: &BTreeMap<String, Vec<u8>>,
) -> Result<(), ConsensusError> {
    let found = facts.get(Disk::FORMAT).and_then(|bytes| postcard::from_bytes::<u32>(bytes).ok());
    match found {
        Some(FORMAT) => Ok(()),
        None if facts.is_empty() => {
            let insert = sqlx::query("INSERT INTO fact (key, bytes) VALUES (?, ?)");
            let bytes = postcard::to_allocvec(&FORMAT).unwrap_or_default();
            let done = insert.bind(Disk::FORMAT).bind(bytes).execute(connection).await;
            done.map(drop).map_err(|source| ConsensusError::Disk { path: path.to_owned(), source })
        }
        found => Err(ConsensusError::Format {
            path: path.to_owned(),
            found: found.unwrap_or(1),
            known: FORMAT,
        }),
    }
}

/// Serves until the last handle is gone. After a failure nothing is written any more: what is on
/// disk is a prefix of what was asked for.
async fn write(mut medium: impl Medium, mut jobs: mpsc::Receiver<Job>) {
    let mut broken: Option<String> = None;
    while let Some(job) = jobs.recv().await {
        let mut batch = vec![job];
        let mut writes = batch.iter().map(|job| job.writes.len()).sum::<usize>();
        while writes < MAX_BATCH
            && let Ok(job) = jobs.try_recv()
        {
            writes += job.writes.len();
            batch.push(job);
        }
        if broken.is_none()
            && let Err(error) = medium.commit(&batch).await
        {
            tracing::warn!(%error, "the group's file takes no more");
            broken = Some(error.to_string());
        }
        for job in batch {
            job.done.tell(broken.as_ref().map_or(Ok(()), |why| Err(io::Error::other(why.clone()))));
        }
    }
    if let Err(error) = medium.close().await {
        tracing::debug!(%error, "the group's file did not close");
    }
}

impl Medium for SqliteConnection {
    async fn commit(&mut self, batch: &[Job]) -> io::Result<()> {
        commit(self, batch).await.map_err(io::Error::other)
    }

    async fn close(self) -> io::Result<()> {
        sqlx::Connection::close(self).await.map_err(io::Error::other)
    }
}

async fn commit(connection: &mut SqliteConnection, batch: &[Job]) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    for write in batch.iter().flat_map(|job| &job.writes) {
        let query = match write {
            Write::Entry(index, bytes) => {
                sqlx::query("INSERT OR REPLACE INTO entry (idx, bytes) VALUES (?, ?)")
                    .bind(index.cast_signed())
                    .bind(bytes.as_slice())
            }
            Write::Truncate(from) => {
                sqlx::query("DELETE FROM entry WHERE idx >= ?").bind(from.cast_signed())
            }
            Write::Purge(upto) => {
                sqlx::query("DELETE FROM entry WHERE idx <= ?").bind(upto.cast_signed())
            }
            Write::Fact(key, bytes) => {
                sqlx::query("INSERT OR REPLACE INTO fact (key, bytes) VALUES (?, ?)")
                    .bind(*key)
                    .bind(bytes.as_slice())
            }
        };
        query.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
