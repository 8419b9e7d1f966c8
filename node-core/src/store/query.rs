//! Questions about stored events.

use std::{collections::BTreeSet, str::FromStr, sync::Arc};

use covey_logic::{
    Name, NodeId, Wall,
    event::{EventId, EventRecord},
    hlc::Stamp,
};
use futures::TryStreamExt as _;
use sqlx::{QueryBuilder, Sqlite, SqlitePool};

use super::{
    error::ReadError,
    events::{COLUMNS, JOINS, event_of},
    rows::column,
};

/// Which events; what is left out or empty asks for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Kinds, any of them: as JSON spells those of Covey (`agent_started`), `reported` for all that
    /// applications told, or the beginning of a type of theirs (`shop.order`, `shop.`).
    pub kinds: BTreeSet<String>,
    /// The node that saw it.
    pub origin: Option<NodeId>,
    /// The agent it is about.
    pub agent: Option<Name>,
    /// What it belongs to.
    pub correlation: Option<String>,
    /// What it follows from.
    pub parent: Option<EventId>,
    /// Text that its JSON contains; A to Z are as a to z.
    pub text: Option<String>,
    /// Not before this moment.
    pub since: Option<Wall>,
    /// Before this moment.
    pub until: Option<Wall>,
    /// Which come first.
    pub order: Order,
    /// Only what comes after a page in that order.
    pub after: Option<Cursor>,
    /// How many; a page holds [`EventQuery::MAX_LIMIT`] at most.
    pub limit: u32,
}

/// Which events come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest.
    #[default]
    Newest,
    /// The oldest.
    Oldest,
}

impl EventQuery {
    /// Events of one page: what a person can look through.
    pub const MAX_LIMIT: u32 = 1_000;
    /// Bytes of their facts, roughly: a page of large ones holds fewer.
    const MAX_SIZE: usize = 4 * 1024 * 1024;
    /// Kinds that are read along an index each; of more all events are looked through.
    const MAX_KINDS: usize = 64;
}

/// The place of an event in the order of all, which every node has alike; stays valid whatever is
/// appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    wall: Wall,
    counter: u32,
    event: EventId,
}

/// Text that is not a cursor: use one as a page gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a cursor that a page of events gave")]
pub struct NotACursor;

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.wall.0, self.counter, self.event)
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let parse = || {
            let mut parts = text.splitn(3, '.');
            let wall = Wall(parts.next()?.parse().ok()?);
            let counter = parts.next()?.parse().ok()?;
            let event = parts.next()?.parse().ok()?;
            Some(Self { wall, counter, event })
        };
        parse().ok_or(NotACursor)
    }
}

/// A part of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventPage {
    /// The events, in the order that was asked for.
    pub events: Vec<Arc<EventRecord>>,
    /// Asks for the next page; none if there is no more.
    pub next: Option<Cursor>,
}

/// Bytes of events that are read for another node at once.
const LOAD_SIZE: usize = 2 * 1024 * 1024;

pub(super) async fn load(
    from: &SqlitePool,
    origin: NodeId,
    first: u64,
    limit: u32,
) -> Result<Vec<Arc<EventRecord>>, ReadError> {
    let mut sql = QueryBuilder::<Sqlite>::new(format!(
        "SELECT {COLUMNS} FROM {JOINS} WHERE e.origin = (SELECT id FROM node WHERE node = "
    ));
    sql.push_bind(origin.0.to_vec()).push(") AND e.seq >= ").push_bind(column(first));
    sql.push(" ORDER BY e.seq LIMIT ").push_bind(i64::from(limit));
    let query = sql.build();
    let mut rows = query.fetch(from);
    let (mut events, mut size, mut next) = (Vec::new(), 0, first);
    while let Some(row) = rows.try_next().await? {
        let event = event_of(&row)?;
        size += event.weight();
        if !event.follows(next) || size > LOAD_SIZE {
            break;
        }
        next = event.seq + 1;
        events.push(event);
    }
    Ok(events)
}

pub(super) async fn page(from: &SqlitePool, query: &EventQuery) -> Result<EventPage, ReadError> {
    let kinds = match kinds(from, &query.kinds).await? {
        Some(kinds) if kinds.is_empty() => return Ok(EventPage::default()),
        kinds => kinds,
    };
    let limit = query.limit.clamp(1, EventQuery::MAX_LIMIT);
    // One more than asked tells whether there is a next page.
    let wanted = limit + 1;
    let mut sql = QueryBuilder::<Sqlite>::new("");
    match kinds {
        Some(kinds) if kinds.len() <= EventQuery::MAX_KINDS => {
            sql.push("SELECT * FROM (");
            for (i, kind) in kinds.iter().enumerate() {
                sql.push(if i == 0 { "" } else { " UNION ALL " });
                sql.push("SELECT * FROM (");
                select(&mut sql, query, &[*kind]);
                sql.push(" LIMIT ").push_bind(wanted).push(")");
            }
            sql.push(")");
            let way = query.order.way();
            sql.push(format!(" ORDER BY wall {way}, counter {way}, origin {way}, seq {way}"));
        }
        kinds => select(&mut sql, query, kinds.as_deref().unwrap_or_default()),
    }
    sql.push(" LIMIT ").push_bind(wanted);
    let built = sql.build().persistent(false);
    let mut rows = built.fetch(from);
    let (mut events, mut size, mut more) = (Vec::new(), 0, false);
    while let Some(row) = rows.try_next().await? {
        let event = event_of(&row)?;
        size += event.weight();
        if events.len() == limit as usize || (size > EventQuery::MAX_SIZE && !events.is_empty()) {
            more = true;
            break;
        }
        events.push(event);
    }
    let next = events.last().filter(|_| more).map(|event| cursor(event));
    Ok(EventPage { events, next })
}

/// The numbers of the kinds that are asked for; none if all are.
async fn kinds(
    from: &SqlitePool,
    asked: &BTreeSet<String>,
) -> Result<Option<Vec<i64>>, sqlx::Error> {
    if asked.is_empty() {
        return Ok(None);
    }
    let mut sql = QueryBuilder::<Sqlite>::new("SELECT id FROM kind WHERE FALSE");
    for kind in asked {
        if kind == "reported" {
            sql.push(" OR instr(name, '.') > 0");
            continue;
        }
        let whole = kind.strip_suffix('.').unwrap_or(kind);
        sql.push(" OR name = ").push_bind(whole.to_owned());
        if kind.contains('.') {
            // What follows a dot comes before whatever follows a slash.
            sql.push(" OR (name > ").push_bind(format!("{whole}."));
            sql.push(" AND name < ").push_bind(format!("{whole}/")).push(")");
        }
    }
    Ok(Some(sql.build_query_scalar().persistent(false).fetch_all(from).await?))
}

impl Order {
    fn way(self) -> &'static str {
        match self {
            Self::Newest => "DESC",
            Self::Oldest => "ASC",
        }
    }
}

/// Adds the events of one kind, of several or of all, in order: those of one kind are read along
/// its own index, so that a rare kind costs no more than a frequent one.
fn select(sql: &mut QueryBuilder<Sqlite>, query: &EventQuery, kinds: &[i64]) {
    sql.push(format!(
        "SELECT {COLUMNS}, e.wall AS wall, e.counter AS counter, n.node AS origin, e.seq AS seq \
         FROM {JOINS} WHERE TRUE"
    ));
    match kinds {
        [] => {}
        [kind] => {
            sql.push(" AND e.kind = ").push_bind(*kind);
        }
        kinds => {
            sql.push(" AND +e.kind IN (");
            let mut list = sql.separated(", ");
            for kind in kinds {
                list.push_bind(*kind);
            }
            sql.push(")");
        }
    }
    filter(sql, query);
    if let Some(after) = query.after {
        let (at, beyond) = match query.order {
            Order::Newest => ("<=", "<"),
            Order::Oldest => (">=", ">"),
        };
        let (wall, counter) = (column(after.wall.0), i64::from(after.counter));
        // The first condition finds the place in the index, the second tells equal stamps apart.
        sql.push(format!(" AND (e.wall, e.counter) {at} ("));
        sql.push_bind(wall).push(", ").push_bind(counter);
        sql.push(format!(") AND (e.wall, e.counter, n.node, e.seq) {beyond} ("));
        sql.push_bind(wall).push(", ").push_bind(counter).push(", ");
        sql.push_bind(after.event.origin.0.to_vec()).push(", ");
        sql.push_bind(column(after.event.seq)).push(")");
    }
    let way = query.order.way();
    sql.push(format!(" ORDER BY e.wall {way}, e.counter {way}, n.node {way}, e.seq {way}"));
}

fn filter(sql: &mut QueryBuilder<Sqlite>, query: &EventQuery) {
    let node = "(SELECT id FROM node WHERE node = ";
    if let Some(origin) = query.origin {
        // Not by the index of a node's own events, which has another order.
        sql.push(format!(" AND +e.origin = {node}")).push_bind(origin.0.to_vec()).push(")");
    }
    if let Some(agent) = &query.agent {
        sql.push(" AND e.agent = ").push_bind(agent.as_str().to_owned());
    }
    if let Some(correlation) = &query.correlation {
        sql.push(" AND e.correlation = ").push_bind(correlation.clone());
    }
    if let Some(parent) = query.parent {
        sql.push(format!(" AND e.parent_node = {node}")).push_bind(parent.origin.0.to_vec());
        sql.push(") AND e.parent_seq = ").push_bind(column(parent.seq));
    }
    if let Some(text) = &query.text {
        let json = serde_json::Value::from(text.as_str()).to_string().to_ascii_lowercase();
        let inner = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
        sql.push(" AND instr(lower(e.fact), ").push_bind(inner.to_owned()).push(") > 0");
    }
    if let Some(since) = query.since {
        sql.push(" AND e.wall >= ").push_bind(column(since.0));
    }
    if let Some(until) = query.until {
        sql.push(" AND e.wall < ").push_bind(column(until.0));
    }
}

fn cursor(event: &EventRecord) -> Cursor {
    let Stamp { wall, counter, .. } = event.stamp;
    Cursor { wall, counter, event: event.id() }
}
