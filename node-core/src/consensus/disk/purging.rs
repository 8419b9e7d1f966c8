//! How much of the log may go from the disk: what the snapshot on it has.
//!
//! openraft has the log purged up to a snapshot that it received without waiting for that to be
//! written. A process that ended in between would find neither the entries nor what they led to.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Disk, Write};
use crate::consensus::types::LogId;

/// What may go, and what waits for its snapshot.
#[derive(Debug)]
pub(super) struct Purging(Mutex<Purge>);

#[derive(Debug)]
struct Purge {
    /// The last entry that the snapshot on disk has.
    covered: u64,
    /// What is to be written once it has this entry.
    waits: Option<(u64, Vec<Write>)>,
}

impl Purging {
    pub(super) fn new(snapshot: Option<LogId>) -> Self {
        let covered = snapshot.map_or(0, |id| id.index);
        Self(Mutex::new(Purge { covered, waits: None }))
    }

    fn lock(&self) -> MutexGuard<'_, Purge> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    /// Takes entries up to `upto` out of the log by `writes`: at once if a snapshot on disk has them,
    /// and otherwise when one does.
    pub(in crate::consensus) async fn purge(
        &self,
        upto: u64,
        writes: Vec<Write>,
    ) -> std::io::Result<()> {
        {
            let mut purge = self.purging.lock();
            if upto > purge.covered {
                purge.waits = Some((upto, writes));
                return Ok(());
            }
        }
        self.written(writes).await
    }

    /// Writes a snapshot that has the entries up to `upto`, and then takes those out that waited for
    /// it.
    pub(in crate::consensus) async fn keep(
        &self,
        upto: u64,
        snapshot: Write,
    ) -> std::io::Result<()> {
        self.written(vec![snapshot]).await?;
        let waited = {
            let mut purge = self.purging.lock();
            purge.covered = purge.covered.max(upto);
            let covered = purge.covered;
            purge.waits.take_if(|(upto, _)| *upto <= covered)
        };
        let Some((_, writes)) = waited else { return Ok(()) };
        self.written(writes).await
    }
}
