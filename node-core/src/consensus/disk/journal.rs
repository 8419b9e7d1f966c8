//! Whether a journal that cannot be read to its end was cut short by a crash, or is damaged.
//!
//! The store takes both for the first, and goes on without the rest. But each commit is synced before
//! the next begins, so a crash can spoil the last one alone: where the end of a commit and the
//! beginning of another lie beyond what can be read, something that was acknowledged is gone.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, BufReader, Read, Seek as _, SeekFrom},
    path::Path,
};

/// How a journal of fjall 3 marks its entries: by their first byte.
const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
/// The last of the kinds of value: there are values and two kinds of tombstones.
const WEAK_TOMBSTONE: u8 = 2;
/// How a value that is not compressed is marked.
const NONE: u8 = 0;
/// Ends each commit, after a checksum of eight bytes.
const TRAILER: &[u8; 4] = b"FJL\x03";
const CHECKSUM: usize = 8;
/// Read at once of what lies beyond: most of a journal is a hole.
const PIECE: usize = 64 * 1024;

/// Whether one of the journals in `folder` holds commits beyond what can be read of it.
pub(super) fn is_damaged(folder: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("jnl")) {
            let mut journal = BufReader::new(File::open(&path)?);
            // It is made with room for what is to come.
            if journal.get_ref().metadata()?.len() == 0 {
                return Ok(true);
            }
            let Some(end) = end(&mut journal)? else { return Ok(true) };
            journal.seek(SeekFrom::Start(end))?;
            if has_more(&mut journal)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Where the last commit that can be read ends; none if one is no later than the one before.
fn end(journal: &mut BufReader<File>) -> io::Result<Option<u64>> {
    let (mut last, mut end) = (None, 0);
    loop {
        match commit(journal) {
            Ok(Some(number)) if last.is_none_or(|last| number > last) => {
                (last, end) = (Some(number), journal.stream_position()?);
            }
            Ok(Some(_)) => return Ok(None),
            Ok(None) => return Ok(Some(end)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Some(end)),
            Err(error) => return Err(error),
        }
    }
}

/// The number of the next commit; none if what comes is no commit. Whether its checksum fits is
/// looked at by the store.
fn commit(journal: &mut impl Read) -> io::Result<Option<u64>> {
    let [START] = bytes(journal)? else { return Ok(None) };
    let items = u32::from_le_bytes(bytes(journal)?);
    let number = u64::from_le_bytes(bytes(journal)?);
    for _ in 0..items {
        match bytes(journal)? {
            [ITEM] => {
                let [kind, compression] = bytes(journal)?;
                // The keyspace.
                let [..] = bytes::<8>(journal)?;
                let key = u16::from_le_bytes(bytes(journal)?);
                let whole = u32::from_le_bytes(bytes(journal)?);
                let value = u32::from_le_bytes(bytes(journal)?);
                if kind > WEAK_TOMBSTONE || compression != NONE || value != whole {
                    return Ok(None);
                }
                let length = u64::from(key) + u64::from(value);
                if io::copy(&mut journal.take(length), &mut io::sink())? < length {
                    return Ok(None);
                }
            }
            [CLEAR] => {
                let [..] = bytes::<8>(journal)?;
            }
            [_] => return Ok(None),
        }
    }
    let [END] = bytes(journal)? else { return Ok(None) };
    let [..] = bytes::<CHECKSUM>(journal)?;
    Ok((bytes(journal)? == *TRAILER).then_some(number))
}

fn bytes<const N: usize>(journal: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    journal.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Whether the end of a commit and the beginning of another come.
fn has_more(journal: &mut impl Read) -> io::Result<bool> {
    let (mut rest, mut piece) = (Vec::new(), vec![0; PIECE]);
    let zeros = vec![0; PIECE];
    loop {
        let read = journal.take(PIECE as u64).read(&mut piece)?;
        let Some(found) = piece.get(..read).filter(|found| !found.is_empty()) else { break };
        if Some(found) != zeros.get(..read) {
            rest.extend_from_slice(found);
        } else if rest.last().is_some_and(|last| *last != 0) {
            rest.push(0);
        }
    }
    let length = 1 + CHECKSUM + TRAILER.len() + 1;
    Ok(rest.windows(length).any(|there| {
        let (end, trailer, next) =
            (there.first(), there.get(1 + CHECKSUM..length - 1), there.last());
        end == Some(&END) && trailer == Some(TRAILER) && next == Some(&START)
    }))
}
