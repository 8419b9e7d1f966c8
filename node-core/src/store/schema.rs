//! The formats of the database, each a step from the one before.

use std::{path::Path, sync::Arc};

use covey_logic::{event::EventRecord, wire};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::{
    error::{BadRow, StoreError},
    events::Ids,
    rows,
    seal::seal,
};

/// Step `n` leads from format `n` to format `n + 1`.
const MIGRATIONS: [&str; 6] = [
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_snapshot.sql"),
    include_str!("../../migrations/0003_events.sql"),
    include_str!("../../migrations/0004_local.sql"),
    include_str!("../../migrations/0005_sums.sql"),
    include_str!("../../migrations/0006_event_sums.sql"),
];

/// The format from which on values have sums.
const SUMS: i64 = 5;
/// The format from which on the table of events is as it is written now.
const EVENTS: i64 = 6;
/// Events taken over at once.
const TAKEN_OVER: i64 = 1_000;

/// The format this Covey writes.
#[expect(clippy::cast_possible_wrap, reason = "a handful of migrations")]
pub(super) const FORMAT: i64 = MIGRATIONS.len() as i64;

/// Brings the database behind `connection` to [`FORMAT`], each step whole or not at all.
pub(super) async fn migrate(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), StoreError> {
    let fail = |source| StoreError::at(path, source);
    let found = format(connection).await.map_err(fail)?;
    let Some(missing) = usize::try_from(found).ok().and_then(|found| MIGRATIONS.get(found..))
    else {
        return Err(StoreError::TooNew { path: path.to_owned(), found, known: FORMAT });
    };
    for (step, format) in missing.iter().zip(found + 1..) {
        let mut transaction = connection.begin().await.map_err(fail)?;
        sqlx::raw_sql(*step).execute(&mut *transaction).await.map_err(fail)?;
        if format == EVENTS {
            let taken = take_events_over(&mut transaction).await.map_err(fail)?;
            taken.map_err(|row| StoreError::row(path, row))?;
        }
        if format == SUMS {
            add_sums(&mut transaction).await.map_err(fail)?;
        }
        let mark = AssertSqlSafe(format!("PRAGMA user_version = {format}"));
        sqlx::raw_sql(mark).execute(&mut *transaction).await.map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
    }
    if found < FORMAT {
        give_space_back(connection).await.map_err(fail)?;
    }
    Ok(())
}

/// The format of the database; 0 is an empty one.
pub(super) async fn format(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await
}

/// Puts the events of format 2, each a row with the whole event as the wire spells it, in columns, if
/// there are any.
async fn take_events_over(to: &mut SqliteConnection) -> Result<Result<(), BadRow>, sqlx::Error> {
    let found = sqlx::query("SELECT 1 FROM sqlite_schema WHERE name = 'event_2'");
    if found.fetch_optional(&mut *to).await?.is_none() {
        return Ok(Ok(()));
    }
    let mut ids = Ids::default();
    let mut last = i64::MIN;
    loop {
        let stored: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT rowid, body FROM event_2 WHERE rowid > ? ORDER BY rowid LIMIT ?",
        )
        .bind(last)
        .bind(TAKEN_OVER)
        .fetch_all(&mut *to)
        .await?;
        let Some((row, _)) = stored.last() else { break };
        last = *row;
        let decoded = stored.iter().map(|(_, body)| wire::decode::<EventRecord>(body));
        let Ok(events) = decoded.map(|event| event.map(Arc::new)).collect::<Result<Vec<_>, _>>()
        else {
            return Ok(Err(BadRow("event")));
        };
        rows::write_events(&events, &mut ids, to).await?;
    }
    sqlx::raw_sql("DROP TABLE event_2").execute(to).await?;
    Ok(Ok(()))
}

/// Adds sums to the values of format 4.
async fn add_sums(to: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for (read, write) in [
        ("SELECT name, value FROM single", "UPDATE single SET value = ? WHERE name = ?"),
        ("SELECT name, body FROM snapshot", "UPDATE snapshot SET body = ? WHERE name = ?"),
        ("SELECT name, body FROM local", "UPDATE local SET body = ? WHERE name = ?"),
    ] {
        let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(read).fetch_all(&mut *to).await?;
        for (name, value) in rows {
            let value = seal(&[name.as_bytes()], value);
            sqlx::query(write).bind(value).bind(name).execute(&mut *to).await?;
        }
    }
    let shared: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT key, stamp, value FROM shared").fetch_all(&mut *to).await?;
    for (key, stamp, value) in shared {
        let value = seal(&[&key, &stamp], value);
        let query = sqlx::query("UPDATE shared SET value = ? WHERE key = ?");
        query.bind(value).bind(key).execute(&mut *to).await?;
    }
    Ok(())
}

/// Has SQLite keep note of free pages, so that the file can shrink; a database without that note
/// is written anew.
async fn give_space_back(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mode: i64 = sqlx::query_scalar("PRAGMA auto_vacuum").fetch_one(&mut *connection).await?;
    if mode != INCREMENTAL {
        sqlx::raw_sql("PRAGMA auto_vacuum = INCREMENTAL; VACUUM").execute(connection).await?;
    }
    Ok(())
}

/// As `PRAGMA auto_vacuum` numbers it.
const INCREMENTAL: i64 = 2;
