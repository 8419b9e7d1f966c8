//! Records as rows, and rows as what was recorded.

use std::{collections::BTreeMap, sync::Arc};

use covey_logic::{
    Name, NodeId, Wall,
    event::EventRecord,
    hlc::Stamp,
    merged::LocalVariable,
    moving::Snapshot,
    node::{Profile, Record},
    replica::{Shared, SharedKey},
    wire,
};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{
    error::BadRow,
    events::{EventRow, Ids},
    keepsake::Keepsake,
    open::KnownAddresses,
    seal::seal,
};

/// The row of [`single`](super::schema) that holds the incarnation, eight bytes, big end first.
pub(super) const INCARNATION: &str = "incarnation";
/// The row that holds the number from which on this node's events are numbered, if those before may
/// lie on a disk that is lost.
pub(super) const EVENTS_FROM: &str = "events_from";
/// The row that holds since when this node writes what merges.
pub(super) const WRITES_SINCE: &str = "writes_since";
/// The row that holds the [`Profile`].
pub(super) const PROFILE: &str = "profile";

/// Bytes of a row and its places in the indexes beside its fact, roughly.
const ROW_SIZE: u64 = 120;

/// Rows of one insert: its compiled form is kept, which a rest of fewer rows is not worth.
const ROWS_PER_INSERT: usize = 64;

type StampAndValue = (Vec<u8>, Vec<u8>);

/// The sum of many records, in the order they were added; of two for one key the later stands.
#[derive(Debug, Default)]
pub(super) struct Batch {
    clear_shared: bool,
    shared: BTreeMap<Vec<u8>, StampAndValue>,
    snapshots: BTreeMap<Name, Option<Snapshot>>,
    locals: BTreeMap<Name, Option<LocalVariable>>,
    writes_since: Option<(Wall, u32)>,
    profile: Option<Profile>,
    events: Vec<Arc<EventRecord>>,
    starts: BTreeMap<NodeId, u64>,
    /// Of the shared values, those that a node needs to come back to its cluster.
    members: BTreeMap<SharedKey, (Stamp, Shared)>,
    addresses: Option<Vec<KnownAddresses>>,
}

impl Batch {
    pub(super) fn add(&mut self, record: Record) {
        match record {
            Record::Shared { key, stamp, value } => {
                if Keepsake::keeps(&key) {
                    self.members.insert(key.clone(), (stamp, value.clone()));
                }
                let (key, row) = shared_row(&key, &stamp, &value);
                self.shared.insert(key, row);
            }
            Record::ClearShared => {
                self.clear_shared = true;
                self.shared.clear();
                self.members.clear();
                self.writes_since = None;
            }
            Record::WritesSince(since) => self.writes_since = Some(since),
            Record::Local(name, variable) => drop(self.locals.insert(name, variable)),
            Record::Snapshot(name, snapshot) => drop(self.snapshots.insert(name, snapshot)),
            Record::Profile(profile) => self.profile = Some(profile),
            Record::Event(event) => self.events.push(event),
            Record::EventsFrom { origin, first } => drop(self.starts.insert(origin, first)),
        }
    }

    pub(super) fn set_addresses(&mut self, addresses: Vec<KnownAddresses>) {
        self.addresses = Some(addresses);
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.clear_shared
            && self.shared.is_empty()
            && self.snapshots.is_empty()
            && self.locals.is_empty()
            && self.writes_since.is_none()
            && self.profile.is_none()
            && self.events.is_empty()
            && self.starts.is_empty()
            && self.addresses.is_none()
    }

    /// The greatest number of an event of `node` in it.
    pub(super) fn last_of(&self, node: NodeId) -> Option<u64> {
        self.events.iter().filter(|event| event.origin == node).map(|event| event.seq).max()
    }

    /// What it changes of what a node needs to come back to its cluster; none if nothing.
    pub(super) fn keep(&self, before: &Keepsake) -> Option<Keepsake> {
        let mut kept = before.clone();
        if self.clear_shared {
            kept.members.clear();
        }
        kept.members.extend(self.members.clone());
        if let Some(profile) = &self.profile {
            kept.profile = Some(profile.clone());
        }
        if let Some(addresses) = &self.addresses {
            kept.addresses.clone_from(addresses);
        }
        (kept != *before).then_some(kept)
    }

    /// How many events are in it.
    pub(super) fn event_count(&self) -> usize {
        self.events.len()
    }

    /// Whether there are events in it.
    pub(super) fn has_events(&self) -> bool {
        !self.events.is_empty() || !self.starts.is_empty()
    }

    /// Writes everything to a connection in a transaction; gives the bytes that its events take,
    /// roughly.
    pub(super) async fn write(
        &self,
        ids: &mut Ids,
        to: &mut SqliteConnection,
    ) -> Result<u64, sqlx::Error> {
        if self.clear_shared {
            sqlx::query("DELETE FROM shared").execute(&mut *to).await?;
            sqlx::query("DELETE FROM single WHERE name = ?")
                .bind(WRITES_SINCE)
                .execute(&mut *to)
                .await?;
        }
        if let Some(since) = &self.writes_since {
            write_single(WRITES_SINCE, wire::encode(since), to).await?;
        }
        let shared: Vec<_> = self.shared.iter().collect();
        for rows in shared.chunks(ROWS_PER_INSERT) {
            write_shared(rows, to).await?;
        }
        for (name, snapshot) in &self.snapshots {
            let body = snapshot.as_ref().map(wire::encode);
            write_named(Table::Snapshot, name, body, to).await?;
        }
        for (name, variable) in &self.locals {
            let body = variable.as_ref().map(wire::encode);
            write_named(Table::Local, name, body, to).await?;
        }
        if let Some(profile) = &self.profile {
            write_single(PROFILE, wire::encode(profile), to).await?;
        }
        let size = write_events(&self.events, ids, to).await?;
        for (origin, first) in &self.starts {
            let origin = ids.node(*origin, to).await?;
            write_start((origin, column(*first)), to).await?;
        }
        if let Some(addresses) = &self.addresses {
            write_addresses(addresses, to).await?;
        }
        Ok(size)
    }
}

pub(super) async fn write_single(
    name: &'static str,
    value: Vec<u8>,
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO single (name, value) VALUES (?, ?) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(seal(&[name.as_bytes()], value))
    .execute(to)
    .await?;
    Ok(())
}

/// A table of bodies by name.
enum Table {
    Snapshot,
    Local,
}

impl Table {
    fn insert(&self) -> &'static str {
        match self {
            Self::Snapshot => {
                "INSERT INTO snapshot (name, body) VALUES (?, ?) \
                 ON CONFLICT (name) DO UPDATE SET body = excluded.body"
            }
            Self::Local => {
                "INSERT INTO local (name, body) VALUES (?, ?) \
                 ON CONFLICT (name) DO UPDATE SET body = excluded.body"
            }
        }
    }

    fn delete(&self) -> &'static str {
        match self {
            Self::Snapshot => "DELETE FROM snapshot WHERE name = ?",
            Self::Local => "DELETE FROM local WHERE name = ?",
        }
    }
}

/// Writes a body, or with none deletes the one that is there.
async fn write_named(
    table: Table,
    name: &Name,
    body: Option<Vec<u8>>,
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let name = name.as_str().to_owned();
    let query = match body {
        Some(body) => {
            let body = seal(&[name.as_bytes()], body);
            sqlx::query(table.insert()).bind(name).bind(body)
        }
        None => sqlx::query(table.delete()).bind(name),
    };
    query.execute(to).await?;
    Ok(())
}

async fn write_shared(
    rows: &[(&Vec<u8>, &StampAndValue)],
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO shared (key, stamp, value) ");
    insert.push_values(rows, |mut row, (key, (stamp, value))| {
        row.push_bind(key.as_slice()).push_bind(stamp.as_slice()).push_bind(value.as_slice());
    });
    insert.push(" ON CONFLICT (key) DO UPDATE SET stamp = excluded.stamp, value = excluded.value");
    execute(insert, rows.len(), to).await
}

fn shared_row(key: &SharedKey, stamp: &Stamp, value: &Shared) -> (Vec<u8>, StampAndValue) {
    let (key, stamp) = (wire::encode(key), wire::encode(stamp));
    let value = seal(&[&key, &stamp], wire::encode(value));
    (key, (stamp, value))
}

/// Writes shared values that are not encoded yet.
pub(super) async fn write_members(
    members: &BTreeMap<SharedKey, (Stamp, Shared)>,
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let encoded =
        |(key, (stamp, value)): (&SharedKey, &(Stamp, Shared))| shared_row(key, stamp, value);
    let members: Vec<(Vec<u8>, StampAndValue)> = members.iter().map(encoded).collect();
    let rows: Vec<_> = members.iter().map(|(key, value)| (key, value)).collect();
    for rows in rows.chunks(ROWS_PER_INSERT) {
        write_shared(rows, to).await?;
    }
    Ok(())
}

/// An event that is on disk already changes nothing: it is its origin and number.
///
/// What fails undoes the whole commit, so SQLite need not write down how to undo this insert alone.
pub(super) async fn write_events(
    events: &[Arc<EventRecord>],
    ids: &mut Ids,
    to: &mut SqliteConnection,
) -> Result<u64, sqlx::Error> {
    let (mut size, mut lasts) = (0, BTreeMap::new());
    for events in events.chunks(ROWS_PER_INSERT) {
        let mut rows = Vec::with_capacity(events.len());
        for event in events {
            let row = EventRow::new(event, ids, to).await?;
            size += row.fact.len() as u64 + ROW_SIZE;
            lasts.insert(row.origin, row.seq);
            rows.push(row);
        }
        insert_events(rows, to).await?;
    }
    for (origin, last) in lasts {
        sqlx::query("UPDATE node SET last = max(last, ?) WHERE id = ?")
            .bind(last)
            .bind(origin)
            .execute(&mut *to)
            .await?;
    }
    Ok(size)
}

async fn insert_events(rows: Vec<EventRow>, to: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut insert = QueryBuilder::<Sqlite>::new(
        "INSERT OR ROLLBACK INTO event (origin, seq, wall, counter, kind, actor, agent, \
         correlation, parent_node, parent_seq, fact, sum) ",
    );
    let count = rows.len();
    insert.push_values(rows, |mut row, event| {
        row.push_bind(event.origin)
            .push_bind(event.seq)
            .push_bind(event.wall)
            .push_bind(event.counter)
            .push_bind(event.kind)
            .push_bind(event.actor)
            .push_bind(event.agent)
            .push_bind(event.correlation)
            .push_bind(event.parent.map(|(node, _)| node))
            .push_bind(event.parent.map(|(_, seq)| seq))
            .push_bind(event.fact)
            .push_bind(event.sum);
    });
    insert.push(" ON CONFLICT (origin, seq) DO NOTHING");
    execute(insert, count, to).await
}

/// Forgets the events of a node before `first`; the next is that one, or a later one.
async fn write_start(
    (origin, first): (i64, i64),
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM event WHERE origin = ? AND seq < ?")
        .bind(origin)
        .bind(first)
        .execute(&mut *to)
        .await?;
    sqlx::query("UPDATE node SET first = ?1, last = max(last, ?1 - 1) WHERE id = ?2")
        .bind(first)
        .bind(origin)
        .execute(to)
        .await?;
    Ok(())
}

pub(super) async fn write_addresses(
    rows: &[KnownAddresses],
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM address").execute(&mut *to).await?;
    for rows in rows.chunks(ROWS_PER_INSERT) {
        let mut insert =
            QueryBuilder::<Sqlite>::new("INSERT OR REPLACE INTO address (node, lobby, fabric) ");
        insert.push_values(rows, |mut row, (node, lobby, fabric)| {
            row.push_bind(node.0.to_vec()).push_bind(lobby.join("\n")).push_bind(fabric.join("\n"));
        });
        execute(insert, rows.len(), to).await?;
    }
    Ok(())
}

/// Runs an insert; those of one row and of all that one takes come often enough to keep their
/// compiled form.
async fn execute(
    mut insert: QueryBuilder<Sqlite>,
    rows: usize,
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    insert.build().persistent(rows == 1 || rows == ROWS_PER_INSERT).execute(to).await?;
    Ok(())
}

pub(super) fn node_of(key: &[u8], table: &'static str) -> Result<NodeId, BadRow> {
    key.try_into().map(NodeId).map_err(|_length| BadRow(table))
}

/// A number as a column; one that SQLite cannot hold becomes the greatest that it can.
pub(super) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
