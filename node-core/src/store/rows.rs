//! Records as rows, and rows as what was recorded.

use std::{collections::BTreeMap, sync::Arc};

use covey_logic::{
    Name, NodeId,
    event::{EventRecord, Fact},
    moving::Snapshot,
    node::{Profile, Record},
    wire,
};
use serde_json::Value;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{error::BadRow, open::KnownAddresses};

/// The row of [`single`](super::schema) that holds the incarnation, eight bytes, big end first.
pub(super) const INCARNATION: &str = "incarnation";
/// The row that holds the [`Profile`].
pub(super) const PROFILE: &str = "profile";

/// Rows of one insert: its compiled form is kept, which a rest of fewer rows is not worth.
const ROWS_PER_INSERT: usize = 64;

type StampAndValue = (Vec<u8>, Vec<u8>);

/// The sum of many records, in the order they were added; of two for one key the later stands.
#[derive(Debug, Default)]
pub(super) struct Batch {
    clear_shared: bool,
    shared: BTreeMap<Vec<u8>, StampAndValue>,
    snapshots: BTreeMap<Name, Option<Snapshot>>,
    profile: Option<Profile>,
    events: Vec<Arc<EventRecord>>,
    addresses: Option<Vec<KnownAddresses>>,
}

impl Batch {
    pub(super) fn add(&mut self, record: Record) {
        match record {
            Record::Shared { key, stamp, value } => {
                self.shared
                    .insert(wire::encode(&key), (wire::encode(&stamp), wire::encode(&value)));
            }
            Record::ClearShared => {
                self.clear_shared = true;
                self.shared.clear();
            }
            Record::Snapshot(name, snapshot) => drop(self.snapshots.insert(name, snapshot)),
            Record::Profile(profile) => self.profile = Some(profile),
            Record::Event(event) => self.events.push(event),
        }
    }

    pub(super) fn set_addresses(&mut self, addresses: Vec<KnownAddresses>) {
        self.addresses = Some(addresses);
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.clear_shared
            && self.shared.is_empty()
            && self.snapshots.is_empty()
            && self.profile.is_none()
            && self.events.is_empty()
            && self.addresses.is_none()
    }

    /// Writes everything to a connection in a transaction.
    pub(super) async fn write(self, to: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        if self.clear_shared {
            sqlx::query("DELETE FROM shared").execute(&mut *to).await?;
        }
        let shared: Vec<_> = self.shared.into_iter().collect();
        for rows in shared.chunks(ROWS_PER_INSERT) {
            write_shared(rows, to).await?;
        }
        for (name, snapshot) in self.snapshots {
            write_snapshot(&name, snapshot, to).await?;
        }
        if let Some(profile) = self.profile {
            write_single(PROFILE, wire::encode(&profile), to).await?;
        }
        for rows in self.events.chunks(ROWS_PER_INSERT) {
            write_events(rows, to).await?;
        }
        if let Some(addresses) = self.addresses {
            write_addresses(&addresses, to).await?;
        }
        Ok(())
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
    .bind(value)
    .execute(to)
    .await?;
    Ok(())
}

async fn write_snapshot(
    name: &Name,
    snapshot: Option<Snapshot>,
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let query = match snapshot {
        Some(snapshot) => sqlx::query(
            "INSERT INTO snapshot (name, body) VALUES (?, ?) \
             ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        )
        .bind(name.as_str().to_owned())
        .bind(wire::encode(&snapshot)),
        None => sqlx::query("DELETE FROM snapshot WHERE name = ?").bind(name.as_str().to_owned()),
    };
    query.execute(to).await?;
    Ok(())
}

async fn write_shared(
    rows: &[(Vec<u8>, StampAndValue)],
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO shared (key, stamp, value) ");
    insert.push_values(rows, |mut row, (key, (stamp, value))| {
        row.push_bind(key.as_slice()).push_bind(stamp.as_slice()).push_bind(value.as_slice());
    });
    insert.push(" ON CONFLICT (key) DO UPDATE SET stamp = excluded.stamp, value = excluded.value");
    execute(insert, rows.len(), to).await
}

/// An event that is on disk already changes nothing: it is its origin and number.
///
/// What fails undoes the whole commit, so SQLite need not write down how to undo this insert alone.
async fn write_events(
    rows: &[Arc<EventRecord>],
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let mut insert = QueryBuilder::<Sqlite>::new(
        "INSERT OR ROLLBACK INTO event (origin, seq, wall, counter, kind, agent, words, body) ",
    );
    insert.push_values(rows, |mut row, event| {
        let (kind, words) = described(&event.fact);
        row.push_bind(event.origin.0.to_vec())
            .push_bind(column(event.seq))
            .push_bind(column(event.stamp.wall.0))
            .push_bind(i64::from(event.stamp.counter))
            .push_bind(kind)
            .push_bind(agent_of(&event.fact).map(|name| name.as_str().to_owned()))
            .push_bind(words)
            .push_bind(wire::encode(event.as_ref()));
    });
    insert.push(" ON CONFLICT (origin, seq) DO NOTHING");
    execute(insert, rows.len(), to).await
}

async fn write_addresses(
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

pub(super) fn event_of(body: &[u8]) -> Result<Arc<EventRecord>, BadRow> {
    wire::decode(body).map(Arc::new).map_err(|_garbled| BadRow("event"))
}

pub(super) fn node_of(key: &[u8], table: &'static str) -> Result<NodeId, BadRow> {
    key.try_into().map(NodeId).map_err(|_length| BadRow(table))
}

/// A number as a column; one that SQLite cannot hold becomes the greatest that it can.
pub(super) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The kind of a fact, and everything in it that a person might search for, in lower case.
fn described(fact: &Fact) -> (String, String) {
    let Ok(Value::Object(fields)) = serde_json::to_value(fact) else {
        return (String::new(), String::new());
    };
    let kind = fields.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut words = String::new();
    fields.values().for_each(|value| collect_words(value, &mut words));
    (kind, words.to_lowercase())
}

fn collect_words(value: &Value, words: &mut String) {
    match value {
        Value::String(text) => {
            words.push_str(text);
            words.push(' ');
        }
        Value::Array(values) => values.iter().for_each(|value| collect_words(value, words)),
        Value::Object(fields) => fields.values().for_each(|value| collect_words(value, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn agent_of(fact: &Fact) -> Option<&Name> {
    match fact {
        Fact::AgentWanted { name }
        | Fact::AgentUnwanted { name }
        | Fact::AgentRestartAsked { name }
        | Fact::AgentMoveAsked { name, .. }
        | Fact::AgentRemoved { name }
        | Fact::AgentPlaced { name, .. }
        | Fact::AgentStarted { name }
        | Fact::AgentExited { name, .. }
        | Fact::AgentHandedOver { name, .. }
        | Fact::HandOverFailed { name, .. }
        | Fact::StateRestored { name, .. }
        | Fact::StateLost { name, .. }
        | Fact::ClaimLost { name, .. } => Some(name),
        Fact::NodeStarted { .. }
        | Fact::NodeRenamed { .. }
        | Fact::ProgramsAllowed { .. }
        | Fact::LabelsSet { .. }
        | Fact::MemberAdmitted { .. }
        | Fact::MemberRevoked { .. }
        | Fact::MemberUp { .. }
        | Fact::MemberSuspected { .. }
        | Fact::MemberDown { .. }
        | Fact::MemberLeft { .. }
        | Fact::MemberSleeps { .. }
        | Fact::JoinAsked { .. }
        | Fact::JoinRefused { .. }
        | Fact::InviteMade { .. }
        | Fact::NodeCordoned { .. }
        | Fact::DrainAsked { .. }
        | Fact::Drained { .. }
        | Fact::RebalanceSet { .. }
        | Fact::NamespaceSet { .. }
        | Fact::NamespaceCleaned { .. }
        | Fact::ClockAhead { .. } => None,
    }
}
