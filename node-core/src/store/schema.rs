//! The formats of the database, each a step from the one before.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::error::StoreError;

/// Step `n` leads from format `n` to format `n + 1`.
const MIGRATIONS: [&str; 2] = [
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_snapshot.sql"),
];

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
        let mark = AssertSqlSafe(format!("PRAGMA user_version = {format}"));
        sqlx::raw_sql(mark).execute(&mut *transaction).await.map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
    }
    Ok(())
}

/// The format of the database; 0 is an empty one.
pub(super) async fn format(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await
}
