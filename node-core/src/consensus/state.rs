//! What the entries lead to, and its snapshots.

use std::{
    io::Cursor,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use covey_logic::agreed::Agreed;
use openraft::{
    EntryPayload, ErrorSubject, RaftSnapshotBuilder, StorageIOError, storage::RaftStateMachine,
};
use tokio::{sync::watch, time::Instant};

use super::{
    disk::{Disk, Loaded, Write},
    log::{encode, failed},
    types::{
        Applied, Batch, LogEntry, LogId, Membership, Peer, RaftId, Snapshot, SnapshotMeta,
        StorageError, Types,
    },
};

/// The state of one group; a clone is the same state.
#[derive(Clone, Debug)]
pub(super) struct State {
    disk: Disk,
    kept: Arc<RwLock<Kept>>,
    applied: watch::Sender<u64>,
    revision: watch::Sender<u64>,
    began: End,
}

/// Where a log ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// The index of its last entry.
    pub(super) index: u64,
    /// How many wishes it held, from the first on.
    pub(super) revision: u64,
}

#[derive(Debug, Default)]
struct Kept {
    agreed: Agreed,
    /// When an entry last moved its clock.
    moved: Option<Instant>,
    applied: Option<LogId>,
    membership: Membership,
    snapshot: Option<(SnapshotMeta, Vec<u8>)>,
}

impl State {
    /// As the snapshot has it; the log leads on from there.
    pub(super) fn new(disk: Disk, loaded: &mut Loaded) -> Result<Self, postcard::Error> {
        let mut kept = Kept { snapshot: loaded.snapshot.take(), ..Kept::default() };
        if let Some((meta, bytes)) = &kept.snapshot {
            kept.agreed = postcard::from_bytes(bytes)?;
            kept.applied = meta.last_log_id;
            kept.membership = meta.last_membership.clone();
        }
        let index = kept.applied.map_or(0, |id| id.index);
        let revision = kept.agreed.revision();
        let later = loaded.entries.range(index + 1..).map(|(_, entry)| match &entry.payload {
            EntryPayload::Normal(Batch(wishes)) => wishes.len() as u64,
            EntryPayload::Blank | EntryPayload::Membership(_) => 0,
        });
        let began = End { index: loaded.last_index(), revision: revision + later.sum::<u64>() };
        let (applied, _) = watch::channel(index);
        let (revision, _) = watch::channel(revision);
        Ok(Self { disk, kept: Arc::new(RwLock::new(kept)), applied, revision, began })
    }

    /// Where the log ended on the disk.
    pub(super) fn began(&self) -> End {
        self.began
    }

    /// Looks at what was taken in.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Agreed) -> T) -> T {
        look(&self.kept().agreed)
    }

    /// Where the clock of the group is at least, in nanoseconds.
    pub(super) fn clock(&self) -> u64 {
        let kept = self.kept();
        let since = kept.moved.map_or(0, |at| at.elapsed().as_nanos());
        kept.agreed.clock().saturating_add(u64::try_from(since).unwrap_or(u64::MAX))
    }

    /// What was taken in, and the index of the last entry of it.
    pub(super) fn copy(&self) -> (Agreed, u64) {
        let kept = self.kept();
        (kept.agreed.clone(), kept.applied.map_or(0, |id| id.index))
    }

    /// The index of the last entry that was taken in, and of each that follows.
    pub(super) fn applied(&self) -> watch::Receiver<u64> {
        self.applied.subscribe()
    }

    /// How many wishes were taken in, and as they become more.
    pub(super) fn revision(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    fn tell(&self) {
        let (index, revision) = {
            let kept = self.kept();
            (kept.applied.map_or(0, |id| id.index), kept.agreed.revision())
        };
        self.applied.send_replace(index);
        self.revision.send_if_modified(|now| std::mem::replace(now, revision) != revision);
    }

    fn kept(&self) -> RwLockReadGuard<'_, Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept_mut(&self) -> RwLockWriteGuard<'_, Kept> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a snapshot, on disk first.
    async fn keep(&self, meta: SnapshotMeta, bytes: Vec<u8>) -> Result<(), StorageError> {
        let subject = || ErrorSubject::Snapshot(Some(meta.signature()));
        let both = (meta.clone(), bytes);
        let fact = Write::Fact(Disk::SNAPSHOT, encode(subject(), &both)?);
        let upto = meta.last_log_id.map_or(0, |id| id.index);
        let written = self.disk.keep(upto, fact).await;
        written.map_err(|error| failed(subject(), &error))?;
        self.kept_mut().snapshot = Some(both);
        Ok(())
    }
}

impl RaftStateMachine<Types> for State {
    type SnapshotBuilder = Self;

    async fn applied_state(
        &mut self,
    ) -> Result<(Option<LogId>, openraft::StoredMembership<RaftId, Peer>), StorageError> {
        let kept = self.kept();
        Ok((kept.applied, kept.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Applied>, StorageError>
    where
        I: IntoIterator<Item = LogEntry> + Send,
        I::IntoIter: Send,
    {
        // A majority without this disk is none.
        let lasts = self.disk.lasts().await;
        lasts.map_err(|error| failed(ErrorSubject::Logs, &error))?;
        let mut kept = self.kept_mut();
        let before = kept.agreed.clock();
        let mut answers = Vec::new();
        for entry in entries {
            kept.applied = Some(entry.log_id);
            answers.push(Applied(match entry.payload {
                EntryPayload::Blank => Vec::new(),
                EntryPayload::Normal(Batch(wishes)) => {
                    wishes.iter().map(|wish| kept.agreed.apply(wish.clone())).collect()
                }
                EntryPayload::Membership(members) => {
                    kept.membership = Membership::new(Some(entry.log_id), members);
                    Vec::new()
                }
            }));
        }
        if kept.agreed.clock() > before {
            kept.moved = Some(Instant::now());
        }
        drop(kept);
        self.tell();
        Ok(answers)
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<Cursor<Vec<u8>>>, StorageError> {
        Ok(Box::default())
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta,
        snapshot: Box<Cursor<Vec<u8>>>,
    ) -> Result<(), StorageError> {
        let bytes = snapshot.into_inner();
        let agreed = postcard::from_bytes(&bytes).map_err(|error| {
            StorageIOError::read_snapshot(Some(meta.signature()), openraft::AnyError::new(&error))
        })?;
        self.keep(meta.clone(), bytes).await?;
        {
            let mut kept = self.kept_mut();
            kept.agreed = agreed;
            kept.moved = Some(Instant::now());
            kept.applied = meta.last_log_id;
            kept.membership = meta.last_membership.clone();
        }
        self.tell();
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot>, StorageError> {
        let kept = self.kept();
        Ok(kept.snapshot.as_ref().map(|(meta, bytes)| Snapshot {
            meta: meta.clone(),
            snapshot: Box::new(Cursor::new(bytes.clone())),
        }))
    }
}

impl RaftSnapshotBuilder<Types> for State {
    async fn build_snapshot(&mut self) -> Result<Snapshot, StorageError> {
        let (meta, bytes) = {
            let kept = self.kept();
            let bytes = encode(ErrorSubject::StateMachine, &kept.agreed)?;
            let place = kept.applied.map_or((0, 0), |id| (id.leader_id.term, id.index));
            let meta = SnapshotMeta {
                last_log_id: kept.applied,
                last_membership: kept.membership.clone(),
                snapshot_id: format!("{}-{}", place.0, place.1),
            };
            (meta, bytes)
        };
        self.keep(meta.clone(), bytes.clone()).await?;
        Ok(Snapshot { meta, snapshot: Box::new(Cursor::new(bytes)) })
    }
}
