//! How many events there are, what they take, and whether they are what was written.

use std::path::Path;

use covey_logic::{NodeId, Wall};
use futures::TryStreamExt as _;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqlitePool};

use super::{
    error::{BadRow, ReadError},
    events::{COLUMNS, JOINS, agent_of, event_of, is_whole, kind_of},
    expire, rows,
};

/// How many events there are, of whom, and what they take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventStatistics {
    /// Bytes that events take in the database.
    pub bytes: u64,
    /// Bytes of the database with everything in it.
    pub file_bytes: u64,
    /// For each node of which there ever were events.
    pub origins: Vec<OriginStatistics>,
}

/// How many events of a node there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginStatistics {
    /// Whose.
    pub node: NodeId,
    /// The number of the first that is held.
    pub first: u64,
    /// The number of the last.
    pub last: u64,
    /// When the first was seen.
    pub oldest: Option<Wall>,
    /// When the last was.
    pub newest: Option<Wall>,
}

/// Whether stored events are what was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventCheck {
    /// How many events were read.
    pub events: u64,
    /// What is wrong, in words; [`EventCheck::MAX_FAULTS`] at most.
    pub faults: Vec<String>,
}

impl EventCheck {
    /// Faults that are told: with so many there is more wrong than an event or two.
    pub const MAX_FAULTS: usize = 100;

    fn note(&mut self, fault: String) {
        if self.faults.len() < Self::MAX_FAULTS {
            self.faults.push(fault);
        }
    }
}

pub(super) async fn statistics(
    from: &SqlitePool,
    path: &Path,
) -> Result<EventStatistics, ReadError> {
    type Stored = (Vec<u8>, i64, i64, Option<i64>, Option<i64>);
    let stored: Vec<Stored> = sqlx::query_as(
        "SELECT node, first, last, \
            (SELECT wall FROM event WHERE origin = n.id AND seq = n.first), \
            (SELECT wall FROM event WHERE origin = n.id AND seq = n.last) \
         FROM node n WHERE last > 0 ORDER BY node",
    )
    .fetch_all(from)
    .await?;
    let number = |number: i64| u64::try_from(number).map_err(|_negative| BadRow("node"));
    let origin = |(node, first, last, oldest, newest): Stored| {
        let wall = |wall: Option<i64>| wall.map(number).transpose().map(|wall| wall.map(Wall));
        Ok(OriginStatistics {
            node: rows::node_of(&node, "node")?,
            first: number(first)?,
            last: number(last)?,
            oldest: wall(oldest)?,
            newest: wall(newest)?,
        })
    };
    let origins = stored.into_iter().map(origin).collect::<Result<_, BadRow>>()?;
    let mut connection = from.acquire().await?;
    let bytes = expire::size(&mut connection).await?;
    let file_bytes = tokio::fs::metadata(path).await.map_err(sqlx::Error::Io)?.len();
    Ok(EventStatistics { bytes, file_bytes, origins })
}

pub(super) async fn check(from: &SqlitePool) -> Result<EventCheck, ReadError> {
    let mut check = EventCheck::default();
    let said: Vec<String> = sqlx::query_scalar("PRAGMA quick_check").fetch_all(from).await?;
    said.into_iter().filter(|line| line != "ok").for_each(|line| check.note(line));
    contiguity(from, &mut check).await?;
    agreement(from, &mut check).await?;
    Ok(check)
}

/// Whether of each node those from the first to the last are there, and no others.
async fn contiguity(from: &SqlitePool, check: &mut EventCheck) -> Result<(), ReadError> {
    let nodes: Vec<(i64, Vec<u8>, i64, i64)> =
        sqlx::query_as("SELECT id, node, first, last FROM node").fetch_all(from).await?;
    for (id, node, first, last) in nodes {
        let (count, least, most): (i64, Option<i64>, Option<i64>) =
            sqlx::query_as("SELECT count(*), min(seq), max(seq) FROM event WHERE origin = ?")
                .bind(id)
                .fetch_one(from)
                .await?;
        check.events += u64::try_from(count).unwrap_or(0);
        let lost = lost(from, id).await?;
        let whole = count + lost == last - first + 1
            && (count == 0 || (least, most) == (Some(first), Some(last)));
        if !whole {
            let node = rows::node_of(&node, "node")?.short();
            check.note(format!(
                "of node {node} events {first} to {last} should be there, and {count} are, from \
                 {} to {}",
                least.unwrap_or(0),
                most.unwrap_or(0)
            ));
        }
    }
    Ok(())
}

/// How many events of a node are lost between those that are there, as it says itself.
async fn lost(from: &SqlitePool, origin: i64) -> Result<i64, ReadError> {
    let lost: i64 = sqlx::query_scalar(
        "SELECT coalesce(sum(e.seq - 1 - (SELECT max(seq) FROM event \
            WHERE origin = e.origin AND seq < e.seq)), 0) \
         FROM event e JOIN kind k ON k.id = e.kind \
         WHERE k.name = 'events_lost' AND e.origin = ?",
    )
    .bind(origin)
    .fetch_one(from)
    .await?;
    Ok(lost)
}

/// Whether each fact reads, and its columns say what it says.
async fn agreement(from: &SqlitePool, check: &mut EventCheck) -> Result<(), ReadError> {
    let mut sql = QueryBuilder::<Sqlite>::new(format!(
        "SELECT {COLUMNS}, k.name AS kind, e.agent AS agent, e.correlation AS correlation, \
            p.node AS parent, e.parent_seq AS parent_seq, e.id AS id \
         FROM {JOINS} LEFT JOIN kind k ON k.id = e.kind LEFT JOIN node p ON p.id = e.parent_node"
    ));
    let query = sql.build();
    let mut rows = query.fetch(from);
    while let Some(row) = rows.try_next().await? {
        let Ok(event) = event_of(&row) else {
            let what =
                if is_whole(&row) == Some(false) { "not what was written" } else { "no event" };
            check.note(format!("row {} is {what}", row.try_get::<i64, _>("id")?));
            continue;
        };
        let json: &str = row.try_get(5)?;
        let parent = event.report().and_then(|report| report.parent);
        let agrees = row.try_get::<Option<&str>, _>("kind")? == Some(kind_of(&event.fact, json))
            && row.try_get::<Option<&str>, _>("agent")?
                == agent_of(&event.fact).map(covey_logic::Name::as_str)
            && row.try_get::<Option<&str>, _>("correlation")? == event.correlation().as_deref()
            && row.try_get::<Option<&[u8]>, _>("parent")?
                == parent.as_ref().map(|parent| parent.origin.0.as_slice())
            && row.try_get::<Option<i64>, _>("parent_seq")?
                == parent.map(|parent| rows::column(parent.seq));
        if !agrees {
            check.note(format!("the columns of event {:?} say otherwise than it does", event.id()));
        }
    }
    Ok(())
}
