//! Whether a database is what SQLite wrote, as far as SQLite can tell.

use std::path::Path;

use sqlx::{AssertSqlSafe, QueryBuilder, Row as _, Sqlite, SqliteConnection, SqlitePool};

use super::{
    error::{Damage, StoreError, is_damage},
    events::{COLUMNS, JOINS, is_whole},
};

/// Every table but that of the events.
const SMALL: [&str; 7] = ["single", "shared", "snapshot", "local", "node", "kind", "address"];

/// Events that are read at once.
const PIECE: i64 = 1_000;

/// Checks every table but that of the events, which grows large; these are read at the start anyway.
pub(super) async fn check_all_but_events(
    from: &mut SqliteConnection,
    path: &Path,
) -> Result<(), StoreError> {
    for table in SMALL {
        let check = AssertSqlSafe(format!("PRAGMA quick_check({table})"));
        let said: Vec<String> = sqlx::query_scalar(check)
            .fetch_all(&mut *from)
            .await
            .map_err(|source| StoreError::at(path, source))?;
        if let Some(fault) = said.into_iter().find(|line| line != "ok") {
            let (path, source) = (path.to_owned(), Damage::Page(fault));
            return Err(StoreError::Damaged { path, source });
        }
    }
    Ok(())
}

/// What is wrong with the table of the events and its indexes, or with an event; that the disk fails is
/// not. A million events take 2.6 s where they are in memory (253 MiB, two cores that were busy): too
/// long for every start to wait for it.
pub(super) async fn fault_in_events(from: &SqlitePool) -> Option<String> {
    match find_fault_in_events(from).await {
        Ok(fault) => fault,
        Err(error) => is_damage(&error).then(|| error.to_string()),
    }
}

async fn find_fault_in_events(from: &SqlitePool) -> Result<Option<String>, sqlx::Error> {
    let said: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(event)").fetch_all(from).await?;
    let fault = said.into_iter().find(|line| line != "ok");
    Ok(if fault.is_some() { fault } else { find_spoilt_event(from).await? })
}

/// Reads the events that are there now, in pieces, so that nobody waits long for a connection.
async fn find_spoilt_event(from: &SqlitePool) -> Result<Option<String>, sqlx::Error> {
    let end: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM event").fetch_one(from).await?;
    let mut last = i64::MIN;
    while end.is_some_and(|end| last < end) {
        let mut sql = QueryBuilder::<Sqlite>::new(format!(
            "SELECT {COLUMNS}, e.id AS id FROM {JOINS} WHERE e.id > "
        ));
        sql.push_bind(last).push(" ORDER BY e.id LIMIT ").push_bind(PIECE);
        let rows = sql.build().fetch_all(from).await?;
        if let Some(row) = rows.iter().find(|row| is_whole(row) != Some(true)) {
            let id: i64 = row.try_get("id")?;
            return Ok(Some(format!("the event in row {id} is not what was written")));
        }
        let Some(row) = rows.last() else { break };
        last = row.try_get("id")?;
    }
    Ok(None)
}
