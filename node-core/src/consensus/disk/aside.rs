//! Setting a damaged store aside.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use super::store::note_of;
use crate::clock;

/// What lies between the name of a store and the moment at which it was set aside.
const MARK: &str = "-damaged-";
/// Damaged stores of one group that are kept, for who wants to look at them.
const KEPT: usize = 2;

/// Renames the store in the folder at `path`, so that an empty one can be made there; gives where it
/// is. Of those that were set aside before, the oldest go.
pub(in crate::consensus) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!("{name}{MARK}");
    // Its number first: without it, an empty store is one that was made this moment.
    match fs::remove_file(note_of(path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    // As many digits for ever, so that the order of the names is that of time.
    let aside = folder.join(format!("{prefix}{:016}", clock::wall().0));
    fs::rename(path, &aside)?;
    let mut before = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            before.push(entry.path());
        }
    }
    before.sort();
    for oldest in before.iter().rev().skip(KEPT) {
        fs::remove_dir_all(oldest)?;
    }
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(aside)
}
