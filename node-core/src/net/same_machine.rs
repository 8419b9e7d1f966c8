//! How instances on one machine find each other, where multicast is silent: each leaves a file.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use covey_logic::NodeId;
use libp2p::Multiaddr;
use serde::{Deserialize, Serialize};
use tokio::{
    fs,
    sync::{mpsc, watch},
};

use super::{
    address,
    limits::{SAME_MACHINE_INSTANCES, SAME_MACHINE_INTERVAL},
};

/// The longest file that is read: eight addresses are below 1 KiB.
const MAX_FILE: u64 = 16 * 1024;
/// A file younger than this is kept even if its instance does not answer: it may be starting.
const STALE_AFTER: Duration = Duration::from_secs(5);

/// What an instance leaves for the others.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    pid: u32,
    lobby: Vec<String>,
}

/// Another instance on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Neighbour {
    pub(super) node: NodeId,
    pub(super) addresses: Vec<Multiaddr>,
    pub(super) file: PathBuf,
}

/// Keeps this instance's file in `folder` current and reports the others' to `neighbours`, until
/// the sender of `own` is dropped; then removes the file.
pub(super) async fn run(
    folder: PathBuf,
    node: NodeId,
    mut own: watch::Receiver<Vec<String>>,
    neighbours: mpsc::Sender<Vec<Neighbour>>,
) {
    let file = folder.join(format!("{node}.json"));
    let mut tick = tokio::time::interval(SAME_MACHINE_INTERVAL);
    let mut failing = false;
    own.mark_changed();
    loop {
        tokio::select! {
            changed = own.changed() => {
                if changed.is_err() {
                    break;
                }
                let lobby = own.borrow_and_update().clone();
                if let Err(error) = leave_note(&folder, &file, lobby).await {
                    tracing::warn!(%error, "no note could be left for instances on this machine");
                }
            }
            _ = tick.tick() => match scan(&folder, &file).await {
                Ok(found) => {
                    failing = false;
                    if neighbours.send(found).await.is_err() {
                        break;
                    }
                }
                Err(error) => {
                    if !std::mem::replace(&mut failing, true) {
                        tracing::warn!(%error, "instances on this machine cannot be looked for");
                    }
                }
            },
        }
    }
    remove(&file).await;
}

/// Removes the file of an instance that does not answer, unless it is young.
pub(super) async fn remove_stale(file: PathBuf) {
    let age = fs::metadata(&file).await.and_then(|found| found.modified());
    if age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= STALE_AFTER)) {
        tracing::debug!(file = %file.display(), "removing the note of an instance that is gone");
        remove(&file).await;
    }
}

async fn remove(file: &Path) {
    match fs::remove_file(file).await {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::debug!(%error, "a note could not be removed"),
    }
}

/// Writes beside the file and moves it there, so that nobody reads half of it.
async fn leave_note(folder: &Path, file: &Path, lobby: Vec<String>) -> io::Result<()> {
    fs::create_dir_all(folder).await?;
    let note = serde_json::to_vec(&Note { pid: std::process::id(), lobby })?;
    let beside = file.with_extension("new");
    fs::write(&beside, note).await?;
    fs::rename(&beside, file).await
}

async fn scan(folder: &Path, own: &Path) -> io::Result<Vec<Neighbour>> {
    let mut found = Vec::new();
    let mut entries = fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        let file = entry.path();
        if file == own || found.len() >= SAME_MACHINE_INSTANCES {
            continue;
        }
        if let Some((node, addresses)) = read(&file).await {
            found.push(Neighbour { node, addresses, file });
        }
    }
    found.sort_by_key(|neighbour| neighbour.node);
    Ok(found)
}

async fn read(file: &Path) -> Option<(NodeId, Vec<Multiaddr>)> {
    if file.extension()? != "json" || fs::metadata(file).await.ok()?.len() > MAX_FILE {
        return None;
    }
    let node = file.file_stem()?.to_str()?.parse().ok()?;
    let note: Note = serde_json::from_slice(&fs::read(file).await.ok()?).ok()?;
    let addresses = address::parse_all(&note.lobby);
    (!addresses.is_empty()).then_some((node, addresses))
}
