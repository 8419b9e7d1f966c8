//! What a node knows of its settings beyond its life, in a file of its data folder.

use std::{fs, io, path::PathBuf};

use covey_logic::{ClusterId, settings::Settings, wire};
use serde::{Deserialize, Serialize};

use super::Pending;
use crate::volume;

/// What a node knows of its settings beyond its life.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The cluster that agreed.
    pub(super) cluster: Option<ClusterId>,
    /// What it agreed on last, as far as this node knows.
    pub(super) agreed: Settings,
    /// The version up to which what this node's user changed was told.
    pub(super) told: u64,
    /// Changes that wait for a majority, the first first.
    pub(super) pending: Vec<Pending>,
}

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct File(PathBuf);

impl File {
    /// The file at `path`, and what it holds; one that cannot be read is set aside.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub(crate) fn open(path: PathBuf) -> io::Result<(Self, Kept)> {
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((Self(path), Kept::default()));
            }
            Err(error) => return Err(error),
        };
        let kept = match wire::decode(&bytes) {
            Ok(kept) => kept,
            Err(error) => {
                let aside = path.with_extension("damaged");
                tracing::warn!(%error, ?aside, "what was known of settings is set aside");
                fs::rename(&path, aside)?;
                Kept::default()
            }
        };
        Ok((Self(path), kept))
    }

    /// Puts `kept` in the place of what the file holds; it is on disk when this returns.
    ///
    /// # Errors
    ///
    /// The operating system's; the file is as it was.
    pub(super) async fn save(&self, kept: &Kept) -> io::Result<()> {
        let (path, bytes) = (self.0.clone(), wire::encode(kept));
        let written = tokio::task::spawn_blocking(move || volume::replace(&path, &bytes)).await;
        written.map_err(io::Error::other)?
    }
}
