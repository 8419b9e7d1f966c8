//! A day's minutes, in a file for each hour.
//!
//! Each file begins with what it is and its format, and each minute in it with its length and a
//! sum: what a crash cut off, or a disk lost, ends what is read of that hour. Nothing is synced: of
//! what was measured in the last seconds before a power cut nothing depends.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use covey_logic::monitor::{Minute, Subject};

/// Bytes that all files take at most; beyond, the oldest hours go.
///
/// A minute of an agent takes 60 bytes at rest, and 350 if it answered ten messages a second: a day
/// of a node with 20 busy agents 11 MB, of one with 1,000 at rest 86 MB. With 1,000 that are all
/// busy half a day is kept.
pub const MAX_LEN: u64 = 256 << 20;

const MAGIC: &[u8; 8] = b"covey-m1";
/// Hours that are kept beside the one that is written.
const HOURS: u64 = 24;
/// The longest minute that is read back: 100,000 agents, and some.
const MAX_MINUTE: usize = 64 << 20;

/// The files in one folder.
#[derive(Clone, Debug)]
pub(super) struct History {
    folder: PathBuf,
    max_len: u64,
}

impl History {
    /// The files in `folder`, which is made with the first minute.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, max_len: MAX_LEN }
    }

    #[cfg(test)]
    pub(super) fn with_max_len(self, max_len: u64) -> Self {
        Self { max_len, ..self }
    }

    /// Adds a minute, and removes hours that are too old or too much.
    ///
    /// # Errors
    ///
    /// The operating system's; then the minute is lost.
    pub(super) fn append(&self, minute: &Minute) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let body = postcard::to_allocvec(minute).map_err(io::Error::other)?;
        let len = u32::try_from(body.len()).map_err(io::Error::other)?;
        let path = self.path(minute.at / 60);
        let mut frame = Vec::with_capacity(body.len() + 16);
        if !path.exists() {
            self.forget(minute.at / 60)?;
            frame.extend_from_slice(MAGIC);
        }
        frame.extend_from_slice(&len.to_le_bytes());
        frame.extend_from_slice(&sum(&body));
        frame.extend_from_slice(&body);
        fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(&frame)
    }

    /// The minutes from one to another, without that, as far as they were kept, and in order; of
    /// them what `wanted` says, so that few agents of many take little memory.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub(super) fn read(
        &self,
        (from, to): (u64, u64),
        wanted: impl Fn(&Subject) -> bool,
    ) -> io::Result<Vec<Minute>> {
        let mut minutes = Vec::new();
        for (hour, path) in self.files()? {
            if hour * 60 < to && (hour + 1) * 60 > from {
                for_each_minute(&fs::read(path)?, |mut minute| {
                    if (from..to).contains(&minute.at) {
                        minute.of.retain(|of| wanted(&of.subject));
                        minutes.push(minute);
                    }
                });
            }
        }
        minutes.sort_by_key(|minute| minute.at);
        Ok(minutes)
    }

    fn forget(&self, hour: u64) -> io::Result<()> {
        let mut files = self.files()?;
        files.sort_unstable();
        let sizes = |files: &[(u64, PathBuf)]| -> u64 {
            files.iter().filter_map(|(_, path)| Some(path.metadata().ok()?.len())).sum()
        };
        while let Some((oldest, path)) = files.first() {
            // A clock that was set back leaves hours behind that are yet to come.
            let old = oldest + HOURS < hour || *oldest > hour + 1;
            if !old && sizes(&files) < self.max_len {
                break;
            }
            fs::remove_file(path)?;
            files.remove(0);
        }
        Ok(())
    }

    fn files(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let hour = |path: PathBuf| Some((path.file_stem()?.to_str()?.parse().ok()?, path));
        let files = entries.flatten().map(|entry| entry.path());
        Ok(files.filter(|path| is_ours(path)).filter_map(hour).collect())
    }

    fn path(&self, hour: u64) -> PathBuf {
        self.folder.join(format!("{hour}.hour"))
    }
}

fn is_ours(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "hour")
}

fn for_each_minute(bytes: &[u8], mut take: impl FnMut(Minute)) {
    // Another format is of another version: it is measured anew.
    let Some(mut rest) = bytes.strip_prefix(MAGIC) else { return };
    while let Some((minute, after)) = next(rest) {
        take(minute);
        rest = after;
    }
}

fn next(bytes: &[u8]) -> Option<(Minute, &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    let (kept, rest) = rest.split_first_chunk::<4>()?;
    let len = usize::try_from(u32::from_le_bytes(*len)).ok().filter(|len| *len <= MAX_MINUTE)?;
    let (body, rest) = rest.split_at_checked(len)?;
    (sum(body) == *kept).then_some(())?;
    Some((postcard::from_bytes(body).ok()?, rest))
}

fn sum(body: &[u8]) -> [u8; 4] {
    let hash = blake3::hash(body);
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}
