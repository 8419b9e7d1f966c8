//! The one task that writes: it commits what is queued together and tells when it is on disk.

use std::{collections::VecDeque, future::pending, io, path::Path, time::Duration};

use covey_logic::{
    Incarnation, NodeId, Ticket,
    event_store::{Expiry, Retention},
    node::Record,
};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::spawn_blocking,
    time::{Instant, sleep_until},
};

use super::{
    error::{BadRow, StoreTrouble, is_damage},
    events::Ids,
    expire::{self, Dropped},
    keepsake::Keeper,
    load,
    open::KnownAddresses,
    rows::{self, Batch},
};
use crate::volume::{self, Refusal};

/// Records of one commit: beyond, a larger one gains little (measured: 225,000 rows/s at 1,000).
/// A commit waits for no more than what is queued: while it syncs, about 1 ms, the next one fills.
const MAX_BATCH_RECORDS: usize = 1_000;

/// What became of an append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreEvent {
    /// Its records are on disk.
    Appended {
        /// Which append.
        ticket: Ticket,
    },
    /// None of its records is on disk for now. They are kept until the disk takes writes again, and
    /// then they are [`Appended`](Self::Appended), before anything else is.
    Failed {
        /// Which append.
        ticket: Ticket,
        /// What SQLite said.
        reason: String,
    },
    /// The disk takes writes again, and everything that had failed was written.
    Mended,
    /// The disk took no writes for so long that what waits for it is too much to be kept.
    Overrun,
    /// Old events were dropped, as many as at once.
    Dropped {
        /// For each node of which events went, the number of the first that is left.
        firsts: Vec<(NodeId, u64)>,
        /// Whether there are more to drop.
        more: bool,
    },
    /// Events grew by a good part of what they may take since old ones were last dropped.
    Grown,
}

/// What the writer is told.
#[derive(Debug)]
pub(super) enum Job {
    Append {
        ticket: Ticket,
        records: Vec<Record>,
    },
    Addresses(Vec<KnownAddresses>),
    NextIncarnation(oneshot::Sender<Result<Incarnation, sqlx::Error>>),
    Drop(Expiry),
    Flush(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
    /// A reader found the database damaged.
    Damaged(String),
    /// Others hold own events up to this one.
    Forgot {
        last: u64,
    },
}

/// The open database, and what is kept beside it.
#[derive(Debug)]
pub(super) struct File {
    pub(super) connection: SqliteConnection,
    /// How the connection was opened, to open another.
    pub(super) options: SqliteConnectOptions,
    pub(super) ids: Ids,
    pub(super) keeper: Keeper,
}

/// What could not be written, and waits.
#[derive(Debug)]
struct Owed {
    tickets: Vec<Ticket>,
    batch: Batch,
    reason: String,
    retry_at: Instant,
}

/// The task's own state.
#[derive(Debug)]
pub(super) struct Writer {
    file: File,
    jobs: mpsc::Receiver<Job>,
    events: mpsc::Sender<StoreEvent>,
    /// Waits for room in `events`: the driver may be waiting for room in `jobs` at that moment.
    unsaid: VecDeque<StoreEvent>,
    /// What waits for the disk to take writes.
    owed: Option<Owed>,
    /// What was found damaged: nothing is written any more.
    damage: Option<String>,
    /// Why nothing is written, for people.
    trouble: watch::Sender<Option<StoreTrouble>>,
    /// Bytes that events may take, and by how many they grew since old ones were last dropped.
    grown: (u64, u64),
    /// Counts the commits of events, for who follows them.
    news: watch::Sender<u64>,
}

impl Writer {
    /// Events may take so much more, as a part of all that they may, before old ones are dropped.
    const GROWTH: u64 = 32;

    /// Between two looks at whether a disk that took no writes takes some.
    const RETRY_INTERVAL: Duration = Duration::from_secs(1);
    /// Events that may wait for that: some 100 MiB of memory.
    const OWED_EVENTS: usize = 200_000;

    pub(super) fn new(
        file: File,
        jobs: mpsc::Receiver<Job>,
        events: mpsc::Sender<StoreEvent>,
        (news, trouble): (watch::Sender<u64>, watch::Sender<Option<StoreTrouble>>),
    ) -> Self {
        let grown = (Retention::default().bytes, 0);
        let (unsaid, owed, damage) = (VecDeque::new(), None, None);
        Self { file, jobs, events, unsaid, owed, damage, trouble, grown, news }
    }

    /// Serves until the store is closed or its last handle is gone, and everything queued is on
    /// disk.
    pub(super) async fn run(mut self) {
        let mut closing = None;
        while let Some(job) = self.next_job().await {
            let mut tickets = Vec::new();
            let after = match self.owed.take() {
                Some(mut owed) => {
                    let after = self.collect(job, &mut tickets, &mut owed.batch);
                    self.owe(owed, tickets);
                    after
                }
                None => {
                    let mut batch = Batch::default();
                    let after = self.collect(job, &mut tickets, &mut batch);
                    self.commit(tickets, batch).await;
                    after
                }
            };
            match after {
                Some(Job::NextIncarnation(reply)) => {
                    let next = self.next_incarnation().await;
                    let _caller_gone = reply.send(next);
                }
                Some(Job::Flush(reply)) => {
                    let _caller_gone = reply.send(());
                }
                Some(Job::Drop(expiry)) => self.drop_events(expiry).await,
                Some(Job::Close(reply)) => {
                    closing = Some(reply);
                    break;
                }
                Some(Job::Damaged(fault)) => self.found_damage(fault),
                Some(Job::Forgot { last }) => self.found_older(last).await,
                Some(Job::Append { .. } | Job::Addresses(_)) | None => {}
            }
        }
        self.retry().await;
        // From here on, handles find the queue closed.
        drop(self.jobs);
        if let Err(error) = self.file.connection.close().await {
            tracing::warn!(%error, "store did not close cleanly");
        }
        if let Some(reply) = closing {
            let _caller_gone = reply.send(());
        }
        for event in self.unsaid {
            if self.events.send(event).await.is_err() {
                break;
            }
        }
    }

    async fn next_job(&mut self) -> Option<Job> {
        loop {
            if self.owed.as_ref().is_some_and(|owed| owed.retry_at <= Instant::now()) {
                self.retry().await;
            }
            let retry_at = self.owed.as_ref().map(|owed| owed.retry_at);
            let due = async {
                match retry_at {
                    Some(at) => sleep_until(at).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                room = self.events.reserve(), if !self.unsaid.is_empty() => match room {
                    Ok(room) => {
                        if let Some(event) = self.unsaid.pop_front() {
                            room.send(event);
                        }
                    }
                    Err(_receiver_gone) => self.unsaid.clear(),
                },
                job = self.jobs.recv() => return job,
            }
        }
    }

    /// Gathers appends that belong to one commit; gives the job that ended the gathering.
    fn collect(&mut self, first: Job, tickets: &mut Vec<Ticket>, batch: &mut Batch) -> Option<Job> {
        let mut count = 0;
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Append { ticket, records } => {
                    count += records.len();
                    tickets.push(ticket);
                    records.into_iter().for_each(|record| batch.add(record));
                }
                Job::Addresses(addresses) => batch.set_addresses(addresses),
                Job::NextIncarnation(_)
                | Job::Drop(_)
                | Job::Flush(_)
                | Job::Close(_)
                | Job::Damaged(_)
                | Job::Forgot { .. } => return Some(job),
            }
            next = if count < MAX_BATCH_RECORDS { self.jobs.try_recv().ok() } else { None };
        }
        None
    }

    async fn commit(&mut self, tickets: Vec<Ticket>, batch: Batch) {
        if !batch.is_empty() {
            match self.write(&batch).await {
                Ok(size) => self.wrote(size, &batch),
                Err(error) => {
                    let (reason, retry_at) = (self.refused(&error).await, Instant::now());
                    let owed = Owed { tickets: Vec::new(), batch, reason, retry_at };
                    self.owe(owed, tickets);
                    return;
                }
            }
        }
        self.unsaid.extend(tickets.into_iter().map(|ticket| StoreEvent::Appended { ticket }));
        self.say();
    }

    /// Keeps what cannot be written, and says so to those who asked.
    fn owe(&mut self, mut owed: Owed, tickets: Vec<Ticket>) {
        let failed = tickets
            .iter()
            .map(|ticket| StoreEvent::Failed { ticket: *ticket, reason: owed.reason.clone() });
        self.unsaid.extend(failed);
        if owed.batch.event_count() > Self::OWED_EVENTS {
            self.unsaid.push_back(StoreEvent::Overrun);
        }
        owed.tickets.extend(tickets);
        owed.retry_at = owed.retry_at.max(Instant::now() + Self::RETRY_INTERVAL);
        self.owed = Some(owed);
        self.say();
    }

    /// Writes what waits if the disk takes it, over another connection: SQLite does not say what
    /// state a failure of the disk leaves one in.
    async fn retry(&mut self) {
        let Some(mut owed) = self.owed.take() else { return };
        match self.reopened(&owed.batch).await {
            Ok(size) => {
                tracing::info!("the store takes writes again");
                self.wrote(size, &owed.batch);
                let tickets = owed.tickets.into_iter();
                self.unsaid.extend(tickets.map(|ticket| StoreEvent::Appended { ticket }));
                self.unsaid.push_back(StoreEvent::Mended);
                self.trouble.send_replace(None);
                self.say();
            }
            Err(error) => {
                owed.reason = self.refused(&error).await;
                owed.retry_at = Instant::now() + Self::RETRY_INTERVAL;
                self.owed = Some(owed);
            }
        }
    }

    async fn reopened(&mut self, batch: &Batch) -> Result<u64, sqlx::Error> {
        self.undamaged()?;
        self.probe().await.map_err(|refusal| sqlx::Error::Io(io::Error::other(refusal)))?;
        let mut connection = self.file.options.connect().await?;
        self.file.ids = Ids::load(&mut connection).await?;
        self.file.connection = connection;
        self.write(batch).await
    }

    fn undamaged(&self) -> Result<(), sqlx::Error> {
        match &self.damage {
            Some(fault) => Err(sqlx::Error::Protocol(fault.clone())),
            None => Ok(()),
        }
    }

    /// From here on nothing is written to what is damaged.
    fn found_damage(&mut self, fault: String) {
        if self.damage.is_none() {
            tracing::error!(fault, "the database is damaged");
            self.trouble.send_replace(Some(StoreTrouble::Damaged { reason: fault.clone() }));
            self.damage = Some(fault);
        }
    }

    /// Notes beside the database that it must hold own events up to `last`, so that no other life
    /// begins with it, and writes nothing more.
    async fn found_older(&mut self, last: u64) {
        let held = self.file.keeper.held();
        if let Err(error) = self.file.keeper.must_hold(last).await {
            tracing::warn!(%error, "it cannot be noted that the database lost events");
        }
        self.found_damage(format!(
            "the other members hold events of this node up to number {last}, and it only has those \
             up to {held}"
        ));
    }

    async fn probe(&self) -> Result<(), Refusal> {
        let folder = self.file.options.get_filename().parent().unwrap_or(Path::new(".")).to_owned();
        let probed = spawn_blocking(move || volume::probe(&folder)).await;
        probed.unwrap_or_else(|error| Err(Refusal::Fails { reason: error.to_string() }))
    }

    /// Why nothing is written, told to people; once when it changes also to the log.
    async fn refused(&mut self, error: &sqlx::Error) -> String {
        if is_damage(error) {
            self.found_damage(error.to_string());
        }
        if let Some(fault) = &self.damage {
            return format!("the database is damaged: {fault}");
        }
        let fails = || Refusal::Fails { reason: error.to_string() };
        let refusal = self.probe().await.err().unwrap_or_else(fails);
        let reason = refusal.to_string();
        let before = self.trouble.send_replace(Some(StoreTrouble::Refused(refusal)));
        if before.is_none() {
            tracing::error!(%error, reason, "store takes no writes");
        }
        reason
    }

    fn wrote(&mut self, size: u64, batch: &Batch) {
        self.grow(size);
        if batch.has_events() {
            self.news.send_modify(|commits| *commits += 1);
        }
    }

    /// Says what is to be said, as far as there is room.
    fn say(&mut self) {
        while let Some(event) = self.unsaid.pop_front() {
            if let Err(refused) = self.events.try_send(event) {
                self.unsaid.push_front(refused.into_inner());
                break;
            }
        }
    }

    async fn write(&mut self, batch: &Batch) -> Result<u64, sqlx::Error> {
        self.undamaged()?;
        let File { connection, ids, keeper, .. } = &mut self.file;
        keeper.prepare(batch).await.map_err(sqlx::Error::Io)?;
        let mut transaction = connection.begin().await?;
        let size = batch.write(ids, &mut transaction).await?;
        transaction.commit().await?;
        keeper.wrote(batch);
        Ok(size)
    }

    fn grow(&mut self, size: u64) {
        let (allowed, grown) = self.grown;
        let limit = allowed / Self::GROWTH;
        self.grown.1 = grown.saturating_add(size);
        if grown <= limit && self.grown.1 > limit {
            self.unsaid.push_back(StoreEvent::Grown);
        }
    }

    /// Drops old events. That it fails keeps nobody from writing: there is less room, and no harm.
    async fn drop_events(&mut self, expiry: Expiry) {
        self.grown = (expiry.bytes, 0);
        let dropped = match &self.owed {
            None if self.damage.is_none() => {
                expire::expire(&mut self.file.connection, expiry).await
            }
            Some(_) | None => Ok(Dropped::default()),
        };
        let Dropped { firsts, more } = dropped.unwrap_or_else(|error| {
            tracing::warn!(%error, "old events cannot be dropped");
            Dropped::default()
        });
        self.unsaid.push_back(StoreEvent::Dropped { firsts, more });
        self.say();
    }

    async fn next_incarnation(&mut self) -> Result<Incarnation, sqlx::Error> {
        let mut transaction = self.file.connection.begin().await?;
        let last = load::incarnation(&mut transaction).await?;
        let last =
            last.map_err(|BadRow(table)| sqlx::Error::Protocol(format!("a bad row of {table}")))?;
        let last = last.unwrap_or_default();
        let next = Incarnation(last.0.saturating_add(1));
        let value = next.0.to_be_bytes().to_vec();
        rows::write_single(rows::INCARNATION, value, &mut transaction).await?;
        transaction.commit().await?;
        self.file.keeper.live(next).await.map_err(sqlx::Error::Io)?;
        Ok(next)
    }
}
