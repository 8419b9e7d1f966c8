//! The log: in memory to be read, on disk to last.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    io,
    ops::RangeBounds,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use openraft::{
    ErrorSubject, ErrorVerb, LogState, RaftLogReader, StorageIOError,
    storage::{LogFlushed, RaftLogStorage},
};

use postcard::ser_flavors::Size;

use super::{
    disk::{Disk, Loaded, Write},
    types::{LogEntry, LogId, RaftId, StorageError, Types, Vote},
};

/// The log of one group; a clone is the same log.
#[derive(Clone, Debug)]
pub(super) struct Log {
    disk: Disk,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug)]
struct Kept {
    /// Each with the bytes that it takes on disk.
    entries: BTreeMap<u64, (LogEntry, usize)>,
    bytes: usize,
    purged: Option<LogId>,
    vote: Option<Vote>,
}

impl Log {
    pub(super) fn new(disk: Disk, loaded: &mut Loaded) -> Self {
        let vote = loaded.vote.map(|vote| stand_anew(vote, loaded.id));
        let mut kept = Kept { entries: BTreeMap::new(), bytes: 0, purged: loaded.purged, vote };
        for (_, entry) in std::mem::take(&mut loaded.entries) {
            let bytes = postcard::serialize_with_flavor(&entry, Size::default()).unwrap_or(0);
            kept.insert(entry, bytes);
        }
        Self { disk, kept: Arc::new(Mutex::new(kept)) }
    }

    /// Where it lies.
    pub(super) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The entries after `index`.
    pub(super) fn after(&self, index: u64) -> Vec<LogEntry> {
        self.kept().entries.range(index + 1..).map(|(_, (entry, _))| entry.clone()).collect()
    }

    /// The term and the index of the last entry, of the log or of what it left out.
    pub(super) fn last(&self) -> (u64, u64) {
        let kept = self.kept();
        let last = kept.entries.last_key_value().map(|(_, (entry, _))| entry.log_id);
        last.or(kept.purged).map_or((0, 0), |id| (id.leader_id.term, id.index))
    }

    /// The bytes of all entries.
    pub(super) fn bytes(&self) -> usize {
        self.kept().bytes
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn insert(&mut self, entry: LogEntry, bytes: usize) {
        let before = self.entries.insert(entry.log_id.index, (entry, bytes));
        self.bytes += bytes;
        self.bytes -= before.map_or(0, |(_, bytes)| bytes);
    }

    /// Keeps what is before `index`, and gives the rest.
    fn split_off(&mut self, index: u64) -> BTreeMap<u64, (LogEntry, usize)> {
        let rest = self.entries.split_off(&index);
        self.bytes -= rest.values().map(|(_, bytes)| bytes).sum::<usize>();
        rest
    }
}

/// Who led when its process ended does not lead on, but stands anew. openraft would let it go on in
/// its term, and it does not know any more how far the log was agreed on: it would take the first
/// entry of its term for enough, and answer reads with less than was acknowledged.
fn stand_anew(vote: Vote, id: RaftId) -> Vote {
    let led = vote.committed && vote.leader_id.node_id == id;
    Vote { committed: vote.committed && !led, ..vote }
}

/// What openraft makes of a failure of the disk.
pub(super) fn failed(subject: ErrorSubject<RaftId>, error: &io::Error) -> StorageError {
    StorageIOError::new(subject, ErrorVerb::Write, openraft::AnyError::new(error)).into()
}

/// A value of openraft as bytes.
#[expect(clippy::result_large_err, reason = "the error is openraft's")]
pub(super) fn encode<T: serde::Serialize>(
    subject: ErrorSubject<RaftId>,
    value: &T,
) -> Result<Vec<u8>, StorageError> {
    postcard::to_allocvec(value).map_err(|error| failed(subject, &io::Error::other(error)))
}

impl RaftLogReader<Types> for Log {
    async fn try_get_log_entries<R: RangeBounds<u64> + Clone + Debug + Send>(
        &mut self,
        range: R,
    ) -> Result<Vec<LogEntry>, StorageError> {
        Ok(self.kept().entries.range(range).map(|(_, (entry, _))| entry.clone()).collect())
    }
}

impl RaftLogStorage<Types> for Log {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<Types>, StorageError> {
        let kept = self.kept();
        let last = kept.entries.last_key_value().map(|(_, (entry, _))| entry.log_id);
        Ok(LogState { last_purged_log_id: kept.purged, last_log_id: last.or(kept.purged) })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), StorageError> {
        let write = Write::Fact(Disk::VOTE, encode(ErrorSubject::Vote, vote)?);
        let written = self.disk.written(vec![write]).await;
        written.map_err(|error| failed(ErrorSubject::Vote, &error))?;
        self.kept().vote = Some(*vote);
        Ok(())
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, StorageError> {
        Ok(self.kept().vote)
    }

    /// The callback is answered before the entries last: so a leader has its followers write beside
    /// it, and not after it (Ongaro, 2014, section 10.2.1). Nothing that follows from an entry is
    /// told or taken in before it lasts; see [`Disk::lasts`].
    async fn append<I>(
        &mut self,
        entries: I,
        callback: LogFlushed<Types>,
    ) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = LogEntry> + Send,
        I::IntoIter: Send,
    {
        let mut writes = Vec::new();
        for entry in entries {
            let index = entry.log_id.index;
            let bytes = encode(ErrorSubject::Log(entry.log_id), &entry)?;
            self.kept().insert(entry, bytes.len());
            writes.push(Write::Entry(index, bytes));
        }
        callback.log_io_completed(self.disk.append(writes).await);
        Ok(())
    }

    async fn truncate(&mut self, log_id: LogId) -> Result<(), StorageError> {
        drop(self.kept().split_off(log_id.index));
        let written = self.disk.written(vec![Write::Truncate(log_id.index)]).await;
        written.map_err(|error| failed(ErrorSubject::Log(log_id), &error))
    }

    async fn purge(&mut self, log_id: LogId) -> Result<(), StorageError> {
        {
            let mut kept = self.kept();
            kept.purged = Some(log_id);
            let rest = kept.split_off(log_id.index + 1);
            kept.bytes = rest.values().map(|(_, bytes)| bytes).sum();
            kept.entries = rest;
        }
        let subject = || ErrorSubject::Log(log_id);
        let purged = Write::Fact(Disk::PURGED, encode(subject(), &log_id)?);
        let writes = vec![purged, Write::Purge(log_id.index)];
        let written = self.disk.purge(log_id.index, writes).await;
        written.map_err(|error| failed(subject(), &error))
    }
}
