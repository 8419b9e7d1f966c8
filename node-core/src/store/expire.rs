//! Dropping the oldest events.

use covey_logic::{NodeId, event_store::Expiry};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::rows::{self, column};

/// Events dropped in one commit: appends wait for it, some 20 ms.
const CHUNK: i64 = 2_000;
/// How far below what they may take events are brought, and what part of it may lie free in the
/// file: one in so many. A file that shrinks and grows by every page would be written twice.
const SLACK: u64 = 32;

/// What was dropped.
#[derive(Debug, Default)]
pub(super) struct Dropped {
    /// For each node of which events went, the number of the first that is left.
    pub(super) firsts: Vec<(NodeId, u64)>,
    /// Whether there is more to drop.
    pub(super) more: bool,
}

/// Bytes that events take: what is in use of the file without what the other tables hold.
pub(super) async fn size(from: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    let size: i64 = sqlx::query_scalar(
        "SELECT (p.page_count - f.freelist_count) * s.page_size \
            - (SELECT coalesce(sum(length(key) + length(stamp) + length(value)), 0) FROM shared) \
            - (SELECT coalesce(sum(length(body)), 0) FROM snapshot) \
         FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s",
    )
    .fetch_one(from)
    .await?;
    Ok(u64::try_from(size).unwrap_or(0))
}

/// Drops what may go, or a part of it, each node's events from its first on.
pub(super) async fn expire(
    from: &mut SqliteConnection,
    expiry: Expiry,
) -> Result<Dropped, sqlx::Error> {
    let mut transaction = from.begin().await?;
    let own = own(&mut transaction, expiry.own).await?;
    let mut ends = aged(&mut transaction, expiry, own).await?;
    if ends.is_empty() {
        ends = surplus(&mut transaction, expiry, own).await?;
    }
    let mut dropped = Dropped::default();
    for (origin, node, last) in ends {
        let gone = sqlx::query("DELETE FROM event WHERE origin = ? AND seq <= ?")
            .bind(origin)
            .bind(last)
            .execute(&mut *transaction)
            .await?;
        let first = first_after(origin, last, &mut transaction).await?;
        dropped.more |= gone.rows_affected() > 0;
        if let (Ok(node), Ok(first)) = (rows::node_of(&node, "node"), u64::try_from(first)) {
            dropped.firsts.push((node, first));
        }
    }
    transaction.commit().await?;
    if dropped.more {
        give_space_back(from, expiry.bytes / SLACK).await?;
    }
    Ok(dropped)
}

/// Notes which event is the first of an origin when those up to `last` are gone: the next, or a later
/// one if those between are lost.
async fn first_after(
    origin: i64,
    last: i64,
    to: &mut SqliteConnection,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE node SET first = coalesce( \
            (SELECT min(seq) FROM event WHERE origin = ?1 AND seq > ?2), ?2 + 1) \
         WHERE id = ?1 RETURNING first",
    )
    .bind(origin)
    .bind(last)
    .fetch_one(to)
    .await
}

/// Gives free pages back to the file system, but for `spare` bytes of them.
async fn give_space_back(from: &mut SqliteConnection, spare: u64) -> Result<(), sqlx::Error> {
    let (free, page): (i64, i64) = sqlx::query_as(
        "SELECT f.freelist_count, s.page_size FROM pragma_freelist_count f, pragma_page_size s",
    )
    .fetch_one(&mut *from)
    .await?;
    let pages = free - column(spare) / page.max(1);
    if pages > 0 {
        let give = AssertSqlSafe(format!("PRAGMA incremental_vacuum({pages})"));
        sqlx::raw_sql(give).execute(from).await?;
    }
    Ok(())
}

/// This node's number in the database, and the last of its events that may go.
async fn own(
    from: &mut SqliteConnection,
    (node, last): (NodeId, u64),
) -> Result<(i64, i64), sqlx::Error> {
    let id: Option<i64> = sqlx::query_scalar("SELECT id FROM node WHERE node = ?")
        .bind(node.0.to_vec())
        .fetch_optional(from)
        .await?;
    Ok((id.unwrap_or(0), column(last)))
}

/// A node, and the last of its events that goes.
type End = (i64, Vec<u8>, i64);

/// Those that are too old, as far as every one before them is.
async fn aged(
    from: &mut SqliteConnection,
    expiry: Expiry,
    (me, own): (i64, i64),
) -> Result<Vec<End>, sqlx::Error> {
    let before = column(expiry.before.0);
    let nodes: Vec<(i64, Vec<u8>, i64)> = sqlx::query_as(
        "SELECT n.id, n.node, n.first FROM node n \
         JOIN event e ON e.origin = n.id AND e.seq = n.first WHERE e.wall < ?",
    )
    .bind(before)
    .fetch_all(&mut *from)
    .await?;
    let mut ends = Vec::new();
    for (id, node, first) in nodes {
        let (last, young): (i64, Option<i64>) = sqlx::query_as(
            "SELECT max(seq), min(seq) FILTER (WHERE wall >= ?) FROM \
             (SELECT seq, wall FROM event WHERE origin = ? AND seq >= ? ORDER BY seq LIMIT ?)",
        )
        .bind(before)
        .bind(id)
        .bind(first)
        .bind(CHUNK)
        .fetch_one(&mut *from)
        .await?;
        let last = young.map_or(last, |young| young - 1);
        let last = if id == me { last.min(own) } else { last };
        if last >= first {
            ends.push((id, node, last));
        }
    }
    Ok(ends)
}

/// The oldest of all, if they take more than they may: until they take some less.
async fn surplus(
    from: &mut SqliteConnection,
    expiry: Expiry,
    (me, own): (i64, i64),
) -> Result<Vec<End>, sqlx::Error> {
    let size = size(&mut *from).await?;
    if size <= expiry.bytes {
        return Ok(Vec::new());
    }
    let count: i64 = sqlx::query_scalar("SELECT coalesce(sum(last - first + 1), 0) FROM node")
        .fetch_one(&mut *from)
        .await?;
    let surplus = u128::from(size - (expiry.bytes - expiry.bytes / SLACK));
    let share = surplus * u128::try_from(count).unwrap_or(0) / u128::from(size);
    let share = i64::try_from(share).unwrap_or(CHUNK).clamp(1, CHUNK);
    sqlx::query_as(
        "SELECT n.id, n.node, max(e.seq) FROM ( \
             SELECT origin, seq FROM event \
             WHERE NOT (origin = ? AND seq > ?) ORDER BY wall, counter LIMIT ? \
         ) e JOIN node n ON n.id = e.origin GROUP BY n.id",
    )
    .bind(me)
    .bind(own)
    .bind(share)
    .fetch_all(from)
    .await
}
