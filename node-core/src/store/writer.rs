//! The one task that writes: it commits what is queued together and tells when it is on disk.

use std::collections::VecDeque;

use covey_logic::{
    Incarnation, NodeId, Ticket,
    event_store::{Expiry, Retention},
    node::Record,
};
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    events::Ids,
    expire::{self, Dropped},
    open::KnownAddresses,
    rows::{self, Batch},
};

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
    /// None of its records is on disk, and the store takes no more.
    Failed {
        /// Which append.
        ticket: Ticket,
        /// What SQLite said.
        reason: String,
    },
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
    Append { ticket: Ticket, records: Vec<Record> },
    Addresses(Vec<KnownAddresses>),
    NextIncarnation(oneshot::Sender<Result<Incarnation, sqlx::Error>>),
    Drop(Expiry),
    Flush(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

/// The task's own state.
#[derive(Debug)]
pub(super) struct Writer {
    connection: SqliteConnection,
    jobs: mpsc::Receiver<Job>,
    events: mpsc::Sender<StoreEvent>,
    /// Waits for room in `events`: the driver may be waiting for room in `jobs` at that moment.
    unsaid: VecDeque<StoreEvent>,
    /// Why the store takes no more.
    broken: Option<String>,
    ids: Ids,
    /// Bytes that events may take, and by how many they grew since old ones were last dropped.
    grown: (u64, u64),
    /// Counts the commits of events, for who follows them.
    news: watch::Sender<u64>,
}

impl Writer {
    /// Events may take so much more, as a part of all that they may, before old ones are dropped.
    const GROWTH: u64 = 32;

    pub(super) fn new(
        (connection, ids): (SqliteConnection, Ids),
        jobs: mpsc::Receiver<Job>,
        events: mpsc::Sender<StoreEvent>,
        news: watch::Sender<u64>,
    ) -> Self {
        let grown = (Retention::default().bytes, 0);
        Self { connection, jobs, events, unsaid: VecDeque::new(), broken: None, ids, grown, news }
    }

    /// Serves until the store is closed or its last handle is gone, and everything queued is on
    /// disk.
    pub(super) async fn run(mut self) {
        let mut closing = None;
        while let Some(job) = self.next_job().await {
            let mut tickets = Vec::new();
            let mut batch = Batch::default();
            let after = self.collect(job, &mut tickets, &mut batch);
            self.commit(tickets, batch).await;
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
                Some(Job::Append { .. } | Job::Addresses(_)) | None => {}
            }
        }
        // From here on, handles find the queue closed.
        drop(self.jobs);
        if let Err(error) = self.connection.close().await {
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
            if self.unsaid.is_empty() {
                return self.jobs.recv().await;
            }
            tokio::select! {
                room = self.events.reserve() => match room {
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
                Job::NextIncarnation(_) | Job::Drop(_) | Job::Flush(_) | Job::Close(_) => {
                    return Some(job);
                }
            }
            next = if count < MAX_BATCH_RECORDS { self.jobs.try_recv().ok() } else { None };
        }
        None
    }

    async fn commit(&mut self, tickets: Vec<Ticket>, batch: Batch) {
        let has_events = batch.has_events();
        if self.broken.is_none() && !batch.is_empty() {
            match self.write(batch).await {
                Ok(size) => self.grow(size),
                Err(error) => {
                    tracing::error!(%error, "store takes no more writes");
                    self.broken = Some(error.to_string());
                }
            }
        }
        self.unsaid.extend(tickets.into_iter().map(|ticket| match &self.broken {
            None => StoreEvent::Appended { ticket },
            Some(reason) => StoreEvent::Failed { ticket, reason: reason.clone() },
        }));
        if has_events && self.broken.is_none() {
            self.news.send_modify(|commits| *commits += 1);
        }
        self.say();
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

    async fn write(&mut self, batch: Batch) -> Result<u64, sqlx::Error> {
        let mut transaction = self.connection.begin().await?;
        let size = batch.write(&mut self.ids, &mut transaction).await?;
        transaction.commit().await?;
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
        let dropped = match &self.broken {
            None => expire::expire(&mut self.connection, expiry).await,
            Some(_) => Ok(Dropped::default()),
        };
        let Dropped { firsts, more } = dropped.unwrap_or_else(|error| {
            tracing::warn!(%error, "old events cannot be dropped");
            Dropped::default()
        });
        self.unsaid.push_back(StoreEvent::Dropped { firsts, more });
        self.say();
    }

    async fn next_incarnation(&mut self) -> Result<Incarnation, sqlx::Error> {
        let mut transaction = self.connection.begin().await?;
        let last: Option<Vec<u8>> = sqlx::query_scalar("SELECT value FROM single WHERE name = ?")
            .bind(rows::INCARNATION)
            .fetch_optional(&mut *transaction)
            .await?;
        let last = match last {
            None => 0,
            Some(bytes) => bytes
                .as_slice()
                .try_into()
                .map(u64::from_be_bytes)
                .map_err(|length| sqlx::Error::Decode(Box::new(length)))?,
        };
        let next = last.saturating_add(1);
        let value = next.to_be_bytes().to_vec();
        rows::write_single(rows::INCARNATION, value, &mut transaction).await?;
        transaction.commit().await?;
        Ok(Incarnation(next))
    }
}
