//! Setting a damaged database aside, while no node runs on it.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use covey_logic::{Incarnation, NodeId, Wall};
use sqlx::{SqliteConnection, SqlitePool};

use super::{
    error::{Damage, StoreError},
    keepsake::{Found, Keeper, Keepsake},
    load::load,
    open::{common, refuse_others},
    schema, survey,
};

/// What lies between the name of a database and the moment at which it was set aside.
const MARK: &str = "-damaged-";
/// Damaged databases that are kept, for who wants to look at them.
const KEPT: usize = 2;
/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// A database that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is; none if there was nothing left of it.
    pub path: Option<PathBuf>,
    /// Whether the node will know its cluster. If not, it begins with one of its own.
    pub knows_cluster: bool,
}

/// Why a database was not set aside.
#[derive(Debug, thiserror::Error)]
pub enum SetAsideError {
    /// There is nothing to set aside. Nothing changed.
    #[error("the database is not damaged")]
    Whole,
    /// See its cause. Nothing changed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system does not let it; ask again.
    #[error("the database cannot be set aside")]
    Io(#[from] io::Error),
}

/// Renames the damaged database of node `me` at `path`, so that an empty one is begun at the next
/// start.
///
/// Of those that were set aside before, the oldest go. `now` stands in for numbers that are lost with
/// the keepsake: no node begins a life each millisecond, or tells of a million events a second.
///
/// # Errors
///
/// See [`SetAsideError`].
pub async fn set_aside(path: &Path, me: NodeId, now: Wall) -> Result<SetAside, SetAsideError> {
    match examine(path, me).await {
        Ok(()) => return Err(SetAsideError::Whole),
        Err(StoreError::Damaged { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let file = Keepsake::beside(path);
    let kept = match Keepsake::read(&file)? {
        Found::Whole(kept) => *kept,
        Found::Nothing | Found::Damaged => Keepsake {
            incarnation: Incarnation(now.0),
            events: now.0.saturating_mul(1_000),
            ..Keepsake::default()
        },
    };
    let knows_cluster = kept.profile.is_some();
    // First: a database that is gone without that is refused.
    Keepsake { aside: true, ..kept }.write(&file)?;
    let aside = named(path, &format!("{MARK}{:016}", now.0));
    let moved = rename(path, &aside)?;
    for companion in COMPANIONS {
        rename(&named(path, companion), &named(&aside, companion))?;
    }
    forget_oldest(path)?;
    Ok(SetAside { path: moved.then_some(aside), knows_cluster })
}

/// Reads everything.
async fn examine(path: &Path, me: NodeId) -> Result<(), StoreError> {
    let mut keeper = Keeper::find(path, me)?;
    if !path.exists() {
        return Ok(());
    }
    refuse_others(path, &keeper).await?;
    let fail = |source| StoreError::at(path, source);
    let damaged = |source| Err(StoreError::Damaged { path: path.to_owned(), source });
    let pool = SqlitePool::connect_lazy_with(common(path).read_only(true));
    let mut connection = pool.acquire().await.map_err(fail)?;
    if let Some(fault) = fault_in_pages(&mut connection).await.map_err(fail)? {
        return damaged(Damage::Page(fault));
    }
    if schema::format(&mut connection).await.map_err(fail)? < schema::FORMAT {
        return Ok(());
    }
    let loaded = load(&mut connection, path).await?;
    keeper.compare(path, &loaded)?;
    drop(connection);
    let check = match survey::check(&pool).await {
        Ok(check) => check,
        Err(error) => return damaged(Damage::Page(error.to_string())),
    };
    pool.close().await;
    check.faults.into_iter().next().map_or(Ok(()), |fault| damaged(Damage::Page(fault)))
}

async fn fault_in_pages(from: &mut SqliteConnection) -> Result<Option<String>, sqlx::Error> {
    let said: Vec<String> = sqlx::query_scalar("PRAGMA quick_check").fetch_all(from).await?;
    Ok(said.into_iter().find(|line| line != "ok"))
}

fn named(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Renames a file; whether there was one.
fn rename(from: &Path, to: &Path) -> io::Result<bool> {
    match fs::rename(from, to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn forget_oldest(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let prefix = named(Path::new(path.file_name().unwrap_or_default()), MARK);
    let prefix = prefix.to_string_lossy();
    let mut before = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_companion = COMPANIONS.iter().any(|end| name.ends_with(end));
        if name.starts_with(&*prefix) && !is_companion {
            before.push(folder.join(name));
        }
    }
    before.sort();
    for oldest in before.iter().rev().skip(KEPT) {
        fs::remove_file(oldest)?;
        for companion in COMPANIONS.map(|end| named(oldest, end)) {
            match fs::remove_file(companion) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
    }
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}
