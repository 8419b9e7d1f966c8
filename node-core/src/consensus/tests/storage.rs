//! K92: openraft's own suite for what stores a log and a state; stores whose process was killed at
//! any step of a write; and stores of other formats.

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use covey_logic::agreed::Agreed;
use openraft::{
    EntryPayload, StorageError,
    storage::{RaftLogStorage as _, RaftStateMachine as _},
    testing::{StoreBuilder, Suite},
};
use tempfile::TempDir;

use crate::consensus::{
    ConsensusError,
    disk::{Disk, Loaded, Write},
    log::Log,
    state::State,
    types::{LogEntry, LogId, RaftId, SnapshotMeta, Types, Vote},
};

struct Files;

impl StoreBuilder<Types, Log, State, TempDir> for Files {
    async fn build(&self) -> Result<(TempDir, Log, State), StorageError<RaftId>> {
        let folder = tempfile::tempdir().unwrap();
        let (disk, mut loaded) = Disk::open(&folder.path().join("group")).await.unwrap();
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
async fn store_that_was_written_in_part_holds_a_prefix_of_what_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group");
    let (disk, loaded) = Disk::open(&path).await.unwrap();
    let id = loaded.id;
    let mut held = Held::default();
    let mut length = written(&journal(&path));

    for step in 0..16 {
        let before = held.clone();
        let writes = job(step);
        held.take_in(&writes);
        disk.written(writes).await.unwrap();
        let end = written(&journal(&path));
        assert!(end > length, "step {step} wrote nothing, or began the journal anew");
        for cut in (length..end).step_by(80).chain([end - 1]) {
            let opened = open_copy(&path, Some(cut)).await;
            assert_eq!((opened.0, &opened.1), (id, &before), "step {step}, cut at {cut}");
        }
        let opened = open_copy(&path, Some(end)).await;
        assert_eq!((opened.0, &opened.1), (id, &held), "step {step}, acknowledged");
        length = end;
    }
}

/// The same between writes, while fjall sorts what is in the journal into tables.
#[tokio::test]
async fn store_whose_process_was_killed_between_writes_holds_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group");
    let (disk, _) = Disk::open(&path).await.unwrap();
    let mut held = Held::default();

    for step in 0..40 {
        let mut writes = job(step);
        // As large as a snapshot, so that tables are written some times.
        let ballast = vec![u8::try_from(step).unwrap(); 300_000];
        writes.push(Write::Fact("ballast", ballast));
        held.take_in(&writes);
        disk.written(writes).await.unwrap();
        assert_eq!(open_copy(&path, None).await.1, held, "step {step}");
    }

    assert!(tables(&path) > 0, "no table was written");
}

/// What a received snapshot has leaves the log on disk with it, not before.
#[tokio::test]
async fn log_is_purged_once_a_snapshot_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group");
    let (disk, mut loaded) = Disk::open(&path).await.unwrap();
    let mut state = State::new(disk.clone(), &mut loaded).unwrap();
    let mut log = Log::new(disk.clone(), &mut loaded);
    let upto = LogId::new(openraft::CommittedLeaderId::new(1, loaded.id), 39);

    log.purge(upto).await.unwrap();
    let before = open_copy(&path, None).await.1;
    let meta = SnapshotMeta { last_log_id: Some(upto), ..SnapshotMeta::default() };
    let bytes = postcard::to_allocvec(&Agreed::default()).unwrap();
    state.install_snapshot(&meta, Box::new(Cursor::new(bytes))).await.unwrap();
    disk.close().await;

    assert_eq!(before, Held::default());
    let (_, loaded) = Disk::open(&path).await.unwrap();
    assert_eq!(loaded.purged, Some(upto));
    assert!(loaded.snapshot.is_some());
}

/// Who led when its process ended answers no read before it is elected again: it does not know any
/// more what was acknowledged in its term.
#[tokio::test]
async fn leader_that_starts_again_does_not_lead_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group");
    let (disk, loaded) = Disk::open(&path).await.unwrap();
    let led = postcard::to_allocvec(&Vote::new_committed(3, loaded.id)).unwrap();
    disk.written(vec![Write::Fact(Disk::VOTE, led)]).await.unwrap();
    disk.close().await;

    let (disk, mut loaded) = Disk::open(&path).await.unwrap();
    let id = loaded.id;
    let vote = Log::new(disk, &mut loaded).read_vote().await.unwrap();

    assert_eq!(vote, Some(Vote::new(3, id)));
}

#[tokio::test]
async fn store_of_another_format_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group");
    let (disk, _) = Disk::open(&path).await.unwrap();
    let newer = postcard::to_allocvec(&77_u32).unwrap();
    disk.written(vec![Write::Fact(Disk::FORMAT, newer)]).await.unwrap();
    disk.close().await;
    let before = written(&journal(&path));

    for _ in 0..2 {
        let refused = Disk::open(&path).await;
        assert!(matches!(refused, Err(ConsensusError::Format { found: 77, .. })), "{refused:?}");
    }

    assert_eq!(written(&journal(&path)), before);
}

/// It was closed, and is opened again at once.
#[tokio::test]
async fn store_that_was_closed_takes_no_more_and_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group");
    let (disk, loaded) = Disk::open(&path).await.unwrap();
    let other = disk.clone();
    disk.close().await;

    assert!(other.written(job(0)).await.is_err());
    assert_eq!(Disk::open(&path).await.unwrap().1.id, loaded.id);
}

/// What a file should hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Held {
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
pub(super) fn job(step: u64) -> Vec<Write> {
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

/// The journal of a store that has one.
pub(super) fn journal(path: &Path) -> PathBuf {
    let mut all = files(path).into_iter().filter(|file| file.extension() == Some("jnl".as_ref()));
    all.next().unwrap()
}

/// The tables of a store.
pub(super) fn tables(path: &Path) -> usize {
    files(path).iter().filter(|file| file.parent().unwrap().ends_with("tables")).count()
}

/// How far a journal is written: it is longer than that, for the writes to come.
fn written(journal: &Path) -> usize {
    contents(journal).len()
}

/// What is in a file, without the zeros at its end.
pub(super) fn contents(path: &Path) -> Vec<u8> {
    let file = fs::File::open(path).unwrap();
    // The rest is a hole, which takes no blocks and long to read.
    let blocks = file.metadata().unwrap().blocks() * 512;
    let mut bytes = Vec::new();
    file.take(blocks).read_to_end(&mut bytes).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.truncate(end);
    bytes
}

/// Every file below a folder.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Opens a copy of the store, whose journal was written so far.
async fn open_copy(path: &Path, end: Option<usize>) -> (RaftId, Held) {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("group");
    for file in files(path) {
        let to = copy.join(file.strip_prefix(path).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if file.extension() == Some("jnl".as_ref()) {
            let mut bytes = contents(&file);
            bytes.truncate(end.unwrap_or(usize::MAX));
            fs::write(&to, bytes).unwrap();
            let copy = fs::OpenOptions::new().write(true).open(to).unwrap();
            copy.set_len(file.metadata().unwrap().len()).unwrap();
        } else if let Err(error) = fs::copy(&file, &to) {
            // A table that was merged into another meanwhile.
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}");
        }
    }
    let (_disk, loaded) = Disk::open(&copy).await.unwrap();
    (loaded.id, loaded.into())
}
