//! Questions about stored events.

use std::{collections::BTreeSet, str::FromStr, sync::Arc};

use covey_logic::{Name, NodeId, Wall, event::EventRecord, hlc::Stamp};
use sqlx::{QueryBuilder, Sqlite, SqlitePool};

use super::{
    error::ReadError,
    rows::{self, column},
};

/// Which events; what is left out or empty asks for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Kinds, as JSON spells them (`agent_started`); any of them.
    pub kinds: BTreeSet<String>,
    /// The node that saw it.
    pub origin: Option<NodeId>,
    /// The agent it is about.
    pub agent: Option<Name>,
    /// Text that a name, a reason or an id in it contains, in either case.
    pub text: Option<String>,
    /// Not before this moment.
    pub since: Option<Wall>,
    /// Before this moment.
    pub until: Option<Wall>,
    /// Only what comes after a page, that is, what is older.
    pub before: Option<Cursor>,
    /// How many; a page holds [`EventQuery::MAX_LIMIT`] at most.
    pub limit: u32,
}

impl EventQuery {
    /// Events of one page: what a person can look through, and about 1 MiB.
    pub const MAX_LIMIT: u32 = 1_000;
}

/// The place of an event in the order of all; stays valid whatever is appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    wall: Wall,
    counter: u32,
    origin: NodeId,
}

/// Text that is not a cursor: use one as a page gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a cursor that a page of events gave")]
pub struct NotACursor;

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.wall.0, self.counter, self.origin)
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let parse = || {
            let mut parts = text.splitn(3, '.');
            let wall = Wall(parts.next()?.parse().ok()?);
            let counter = parts.next()?.parse().ok()?;
            let origin = parts.next()?.parse().ok()?;
            Some(Self { wall, counter, origin })
        };
        parse().ok_or(NotACursor)
    }
}

/// A part of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventPage {
    /// The events, newest first.
    pub events: Vec<Arc<EventRecord>>,
    /// Asks for the next page; none if there is no more.
    pub next: Option<Cursor>,
}

pub(super) async fn load(
    from: &SqlitePool,
    origin: NodeId,
    first: u64,
    limit: u32,
) -> Result<Vec<Arc<EventRecord>>, ReadError> {
    let stored: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT body FROM event WHERE origin = ? AND seq >= ? ORDER BY seq LIMIT ?",
    )
    .bind(origin.0.to_vec())
    .bind(column(first))
    .bind(i64::from(limit))
    .fetch_all(from)
    .await?;
    let mut events = Vec::with_capacity(stored.len());
    for (body, seq) in stored.iter().zip(first..) {
        let event = rows::event_of(body)?;
        if event.seq != seq {
            break;
        }
        events.push(event);
    }
    Ok(events)
}

pub(super) async fn page(from: &SqlitePool, query: &EventQuery) -> Result<EventPage, ReadError> {
    let limit = query.limit.clamp(1, EventQuery::MAX_LIMIT);
    // One more than asked tells whether there is a next page.
    let wanted = limit + 1;
    let mut sql = QueryBuilder::<Sqlite>::new("SELECT body FROM (");
    if query.kinds.is_empty() {
        select(&mut sql, query, None, wanted);
    }
    for (i, kind) in query.kinds.iter().enumerate() {
        sql.push(if i == 0 { "" } else { " UNION ALL " });
        select(&mut sql, query, Some(kind), wanted);
    }
    sql.push(") ORDER BY wall DESC, counter DESC, origin DESC LIMIT ").push_bind(wanted);
    let stored: Vec<Vec<u8>> = sql.build_query_scalar().persistent(false).fetch_all(from).await?;

    let mut events =
        stored.iter().map(|body| rows::event_of(body)).collect::<Result<Vec<_>, _>>()?;
    let more = events.len() > limit as usize;
    events.truncate(limit as usize);
    let next = events.last().filter(|_| more).map(|event| cursor(event));
    Ok(EventPage { events, next })
}

/// Adds the newest of one kind, or of all: each kind is read along its own index, so a rare kind
/// costs no more than a frequent one.
fn select(sql: &mut QueryBuilder<Sqlite>, query: &EventQuery, kind: Option<&str>, limit: u32) {
    sql.push("SELECT * FROM (SELECT wall, counter, origin, body FROM event WHERE TRUE");
    if let Some(kind) = kind {
        sql.push(" AND kind = ").push_bind(kind.to_owned());
    }
    if let Some(origin) = query.origin {
        sql.push(" AND origin = ").push_bind(origin.0.to_vec());
    }
    if let Some(agent) = &query.agent {
        sql.push(" AND agent = ").push_bind(agent.as_str().to_owned());
    }
    if let Some(text) = &query.text {
        sql.push(" AND instr(words, ").push_bind(text.to_lowercase()).push(") > 0");
    }
    if let Some(since) = query.since {
        sql.push(" AND wall >= ").push_bind(column(since.0));
    }
    if let Some(until) = query.until {
        sql.push(" AND wall < ").push_bind(column(until.0));
    }
    if let Some(before) = query.before {
        sql.push(" AND (wall, counter, origin) < (")
            .push_bind(column(before.wall.0))
            .push(", ")
            .push_bind(i64::from(before.counter))
            .push(", ")
            .push_bind(before.origin.0.to_vec())
            .push(")");
    }
    sql.push(" ORDER BY wall DESC, counter DESC, origin DESC LIMIT ").push_bind(limit).push(")");
}

fn cursor(event: &EventRecord) -> Cursor {
    let Stamp { wall, counter, .. } = event.stamp;
    Cursor { wall, counter, origin: event.origin }
}
