//! Events after a position, for who follows them.

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use covey_logic::{NodeId, event::EventRecord, wire};
use futures::TryStreamExt as _;
use sqlx::{QueryBuilder, Sqlite, SqlitePool};

use super::{
    error::{BadRow, ReadError},
    events::{COLUMNS, JOINS, event_of},
    rows::{self, column},
};

/// How far a follower is: of each node, the number of the last of its events that it has. It means
/// the same on every node, and is written as one word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position(BTreeMap<NodeId, u64>);

/// Text that is not a position: use one as a reply gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a position that a reply gave")]
pub struct NotAPosition;

impl Position {
    /// The number of the last event of a node that the follower has.
    #[must_use]
    pub fn last(&self, node: NodeId) -> u64 {
        self.0.get(&node).copied().unwrap_or(0)
    }
}

impl FromIterator<(NodeId, u64)> for Position {
    fn from_iter<T: IntoIterator<Item = (NodeId, u64)>>(lasts: T) -> Self {
        Self(lasts.into_iter().filter(|(_, last)| *last > 0).collect())
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lasts: Vec<(NodeId, u64)> = self.0.iter().map(|(node, last)| (*node, *last)).collect();
        f.write_str(&URL_SAFE_NO_PAD.encode(wire::encode(&lasts)))
    }
}

impl FromStr for Position {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Self, NotAPosition> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().ok_or(NotAPosition)?;
        let lasts: Vec<(NodeId, u64)> = wire::decode(&bytes).ok().ok_or(NotAPosition)?;
        Ok(lasts.into_iter().collect())
    }
}

/// Events that a follower asked for and that are kept no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Whose.
    pub origin: NodeId,
    /// The number of the first that is missing.
    pub from: u64,
    /// The number of the last.
    pub to: u64,
}

/// What comes after a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// The events: those of each node in their order and without gaps but for those that are told,
    /// those of different nodes by their stamps as far as that goes.
    pub events: Vec<Arc<EventRecord>>,
    /// What is missing before or between them.
    pub gaps: Vec<Gap>,
    /// Where to go on.
    pub position: Position,
    /// Whether there is more already.
    pub more: bool,
}

/// Bytes of the events of one answer, roughly.
const MAX_SIZE: usize = 4 * 1024 * 1024;

/// Where everything that is held ends.
pub(super) async fn end(from: &SqlitePool) -> Result<Position, ReadError> {
    Ok(extents(from).await?.into_iter().map(|held| (held.node, held.last)).collect())
}

/// Where what is held begins.
pub(super) async fn start(from: &SqlitePool) -> Result<Position, ReadError> {
    let before = |held: Held| (held.node, held.first.saturating_sub(1));
    Ok(extents(from).await?.into_iter().map(before).collect())
}

/// What comes after `position`, `limit` events at most.
pub(super) async fn follow(
    from: &SqlitePool,
    position: &Position,
    limit: u32,
) -> Result<Followed, ReadError> {
    let mut followed = Followed { position: position.clone(), ..Followed::default() };
    let mut found: BTreeMap<NodeId, Vec<Arc<EventRecord>>> = BTreeMap::new();
    for held in extents(from).await? {
        let last = position.last(held.node);
        if held.last <= last {
            continue;
        }
        let events = after(from, held.id, last, limit).await?;
        if events.is_empty() && held.first > last + 1 {
            followed.skip(held.node, last + 1, held.first - 1);
        } else {
            // The next is the last of its list, where it is cheap to take.
            found.insert(held.node, events.into_iter().rev().collect());
        }
    }
    let mut size = 0;
    while let Some(event) = next(&mut found) {
        size += event.weight();
        if followed.events.len() >= limit as usize
            || (size > MAX_SIZE && !followed.events.is_empty())
        {
            followed.more = true;
            break;
        }
        let expected = followed.position.last(event.origin) + 1;
        if event.seq > expected {
            followed.skip(event.origin, expected, event.seq - 1);
        }
        followed.position.0.insert(event.origin, event.seq);
        followed.events.push(event);
    }
    Ok(followed)
}

impl Followed {
    fn skip(&mut self, origin: NodeId, from: u64, to: u64) {
        self.gaps.push(Gap { origin, from, to });
        self.position.0.insert(origin, to);
    }
}

/// Takes the earliest of those that come next.
fn next(found: &mut BTreeMap<NodeId, Vec<Arc<EventRecord>>>) -> Option<Arc<EventRecord>> {
    let heads = found.iter().filter_map(|(node, events)| Some((events.last()?.stamp, *node)));
    let (_, node) = heads.min()?;
    found.get_mut(&node)?.pop()
}

/// What is held of a node.
struct Held {
    id: i64,
    node: NodeId,
    first: u64,
    last: u64,
}

async fn extents(from: &SqlitePool) -> Result<Vec<Held>, ReadError> {
    let stored: Vec<(i64, Vec<u8>, i64, i64)> =
        sqlx::query_as("SELECT id, node, first, last FROM node").fetch_all(from).await?;
    let held = |(id, node, first, last): (i64, Vec<u8>, i64, i64)| {
        let number = |number| u64::try_from(number).map_err(|_negative| BadRow("node"));
        let node = rows::node_of(&node, "node")?;
        Ok(Held { id, node, first: number(first)?, last: number(last)? })
    };
    Ok(stored.into_iter().map(held).collect::<Result<_, BadRow>>()?)
}

async fn after(
    from: &SqlitePool,
    origin: i64,
    last: u64,
    limit: u32,
) -> Result<Vec<Arc<EventRecord>>, ReadError> {
    let mut sql =
        QueryBuilder::<Sqlite>::new(format!("SELECT {COLUMNS} FROM {JOINS} WHERE e.origin = "));
    sql.push_bind(origin).push(" AND e.seq > ").push_bind(column(last));
    // One more than asked tells whether there is more.
    sql.push(" ORDER BY e.seq LIMIT ").push_bind(i64::from(limit) + 1);
    let query = sql.build();
    let mut rows = query.fetch(from);
    let (mut events, mut size) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await?
        && size <= MAX_SIZE
    {
        let event = event_of(&row)?;
        size += event.weight();
        events.push(event);
    }
    Ok(events)
}
