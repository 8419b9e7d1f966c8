//! Reading what a node starts from.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use covey_logic::{
    Incarnation, Name, NodeId,
    event::EventRecord,
    event_store::{EventStore, Extent},
    hlc::Stamp,
    replica::{Shared, SharedKey},
    wire,
};
use futures::TryStreamExt as _;
use serde::de::DeserializeOwned;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{
    error::{BadRow, StoreError},
    events::{self, COLUMNS, JOINS},
    open::{KnownAddresses, Loaded},
    rows,
    seal::unseal,
};

/// Reads everything but the older events.
pub(super) async fn load(from: &mut SqliteConnection, path: &Path) -> Result<Loaded, StoreError> {
    let fail = |source| StoreError::at(path, source);
    let bad = |row| StoreError::row(path, row);
    let profile = load_single(rows::PROFILE, from).await.map_err(fail)?.map_err(bad)?;
    let incarnation = incarnation(from).await.map_err(fail)?.map_err(bad)?.unwrap_or_default();
    let events_from = load_single(rows::EVENTS_FROM, from).await.map_err(fail)?.map_err(bad)?;
    let writes_since = load_single(rows::WRITES_SINCE, from).await.map_err(fail)?.map_err(bad)?;
    let shared = load_shared(from).await.map_err(fail)?.map_err(bad)?;
    let snapshots =
        load_named("snapshot", "SELECT name, body FROM snapshot", from).await.map_err(fail)?;
    let snapshots = snapshots.map_err(bad)?;
    let locals = load_named("local", "SELECT name, body FROM local", from).await.map_err(fail)?;
    let locals = locals.map_err(bad)?;
    let event_extents = load_extents(from).await.map_err(fail)?.map_err(bad)?;
    let events = load_recent(from).await.map_err(fail)?.map_err(bad)?;
    let addresses = load_addresses(from).await.map_err(fail)?.map_err(bad)?;
    Ok(Loaded {
        incarnation,
        profile,
        shared,
        snapshots,
        writes_since,
        locals,
        event_extents,
        events_from: events_from.unwrap_or(1),
        events,
        addresses,
    })
}

/// The last life that began; none in a database with which none did.
pub(super) async fn incarnation(from: &mut SqliteConnection) -> Rows<Option<Incarnation>> {
    let last: Option<Vec<u8>> = sqlx::query_scalar("SELECT value FROM single WHERE name = ?")
        .bind(rows::INCARNATION)
        .fetch_optional(from)
        .await?;
    let number = |sealed: Vec<u8>| {
        let bytes = unseal(&[rows::INCARNATION.as_bytes()], &sealed)?.try_into().ok()?;
        Some(Incarnation(u64::from_be_bytes(bytes)))
    };
    Ok(last.map(|sealed| number(sealed).ok_or(BadRow("single"))).transpose())
}

/// What a table held, unless SQLite failed, unless a row was bad.
pub(super) type Rows<T> = Result<Result<T, BadRow>, sqlx::Error>;

async fn load_single<T: DeserializeOwned>(
    name: &'static str,
    from: &mut SqliteConnection,
) -> Rows<Option<T>> {
    let row: Option<Vec<u8>> = sqlx::query_scalar("SELECT value FROM single WHERE name = ?")
        .bind(name)
        .fetch_optional(from)
        .await?;
    let decoded = |sealed: Vec<u8>| opened(&[name.as_bytes()], &sealed, "single");
    Ok(row.map(decoded).transpose())
}

async fn load_shared(from: &mut SqliteConnection) -> Rows<Vec<(SharedKey, Stamp, Shared)>> {
    let stored: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT key, stamp, value FROM shared").fetch_all(from).await?;
    let row = |(key, stamp, value): (Vec<u8>, Vec<u8>, Vec<u8>)| {
        let value = opened(&[&key, &stamp], &value, "shared")?;
        Ok((decode(&key, "shared")?, decode(&stamp, "shared")?, value))
    };
    Ok(stored.into_iter().map(row).collect())
}

async fn load_named<T: DeserializeOwned>(
    table: &'static str,
    query: &'static str,
    from: &mut SqliteConnection,
) -> Rows<Vec<(Name, T)>> {
    let stored: Vec<(String, Vec<u8>)> = sqlx::query_as(query).fetch_all(from).await?;
    let row = |(name, body): (String, Vec<u8>)| {
        let body = opened(&[name.as_bytes()], &body, table)?;
        Ok((Name::new(&name).map_err(|_invalid| BadRow(table))?, body))
    };
    Ok(stored.into_iter().map(row).collect())
}

async fn load_extents(from: &mut SqliteConnection) -> Rows<BTreeMap<NodeId, Extent>> {
    type Stored = (Vec<u8>, i64, i64, Option<i64>, Option<i64>);
    let stored: Vec<Stored> = sqlx::query_as(
        "SELECT node, first, last, \
            (SELECT min(seq) FROM event WHERE origin = n.id), \
            (SELECT max(seq) FROM event WHERE origin = n.id) \
         FROM node n WHERE last > 0 OR EXISTS (SELECT * FROM event WHERE origin = n.id)",
    )
    .fetch_all(from)
    .await?;
    let number = |number: i64| u64::try_from(number).map_err(|_negative| BadRow("node"));
    let row = |(node, first, last, least, most): Stored| {
        if least.unwrap_or(first) != first || most.unwrap_or(last) != last {
            return Err(BadRow("node"));
        }
        let extent = Extent { first: number(first)?, last: number(last)? };
        Ok((rows::node_of(&node, "node")?, extent))
    };
    Ok(stored.into_iter().map(row).collect())
}

/// Bytes of the newest events that a node starts with: large ones are few.
const RECENT_SIZE: usize = 8 * 1024 * 1024;

async fn load_recent(from: &mut SqliteConnection) -> Rows<Vec<Arc<EventRecord>>> {
    let mut sql = QueryBuilder::<Sqlite>::new(format!(
        "SELECT {COLUMNS} FROM {JOINS} ORDER BY e.wall DESC, e.counter DESC, n.node DESC LIMIT "
    ));
    sql.push_bind(i64::try_from(EventStore::RECENT_CAPACITY).unwrap_or(i64::MAX));
    let query = sql.build();
    let mut stored = query.fetch(from);
    let (mut events, mut size) = (Vec::new(), 0);
    while let Some(row) = stored.try_next().await?
        && size <= RECENT_SIZE
    {
        match events::event_of(&row) {
            Ok(event) => {
                size += event.weight();
                events.push(event);
            }
            Err(bad) => return Ok(Err(bad)),
        }
    }
    events.reverse();
    Ok(Ok(events))
}

async fn load_addresses(from: &mut SqliteConnection) -> Rows<Vec<KnownAddresses>> {
    let stored: Vec<(Vec<u8>, String, String)> =
        sqlx::query_as("SELECT node, lobby, fabric FROM address").fetch_all(from).await?;
    let list = |text: String| text.lines().map(str::to_owned).collect();
    let row = |(node, lobby, fabric): (Vec<u8>, String, String)| {
        Ok((rows::node_of(&node, "address")?, list(lobby), list(fabric)))
    };
    Ok(stored.into_iter().map(row).collect())
}

/// What a sealed value spells.
fn opened<T: DeserializeOwned>(
    row: &[&[u8]],
    sealed: &[u8],
    table: &'static str,
) -> Result<T, BadRow> {
    decode(unseal(row, sealed).ok_or(BadRow(table))?, table)
}

fn decode<T: DeserializeOwned>(bytes: &[u8], table: &'static str) -> Result<T, BadRow> {
    wire::decode(bytes).map_err(|_garbled| BadRow(table))
}
