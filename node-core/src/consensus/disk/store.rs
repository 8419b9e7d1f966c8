//! The store itself: fjall, whose journal takes one synced append for a commit.
//!
//! SQLite, in which everything that is queried lies, takes twice as long for one (ARCHITECTURE.md,
//! Decisions), and a write of the group waits for two in turn.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use serde::de::DeserializeOwned;

use super::{Disk, Job, Loaded, Medium, Write};
use crate::{
    consensus::{error::ConsensusError, types::LogEntry},
    entropy,
};

/// The format of what is in the store; entries of another cannot be read.
const FORMAT: u32 = 6;
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

/// The store of a group; a clone is the same store.
#[derive(Clone)]
pub(super) struct Store {
    database: Database,
    log: Keyspace,
    facts: Keyspace,
    /// How long the last commit took.
    last: Duration,
}

/// Opens the store in the folder at `path`, or makes one, and reads it.
pub(super) async fn open(path: &Path) -> Result<(Store, Loaded), ConsensusError> {
    let mut tries = 0;
    loop {
        let folder = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || Store::open(&folder)).await;
        let opened = opened.map_err(|error| ConsensusError::Thread(error.into()))?;
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
        let store = Self::open_folder(path).map_err(disk(path))?;
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
        Ok(Self { database, log, facts, last: Duration::ZERO })
    }

    fn load(&self, path: &Path) -> Result<Loaded, ConsensusError> {
        self.known_format(path)?;
        let mut entries = BTreeMap::new();
        for row in self.log.iter() {
            let bytes = row.value().map_err(disk(path))?;
            let entry: LogEntry = decode(path, "an entry", &bytes)?;
            entries.insert(entry.log_id.index, entry);
        }
        let whole = entries.keys().zip(entries.keys().skip(1)).all(|(one, next)| one + 1 == *next);
        if !whole {
            return Err(ConsensusError::Gap { path: path.to_owned() });
        }
        let id = match self.fact(path, "the number", Disk::ID)? {
            Some(id) => id,
            None => {
                let id = u64::from_be_bytes(entropy::bytes()?);
                self.write_fact(Disk::ID, &id).map_err(disk(path))?;
                id
            }
        };
        Ok(Loaded {
            id,
            vote: self.fact(path, "the vote", Disk::VOTE)?,
            purged: self.fact(path, "the start of the log", Disk::PURGED)?,
            entries,
            snapshot: self.fact(path, "the snapshot", Disk::SNAPSHOT)?,
        })
    }

    /// Whether what is in the store can be read; one that was made this moment gets its format.
    fn known_format(&self, path: &Path) -> Result<(), ConsensusError> {
        match self.fact(path, "the format", Disk::FORMAT)? {
            Some(FORMAT) => Ok(()),
            None if self.facts.is_empty().map_err(disk(path))? => {
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
        let bytes = self.facts.get(key).map_err(disk(path))?;
        bytes.map(|bytes| decode(path, what, &bytes)).transpose()
    }

    fn write_fact(&self, key: &str, value: &impl serde::Serialize) -> fjall::Result<()> {
        let bytes = postcard::to_allocvec(value).map_err(io::Error::other)?;
        self.facts.insert(key, bytes)?;
        self.database.persist(PersistMode::SyncAll)
    }

    /// What becomes of each key: all writes of a commit are one to fjall, which has no order in it.
    fn changes(&self, batch: &[Job]) -> fjall::Result<Changes> {
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
        Ok(changes)
    }

    fn remove(&self, first: u64, last: u64, log: &mut Log) -> fjall::Result<()> {
        for value in log.range_mut(first..=last).map(|(_, value)| value) {
            *value = None;
        }
        for row in self.log.range(first.to_be_bytes()..=last.to_be_bytes()) {
            let key = row.key()?;
            let index = <[u8; 8]>::try_from(&*key).map_err(io::Error::other)?;
            log.insert(u64::from_be_bytes(index), None);
        }
        Ok(())
    }

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
            let store = self.clone();
            let done = tokio::task::spawn_blocking(move || Self::commit(&store, changes)).await;
            done.map_err(io::Error::other)?
        } else {
            Self::commit(self, changes)
        };
        self.last = if large { self.last } else { begun.elapsed() };
        done.map_err(io::Error::other)
    }
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
