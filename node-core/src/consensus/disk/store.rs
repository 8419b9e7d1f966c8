//! The store itself: fjall, whose journal takes one synced append for a commit.
//!
//! SQLite, in which everything that is queried lies, takes twice as long for one (ARCHITECTURE.md,
//! Decisions), and a write of the group waits for two in turn.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use serde::de::DeserializeOwned;

use super::{Disk, Job, Loaded, Medium, Write, journal, sum::Sum};
use crate::{
    consensus::{
        error::ConsensusError,
        types::{LogEntry, RaftId},
    },
    entropy,
};

/// The format of what is in the store; entries of another cannot be read.
const FORMAT: u32 = 12;
/// Memory for what is not sorted yet, and for blocks that were read: everything is read once, when
/// the store is opened.
const MEMTABLE: u64 = 4 * 1024 * 1024;
const CACHE: u64 = 1024 * 1024;
/// The least that fjall allows.
const JOURNALS: u64 = 64 * 1024 * 1024;
/// How often it is tried to open what another part of this process still closes, and when.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// Commits of more bytes of facts are large, and those that take no longer than this are short.
const LARGE: usize = 256 * 1024;
const SHORT: Duration = Duration::from_millis(1);

/// The store of a group.
pub(super) struct Store {
    tables: Tables,
    sum: Sum,
    /// How long the last commit took.
    last: Duration,
}

/// What fjall keeps; a clone is the same.
#[derive(Clone)]
struct Tables {
    database: Database,
    log: Keyspace,
    facts: Keyspace,
}

/// Opens the store in the folder at `path`, or makes one, and reads it.
pub(super) async fn open(path: &Path) -> Result<(Store, Loaded), ConsensusError> {
    let mut tries = 0;
    loop {
        let folder = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || Store::open(&folder)).await;
        let opened = opened.map_err(|error| match error.try_into_panic() {
            Ok(_) => ConsensusError::Senseless { path: path.to_owned() },
            Err(error) => ConsensusError::Thread(error.into()),
        })?;
        match opened {
            Err(ConsensusError::Disk { source: fjall::Error::Locked, .. }) if tries < TRIES => {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            opened => return opened,
        }
    }
}

impl Store {
    fn open(path: &Path) -> Result<(Self, Loaded), ConsensusError> {
        // Looked at first: what cannot be read is gone once the store is open.
        let torn = journal::is_damaged(path).map_err(fjall::Error::Io).map_err(disk(path))?;
        if torn {
            return Err(ConsensusError::Torn { path: path.to_owned() });
        }
        // A store that somebody took away is made anew.
        if !path.exists() && note_of(path).exists() {
            fs::remove_file(note_of(path)).map_err(fjall::Error::Io).map_err(disk(path))?;
        }
        let mut store = Self::open_folder(path).map_err(disk(path))?;
        let loaded = store.load(path)?;
        Ok((store, loaded))
    }

    fn open_folder(path: &Path) -> fjall::Result<Self> {
        let database = Database::builder(path)
            .worker_threads(1)
            .cache_size(CACHE)
            .max_journaling_size(JOURNALS)
            .open()?;
        let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE);
        let log = database.keyspace("log", options)?;
        let facts = database.keyspace("facts", options)?;
        let tables = Tables { database, log, facts };
        Ok(Self { tables, sum: Sum::default(), last: Duration::ZERO })
    }

    fn load(&mut self, path: &Path) -> Result<Loaded, ConsensusError> {
        self.known_format(path)?;
        let mut entries = BTreeMap::new();
        for row in self.tables.log.iter() {
            let bytes = row.value().map_err(disk(path))?;
            let entry: LogEntry = decode(path, "an entry", &bytes)?;
            self.sum.entry(entry.log_id.index, Some(&bytes));
            entries.insert(entry.log_id.index, entry);
        }
        let whole = entries.keys().zip(entries.keys().skip(1)).all(|(one, next)| one + 1 == *next);
        if !whole {
            return Err(ConsensusError::Gap { path: path.to_owned() });
        }
        let id = self.id(path)?;
        self.add_up(path)?;
        Ok(Loaded {
            id,
            vote: self.fact(path, "the vote", Disk::VOTE)?,
            purged: self.fact(path, "the start of the log", Disk::PURGED)?,
            entries,
            snapshot: self.fact(path, "the snapshot", Disk::SNAPSHOT)?,
        })
    }

    /// Whether everything is there as it was written.
    fn add_up(&mut self, path: &Path) -> Result<(), ConsensusError> {
        for row in self.tables.facts.iter() {
            let (key, bytes) = row.into_inner().map_err(disk(path))?;
            if *key != *Disk::SUM.as_bytes() {
                self.sum.fact(&key, &bytes);
            }
        }
        match self.fact::<u64>(path, "the sum", Disk::SUM)? {
            Some(sum) if sum == self.sum.total() => Ok(()),
            Some(_) => Err(ConsensusError::Mixed { path: path.to_owned() }),
            None => self.write_fact(Disk::SUM, &self.sum.total()).map_err(disk(path)),
        }
    }

    /// The number of this part of the group, drawn when the store is made. It is noted beside the
    /// store as well: one that lost all it held would look like one that was made this moment.
    fn id(&self, path: &Path) -> Result<RaftId, ConsensusError> {
        let note = note_of(path);
        let noted = match fs::read(&note) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            noted => Some(noted.map_err(fjall::Error::Io).map_err(disk(&note))?),
        };
        let id = match self.fact(path, "the number", Disk::ID)? {
            Some(id) => id,
            None if noted.is_some() => {
                return Err(ConsensusError::Emptied { path: path.to_owned() });
            }
            None => {
                let id = u64::from_be_bytes(entropy::bytes()?);
                self.write_fact(Disk::ID, &id).map_err(disk(path))?;
                id
            }
        };
        let bytes = RaftId::to_be_bytes(id);
        if noted.as_deref() != Some(&bytes) {
            write_synced(&note, &bytes).map_err(fjall::Error::Io).map_err(disk(&note))?;
        }
        Ok(id)
    }

    /// Whether what is in the store can be read; one that was made this moment gets its format.
    fn known_format(&self, path: &Path) -> Result<(), ConsensusError> {
        match self.fact(path, "the format", Disk::FORMAT)? {
            Some(FORMAT) => Ok(()),
            None if self.tables.facts.is_empty().map_err(disk(path))? => {
                self.write_fact(Disk::FORMAT, &FORMAT).map_err(disk(path))
            }
            found => Err(ConsensusError::Format {
                path: path.to_owned(),
                found: found.unwrap_or(1),
                known: FORMAT,
            }),
        }
    }

    fn fact<T: DeserializeOwned>(
        &self,
        path: &Path,
        what: &'static str,
        key: &str,
    ) -> Result<Option<T>, ConsensusError> {
        let bytes = self.tables.facts.get(key).map_err(disk(path))?;
        bytes.map(|bytes| decode(path, what, &bytes)).transpose()
    }

    fn write_fact(&self, key: &str, value: &impl serde::Serialize) -> fjall::Result<()> {
        let bytes = postcard::to_allocvec(value).map_err(io::Error::other)?;
        self.tables.facts.insert(key, bytes)?;
        self.tables.database.persist(PersistMode::SyncAll)
    }

    /// What becomes of each key: all writes of a commit are one to fjall, which has no order in it.
    fn changes(&mut self, batch: &[Job]) -> fjall::Result<Changes> {
        let mut changes = Changes::default();
        for write in batch.iter().flat_map(|job| &job.writes) {
            match write {
                Write::Entry(index, bytes) => {
                    changes.log.insert(*index, Some(bytes.clone()));
                }
                Write::Truncate(from) => self.remove(*from, u64::MAX, &mut changes.log)?,
                Write::Purge(upto) => self.remove(0, *upto, &mut changes.log)?,
                Write::Fact(key, bytes) => {
                    changes.facts.insert(*key, bytes.clone());
                }
            }
        }
        for (index, bytes) in &changes.log {
            self.sum.entry(*index, bytes.as_deref());
        }
        for (key, bytes) in &changes.facts {
            self.sum.fact(key.as_bytes(), bytes);
        }
        let sum = postcard::to_allocvec(&self.sum.total()).map_err(io::Error::other)?;
        changes.facts.insert(Disk::SUM, sum);
        Ok(changes)
    }

    fn remove(&self, first: u64, last: u64, log: &mut Log) -> fjall::Result<()> {
        for value in log.range_mut(first..=last).map(|(_, value)| value) {
            *value = None;
        }
        for row in self.tables.log.range(first.to_be_bytes()..=last.to_be_bytes()) {
            let key = row.key()?;
            let index = <[u8; 8]>::try_from(&*key).map_err(io::Error::other)?;
            log.insert(u64::from_be_bytes(index), None);
        }
        Ok(())
    }
}

impl Tables {
    fn commit(&self, changes: Changes) -> fjall::Result<()> {
        let mut writes = self.database.batch().durability(Some(PersistMode::SyncData));
        for (index, value) in changes.log {
            match value {
                Some(bytes) => writes.insert(&self.log, index.to_be_bytes(), bytes),
                None => writes.remove(&self.log, index.to_be_bytes()),
            }
        }
        for (key, bytes) in changes.facts {
            writes.insert(&self.facts, key, bytes);
        }
        writes.commit()
    }
}

impl Medium for Store {
    /// A short commit is made here and now: to have another thread woken for it takes as long. What
    /// is as large as a snapshot, and all on a slow disk, holds no thread of the runtime up.
    async fn commit(&mut self, batch: &[Job]) -> io::Result<()> {
        let changes = self.changes(batch).map_err(io::Error::other)?;
        let large = changes.facts.values().map(Vec::len).sum::<usize>() > LARGE;
        let begun = Instant::now();
        let done = if large || self.last > SHORT {
            let tables = self.tables.clone();
            let done = tokio::task::spawn_blocking(move || tables.commit(changes)).await;
            done.map_err(io::Error::other)?
        } else {
            self.tables.commit(changes)
        };
        self.last = if large { self.last } else { begun.elapsed() };
        done.map_err(io::Error::other)
    }
}

/// Where the number of a store is noted.
pub(super) fn note_of(path: &Path) -> PathBuf {
    path.with_extension("number")
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

type Log = BTreeMap<u64, Option<Vec<u8>>>;

/// What a commit changes: entries, of which those without bytes go, and facts.
#[derive(Default)]
struct Changes {
    log: Log,
    facts: BTreeMap<&'static str, Vec<u8>>,
}

fn disk(path: &Path) -> impl FnOnce(fjall::Error) -> ConsensusError {
    let path: PathBuf = path.to_owned();
    move |source| ConsensusError::Disk { path, source }
}

fn decode<T: DeserializeOwned>(
    path: &Path,
    what: &'static str,
    bytes: &[u8],
) -> Result<T, ConsensusError> {
    postcard::from_bytes(bytes).map_err(|source| ConsensusError::Damaged {
        path: path.to_owned(),
        what,
        source,
    })
}
