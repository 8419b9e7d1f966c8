//! K92: openraft's own suite for what stores a log and a state; files whose process was killed at
//! any step of a write; and files of other formats.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use openraft::{
    EntryPayload, StorageError,
    storage::RaftLogStorage as _,
    testing::{StoreBuilder, Suite},
};
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::consensus::{
    ConsensusError,
    disk::{Disk, Loaded, Write},
    log::Log,
    state::State,
    types::{LogEntry, LogId, RaftId, Types, Vote},
};

struct Files;

impl StoreBuilder<Types, Log, State, TempDir> for Files {
    async fn build(&self) -> Result<(TempDir, Log, State), StorageError<RaftId>> {
        let folder = tempfile::tempdir().unwrap();
        let (disk, mut loaded) = Disk::open(&folder.path().join("group.db")).await.unwrap();
        let state = State::new(disk.clone(), &mut loaded).unwrap();
        Ok((folder, Log::new(disk, &mut loaded), state))
    }
}

#[test]
fn log_and_state_keep_what_openraft_asks_of_them() {
    Suite::test_all(Files).unwrap();
}

/// The process ends in the middle of each write: what is opened is what was before it or after it,
/// and nothing that was acknowledged is missing.
#[tokio::test]
async fn file_that_was_written_in_part_holds_a_prefix_of_what_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group.db");
    let (disk, loaded) = Disk::open(&path).await.unwrap();
    let id = loaded.id;
    let mut held = Held::default();
    let mut length = wal(&path).len();

    for step in 0..40 {
        let before = held.clone();
        let writes = job(step);
        held.take_in(&writes);
        disk.written(writes).await.unwrap();
        let whole = wal(&path);
        assert!(whole.len() > length, "step {step} wrote nothing, or began the file anew");
        // Parts of a page, which has 4 KiB and a head.
        for end in (length..whole.len()).step_by(1_000).chain([whole.len() - 1]) {
            let opened = open_copy(&path, &whole[..end]).await;
            assert_eq!((opened.0, &opened.1), (id, &before), "step {step}, cut at {end}");
        }
        let opened = open_copy(&path, &whole).await;
        assert_eq!((opened.0, &opened.1), (id, &held), "step {step}, acknowledged");
        length = whole.len();
    }
}

/// The same between writes, while SQLite moves what was written from one file to the other.
#[tokio::test]
async fn file_whose_process_was_killed_between_writes_holds_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group.db");
    let (disk, _) = Disk::open(&path).await.unwrap();
    let (mut held, mut anew, mut length) = (Held::default(), 0, 0);

    for step in 0..60 {
        let mut writes = job(step);
        // As large as a snapshot, so that SQLite begins its log anew some times.
        let ballast = vec![u8::try_from(step).unwrap(); 300_000];
        writes.push(Write::Fact("ballast", ballast));
        held.take_in(&writes);
        disk.written(writes).await.unwrap();
        let whole = wal(&path);
        anew += usize::from(whole.len() <= length);
        length = whole.len();
        assert_eq!(open_copy(&path, &whole).await.1, held, "step {step}");
    }

    assert!(anew > 0, "the log was never begun anew");
}

/// Who led when its process ended answers no read before it is elected again: it does not know any
/// more what was acknowledged in its term.
#[tokio::test]
async fn leader_that_starts_again_does_not_lead_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group.db");
    let (disk, loaded) = Disk::open(&path).await.unwrap();
    let led = postcard::to_allocvec(&Vote::new_committed(3, loaded.id)).unwrap();
    disk.written(vec![Write::Fact(Disk::VOTE, led)]).await.unwrap();
    drop(disk);

    let (disk, mut loaded) = Disk::open(&path).await.unwrap();
    let id = loaded.id;
    let vote = Log::new(disk, &mut loaded).read_vote().await.unwrap();

    assert_eq!(vote, Some(Vote::new(3, id)));
}

#[tokio::test]
async fn file_of_another_format_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group.db");
    drop(Disk::open(&path).await.unwrap());
    let newer = postcard::to_allocvec(&77_u32).unwrap();
    let mut file = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let update = sqlx::query("UPDATE fact SET bytes = ? WHERE key = 'format'");
    update.bind(&newer).execute(&mut file).await.unwrap();

    let refused = Disk::open(&path).await;

    assert!(matches!(refused, Err(ConsensusError::Format { found: 77, .. })), "{refused:?}");
    let kept = sqlx::query_scalar::<_, Vec<u8>>("SELECT bytes FROM fact WHERE key = 'format'");
    assert_eq!(kept.fetch_one(&mut file).await.unwrap(), newer);
}

/// What a file should hold.
#[derive(Clone, Debug, Default, PartialEq)]
struct Held {
    entries: BTreeMap<u64, LogEntry>,
    vote: Option<Vote>,
    purged: Option<LogId>,
}

impl Held {
    fn take_in(&mut self, writes: &[Write]) {
        for write in writes {
            match write {
                Write::Entry(index, bytes) => {
                    self.entries.insert(*index, postcard::from_bytes(bytes).unwrap());
                }
                Write::Truncate(from) => drop(self.entries.split_off(from)),
                Write::Purge(upto) => self.entries = self.entries.split_off(&(upto + 1)),
                Write::Fact(key, bytes) if *key == Disk::VOTE => {
                    self.vote = Some(postcard::from_bytes(bytes).unwrap());
                }
                Write::Fact(key, bytes) if *key == Disk::PURGED => {
                    self.purged = Some(postcard::from_bytes(bytes).unwrap());
                }
                Write::Fact(..) => {}
            }
        }
    }
}

impl From<Loaded> for Held {
    fn from(loaded: Loaded) -> Self {
        Self { entries: loaded.entries, vote: loaded.vote, purged: loaded.purged }
    }
}

/// What a group writes: votes, runs of entries, the end of a log written anew, its start left out.
fn job(step: u64) -> Vec<Write> {
    let log_id = |index| LogId::new(openraft::CommittedLeaderId::new(step, 1), index);
    let entry = |index| {
        let entry = LogEntry { log_id: log_id(index), payload: EntryPayload::Blank };
        Write::Entry(index, postcard::to_allocvec(&entry).unwrap())
    };
    let first = step / 4 * 5;
    match step % 4 {
        0 => vec![Write::Fact(Disk::VOTE, postcard::to_allocvec(&Vote::new(step, 1)).unwrap())],
        1 => (first..first + 5).map(entry).collect(),
        2 => vec![Write::Truncate(first + 3), entry(first + 3), entry(first + 4)],
        _ => {
            let upto = first.saturating_sub(7);
            let purged = postcard::to_allocvec(&log_id(upto)).unwrap();
            vec![Write::Fact(Disk::PURGED, purged), Write::Purge(upto)]
        }
    }
}

fn wal(path: &Path) -> Vec<u8> {
    fs::read(wal_of(path)).unwrap()
}

fn wal_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// Opens a copy of the file, with this for SQLite's log.
async fn open_copy(path: &Path, wal: &[u8]) -> (RaftId, Held) {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("group.db");
    fs::copy(path, &copy).unwrap();
    fs::write(wal_of(&copy), wal).unwrap();
    let (_disk, loaded) = Disk::open(&copy).await.unwrap();
    (loaded.id, loaded.into())
}
