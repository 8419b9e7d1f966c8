//! How the store fails.

use std::path::{Path, PathBuf};

use crate::volume::Refusal;

/// Primary result codes of SQLite that mean the file itself is not what was written.
const CORRUPT: u32 = 11;
const NOT_A_DATABASE: u32 = 26;

/// Why a store could not be opened; the file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is damaged: set it aside and start again; the other members fill what they share.
    #[error(
        "the database {} is damaged; `covey store set-aside` lets an empty one begin, which the other \
         members fill",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        #[source]
        source: Damage,
    },
    /// A later Covey wrote the file: update this one.
    #[error(
        "the database {} has format {found}, and this Covey knows formats up to {known}",
        path.display()
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this Covey reads.
        known: i64,
    },
    /// The file cannot be read or written: look at its rights and the space on its disk.
    #[error("the database {} cannot be used", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
}

/// What is wrong with a damaged file.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// SQLite cannot make sense of it.
    #[error(transparent)]
    File(sqlx::Error),
    /// A page is not what it should be.
    #[error("{0}")]
    Page(String),
    /// There was one, and it is not there or empty.
    #[error("what was in it is gone")]
    Gone,
    /// It holds less than it once did.
    #[error("it is older than what the node last knew")]
    Older,
    /// A row does not hold what rows of its table hold.
    #[error("a row of table {table} is not what was written")]
    Row {
        /// Which table.
        table: &'static str,
    },
}

/// Why nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreTrouble {
    /// The disk takes no writes; it goes on by itself when that does.
    Refused(Refusal),
    /// The file is damaged: see [`StoreError::Damaged`].
    Damaged {
        /// What was found.
        reason: String,
    },
}

/// Why stored events could not be read. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The disk or the file is damaged: the node can go on without its history.
    #[error("events cannot be read")]
    Database(#[from] sqlx::Error),
    /// A row is not an event: the file is damaged.
    #[error("a stored event is not what was written")]
    Row,
}

/// A row that is not what was written.
#[derive(Debug)]
pub(super) struct BadRow(pub &'static str);

impl StoreError {
    pub(super) fn at(path: &Path, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        if is_damage(&source) {
            Self::Damaged { path, source: Damage::File(source) }
        } else {
            Self::Unusable { path, source }
        }
    }

    pub(super) fn row(path: &Path, BadRow(table): BadRow) -> Self {
        Self::Damaged { path: path.to_owned(), source: Damage::Row { table } }
    }
}

impl ReadError {
    /// What is damaged, if that is why.
    pub(super) fn damage(&self) -> Option<String> {
        match self {
            Self::Database(error) => is_damage(error).then(|| error.to_string()),
            Self::Row => Some(self.to_string()),
        }
    }
}

impl From<BadRow> for ReadError {
    fn from(_: BadRow) -> Self {
        Self::Row
    }
}

/// Whether SQLite found that the file is not what was written.
pub(super) fn is_damage(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.code()?.parse::<u32>().ok())
        .is_some_and(|code| matches!(code & 0xff, CORRUPT | NOT_A_DATABASE))
}
