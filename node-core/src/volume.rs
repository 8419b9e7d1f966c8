//! The volume that a folder lies on: whether it takes writes, and how much room it has.

use std::{
    fs,
    io::{self, ErrorKind, Write as _},
    path::Path,
};

/// Why a volume takes no writes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no room, or too little to go on with.
    #[error("the disk is full: {free_bytes} bytes are free")]
    Full {
        /// As much is free.
        free_bytes: u64,
    },
    /// It can only be read.
    #[error("the disk can only be read")]
    ReadOnly,
    /// It says something else.
    #[error("the disk fails: {reason}")]
    Fails {
        /// What the operating system said.
        reason: String,
    },
}

/// As much must be free for a store that stopped to go on: a table of the group's store, and what
/// SQLite writes between two checkpoints of a quiet node, so that it does not stop again at once.
pub const ROOM: u64 = 8 * 1024 * 1024;
/// Bytes written to see whether writes are taken.
const TRIAL: usize = 4_096;

/// Writes something to `folder` and takes it away again.
///
/// # Errors
///
/// [`Refusal`], if that fails or less than [`ROOM`] is free.
pub fn probe(folder: &Path) -> Result<(), Refusal> {
    let free_bytes = free(folder).unwrap_or(u64::MAX);
    let path = folder.join("probe");
    let tried = write(&path);
    // It may never have been there.
    drop(fs::remove_file(&path));
    match tried {
        Ok(()) if free_bytes < ROOM => Err(Refusal::Full { free_bytes }),
        Ok(()) => Ok(()),
        Err(error) => Err(refusal(&error, free_bytes)),
    }
}

fn refusal(error: &io::Error, free_bytes: u64) -> Refusal {
    let kind = error.kind();
    if matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        Refusal::Full { free_bytes }
    } else if kind == ErrorKind::ReadOnlyFilesystem {
        Refusal::ReadOnly
    } else {
        Refusal::Fails { reason: error.to_string() }
    }
}

fn write(path: &Path) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(&[0; TRIAL])?;
    file.sync_all()
}

/// Puts `bytes` in the place of what the file at `path` holds: beside it first, so that a crash leaves
/// either. It is on disk when this returns.
///
/// # Errors
///
/// The operating system's; the file is as it was, or holds `bytes`.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("fresh");
    let mut file = fs::File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Bytes that are free to us on the volume of `folder`, and bytes of it in all; none where that is
/// not told.
#[cfg(unix)]
#[must_use]
pub fn room(folder: &Path) -> Option<(u64, u64)> {
    let found = rustix::fs::statvfs(folder).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some((bytes(found.f_bavail), bytes(found.f_blocks)))
}

/// The write itself tells.
#[cfg(not(unix))]
#[must_use]
pub fn room(_: &Path) -> Option<(u64, u64)> {
    None
}

fn free(folder: &Path) -> Option<u64> {
    room(folder).map(|(free, _)| free)
}
