//! Whether a database is what SQLite wrote, as far as SQLite can tell.

use std::path::Path;

use sqlx::{AssertSqlSafe, SqliteConnection, SqlitePool};

use super::error::{Damage, StoreError, is_damage};

/// Every table but that of the events.
const SMALL: [&str; 7] = ["single", "shared", "snapshot", "local", "node", "kind", "address"];

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

/// What is wrong with the table of the events and its indexes; that the disk fails is not. A million
/// events take 2.6 s where they are in memory (253 MiB, two cores that were busy): too long for every
/// start to wait for it.
pub(super) async fn fault_in_events(from: &SqlitePool) -> Option<String> {
    let said = sqlx::query_scalar::<_, String>("PRAGMA quick_check(event)").fetch_all(from).await;
    match said {
        Ok(said) => said.into_iter().find(|line| line != "ok"),
        Err(error) => is_damage(&error).then(|| error.to_string()),
    }
}
