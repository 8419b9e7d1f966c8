//! How far what was asked of a disk lasts, and who waits for it.

use std::{
    io,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::{Job, Write};

/// How far the log lasts. Who waits is woken in turn, so that equal runs are equal; a `watch` wakes
/// by chance.
#[derive(Debug)]
pub(super) struct Lasting {
    end: Mutex<End>,
    changed: Notify,
}

/// Where it ends on disk.
#[derive(Debug)]
pub(super) struct End {
    /// The index of its last entry.
    pub(super) upto: u64,
    /// How many pieces were appended.
    pub(super) appended: u64,
    /// Why no more will be.
    broken: Option<String>,
}

impl Lasting {
    pub(super) fn new(upto: u64) -> Self {
        let end = Mutex::new(End { upto, appended: 0, broken: None });
        Self { end, changed: Notify::new() }
    }

    /// Whether more will last.
    pub(super) fn works(&self) -> io::Result<()> {
        self.end().works()
    }

    /// Takes in what is on disk.
    pub(super) fn count(&self, batch: &[Job]) {
        let mut end = self.end();
        batch.iter().for_each(|job| end.count(job));
        drop(end);
        self.changed.notify_waiters();
    }

    /// No more will last; the first reason is kept.
    pub(super) fn fail(&self, why: String) {
        self.end().broken.get_or_insert(why);
        self.changed.notify_waiters();
    }

    /// Waits until it lasts so far.
    pub(super) async fn wait_for(&self, far: impl Fn(&End) -> bool) -> io::Result<()> {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            {
                let end = self.end();
                if far(&end) {
                    return Ok(());
                }
                end.works()?;
            }
            changed.await;
        }
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl End {
    fn works(&self) -> io::Result<()> {
        self.broken.as_ref().map_or(Ok(()), |why| Err(io::Error::other(why.clone())))
    }

    fn count(&mut self, job: &Job) {
        self.appended += u64::from(job.told.is_none());
        for write in &job.writes {
            match write {
                Write::Entry(index, _) => self.upto = *index,
                Write::Truncate(from) => self.upto = self.upto.min(from.saturating_sub(1)),
                Write::Purge(upto) => self.upto = self.upto.max(*upto),
                Write::Fact(..) => {}
            }
        }
    }
}
