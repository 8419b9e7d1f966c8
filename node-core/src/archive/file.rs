//! Archives as files.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use covey_logic::{
    Wall,
    agreed::Agreed,
    coordination::{BarrierView, CounterView, DecisionView, PlaceView, VariableView},
    node::Belongings,
    settings::Change,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::options;

/// What a node left behind, and what it took along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Archive {
    /// When it left, by its clock: what the archive is called by.
    #[ts(type = "number")]
    pub left: Wall,
    /// What it had and knew.
    pub belongings: Belongings,
    /// What its part of the group held; none if that could not be read.
    pub group: Option<ArchivedGroup>,
}

/// What a part of a group held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ArchivedGroup {
    /// How many changes it had taken in.
    #[ts(type = "number")]
    pub revision: u64,
    /// What was set for all nodes, and for single ones.
    pub settings: Vec<Change>,
    /// Locks, elections, semaphores and exclusive agents that were held.
    pub places: Vec<PlaceView>,
    /// Barriers at which somebody was of late.
    pub barriers: Vec<BarrierView>,
    /// Counters.
    pub counters: Vec<CounterView>,
    /// Variables, with what they held before as far as that is known.
    pub variables: Vec<VariableView>,
    /// Settled questions.
    pub decisions: Vec<DecisionView>,
}

/// An archive in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ArchiveRow {
    /// What it is called by: when the node left, in milliseconds since 1970.
    #[ts(type = "number")]
    pub id: Wall,
    /// The cluster that was left.
    pub cluster_name: String,
    /// How many other members that had.
    pub others: u32,
    /// Where the file is.
    pub path: String,
}

/// Why there is no such archive, or it cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Look at the list.
    #[error("there is no archive {id}")]
    Missing {
        /// Which.
        id: u64,
    },
    /// See what the operating system says.
    #[error("{} cannot be read", path.display())]
    Io {
        /// Which file, or the folder.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// Somebody changed the file.
    #[error("{} is no archive", path.display())]
    Garbled {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// The archives of one node; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Archives {
    folder: PathBuf,
}

impl From<&Agreed> for ArchivedGroup {
    fn from(agreed: &Agreed) -> Self {
        let state = agreed.coordination();
        let settings = agreed.settings().values().map(|(place, key, held)| Change {
            key: key.clone(),
            place,
            value: Some(held.value.clone()),
        });
        Self {
            revision: agreed.revision(),
            settings: settings.collect(),
            places: state.places().map(|(place, seats)| PlaceView::new(place, seats)).collect(),
            barriers: state.barriers().map(|(name, there)| BarrierView::new(name, there)).collect(),
            counters: state.counters().map(|(name, at)| CounterView::new(name, *at)).collect(),
            variables: state
                .variables()
                .map(|(name, held)| VariableView::new(name, held))
                .collect(),
            decisions: state.decisions().map(|(name, to)| DecisionView::new(name, to)).collect(),
        }
    }
}

impl ArchivedGroup {
    /// Whether nothing was ever agreed on that is still there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
            && self.places.is_empty()
            && self.barriers.is_empty()
            && self.counters.is_empty()
            && self.variables.is_empty()
            && self.decisions.is_empty()
    }
}

impl Archives {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Writes an archive; it lasts when this returns.
    pub(crate) fn keep(&self, archive: &Archive) -> io::Result<PathBuf> {
        options::create_private(&self.folder)?;
        let path = self.path_of(archive.left);
        let text = serde_json::to_vec_pretty(archive)?;
        let partial = path.with_extension("partial");
        let mut file = File::create(&partial)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&partial, &path)?;
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        Ok(path)
    }

    /// Every archive, the newest first; those that cannot be read are left out and logged.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Io`], for the folder.
    pub(crate) fn list(&self) -> Result<Vec<ArchiveRow>, ArchiveError> {
        let failed = |source| ArchiveError::Io { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut rows = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match read(&path) {
                Ok(archive) => rows.push(ArchiveRow {
                    id: archive.left,
                    cluster_name: archive.belongings.cluster_name,
                    others: archive.belongings.others,
                    path: path.display().to_string(),
                }),
                Err(error) => tracing::warn!(%error, "an archive is left out"),
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.id));
        Ok(rows)
    }

    /// One archive.
    ///
    /// # Errors
    ///
    /// See [`ArchiveError`].
    pub(crate) fn read(&self, id: Wall) -> Result<Archive, ArchiveError> {
        let path = self.path_of(id);
        if !path.exists() {
            return Err(ArchiveError::Missing { id: id.0 });
        }
        read(&path)
    }

    fn path_of(&self, id: Wall) -> PathBuf {
        self.folder.join(format!("{}.json", id.0))
    }
}

fn read(path: &Path) -> Result<Archive, ArchiveError> {
    let text = fs::read(path);
    let text = text.map_err(|source| ArchiveError::Io { path: path.to_owned(), source })?;
    serde_json::from_slice(&text)
        .map_err(|source| ArchiveError::Garbled { path: path.to_owned(), source })
}
