//! Stores that are not what was written: found out when they are opened, whatever was damaged.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::storage::{Held, contents, files, job, journal, tables};
use crate::consensus::{
    ConsensusError,
    disk::{Disk, Write},
};

/// Writes of a store, some of which are in tables and the rest in its journal.
const STEPS: u64 = 40;
/// Between two bytes of the journal of which a bit is flipped.
const STRIDE: usize = 97;
/// Bits flipped in each other file.
const PLACES: usize = 16;
/// As large as a snapshot: some of these and a table is written.
const BALLAST: usize = 300_000;

/// K92: a bit is flipped in the middle of the journal: nothing of it is given for the whole.
#[tokio::test]
async fn flipped_bit_in_the_journal_is_found() {
    let (folder, whole) = store(0).await;
    let path = folder.path().join("group");
    let journal = journal(&path);
    let bytes = contents(&journal);
    let last = bytes.windows(4).rposition(|there| there == b"FJL\x03").unwrap();
    let last_but_one = bytes[..last].windows(4).rposition(|there| there == b"FJL\x03").unwrap();

    for place in (0..last_but_one).step_by(STRIDE) {
        let copy = copy_of(&path);
        flip(&copy.path().join("group").join(journal.file_name().unwrap()), place);
        match opened(&copy.path().join("group")).await {
            Ok(held) => assert_eq!(held, whole, "byte {place} is of no matter"),
            Err(error) => assert!(error.is_damage(), "byte {place}: {error}"),
        }
    }
}

/// Each other file: what is opened is whole, or refused as damaged.
#[tokio::test]
async fn flipped_bit_in_any_other_file_is_found() {
    let (folder, whole) = store(BALLAST).await;
    let path = folder.path().join("group");
    let journal = journal(&path);
    let others = files(&path).into_iter().filter(|file| *file != journal);

    for file in others.filter(|file| file.metadata().unwrap().len() > 0) {
        let length = usize::try_from(file.metadata().unwrap().len()).unwrap();
        for place in (0..length).step_by(length.div_ceil(PLACES)) {
            let copy = copy_of(&path);
            flip(&copy.path().join("group").join(file.strip_prefix(&path).unwrap()), place);
            match opened(&copy.path().join("group")).await {
                Ok(held) => assert_eq!(held, whole, "byte {place} of {file:?} is of no matter"),
                Err(error) => assert!(error.is_damage(), "byte {place} of {file:?}: {error}"),
            }
        }
    }
}

/// Each file, cut in half or gone: what is opened is whole, or refused as damaged. Of a journal the
/// end may be missing, as after a crash, and never everything.
#[tokio::test]
async fn truncated_file_is_found() {
    let (folder, whole) = store(BALLAST).await;
    let path = folder.path().join("group");

    for file in files(&path).into_iter().filter(|file| file.metadata().unwrap().len() > 0) {
        for part in [0, 2] {
            let copy = copy_of(&path);
            let place = copy.path().join("group").join(file.strip_prefix(&path).unwrap());
            let length = contents(&place).len() as u64;
            let file = fs::OpenOptions::new().write(true).open(&place).unwrap();
            file.set_len(length.checked_div(part).unwrap_or(0)).unwrap();
            match opened(&copy.path().join("group")).await {
                Ok(held) => {
                    let cut = place.extension() == Some("jnl".as_ref()) && part > 0;
                    assert!(held == whole || cut, "{place:?} cut to a part of {part}");
                }
                Err(error) => assert!(error.is_damage(), "{place:?}: {error:?}"),
            }
        }
    }
}

/// What a crash leaves of the last commit is no damage.
#[tokio::test]
async fn commit_that_was_cut_short_is_no_damage() {
    let (folder, _) = store(0).await;
    let path = folder.path().join("group");
    let journal = journal(&path);
    let bytes = contents(&journal);
    let last = bytes.windows(4).rposition(|there| there == b"FJL\x03").unwrap();

    for spoilt in [last, last + 3] {
        let copy = copy_of(&path);
        flip(&copy.path().join("group").join(journal.file_name().unwrap()), spoilt);
        let opened = opened(&copy.path().join("group")).await;
        assert!(opened.is_ok(), "byte {spoilt}: {opened:?}");
    }
}

/// A store that was written for a while, and what it holds.
async fn store(ballast: usize) -> (TempDir, Held) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group");
    let (disk, _) = Disk::open(&path).await.unwrap();
    for step in 0..STEPS {
        let mut writes = job(step);
        writes.push(Write::Fact("ballast", vec![7; ballast]));
        disk.written(writes).await.unwrap();
    }
    disk.close().await;
    assert!(ballast == 0 || tables(&path) > 0, "no table was written");
    let whole = opened(&path).await.unwrap();
    (folder, whole)
}

async fn opened(path: &Path) -> Result<Held, ConsensusError> {
    let (disk, loaded) = Disk::open(path).await?;
    disk.close().await;
    Ok(loaded.into())
}

/// The store and what is noted beside it.
fn copy_of(path: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = path.parent().unwrap();
    for file in files(from) {
        let to = folder.path().join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if file.extension() == Some("jnl".as_ref()) {
            fs::write(to, contents(&file)).unwrap();
        } else {
            fs::copy(&file, to).unwrap();
        }
    }
    folder
}

fn flip(path: &Path, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 0x10;
    fs::write(path, bytes).unwrap();
}
