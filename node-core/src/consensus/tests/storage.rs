//! K92: openraft's own suite for what stores a log and a state; and files of other formats.

use openraft::{
    StorageError,
    testing::{StoreBuilder, Suite},
};
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::consensus::{
    ConsensusError,
    disk::Disk,
    log::Log,
    state::State,
    types::{RaftId, Types},
};

struct Files;

impl StoreBuilder<Types, Log, State, TempDir> for Files {
    async fn build(&self) -> Result<(TempDir, Log, State), StorageError<RaftId>> {
        let folder = tempfile::tempdir().unwrap();
        let (disk, mut loaded) = Disk::open(&folder.path().join("group.db")).await.unwrap();
        let state = State::new(disk.clone(), &mut loaded).unwrap();
        Ok((folder, Log::new(disk, &mut loaded), state))
    }
}

#[test]
fn log_and_state_keep_what_openraft_asks_of_them() {
    Suite::test_all(Files).unwrap();
}

#[tokio::test]
async fn file_of_another_format_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group.db");
    drop(Disk::open(&path).await.unwrap());
    let newer = postcard::to_allocvec(&77_u32).unwrap();
    let mut file = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let update = sqlx::query("UPDATE fact SET bytes = ? WHERE key = 'format'");
    update.bind(&newer).execute(&mut file).await.unwrap();

    let refused = Disk::open(&path).await;

    assert!(matches!(refused, Err(ConsensusError::Format { found: 77, .. })), "{refused:?}");
    let kept = sqlx::query_scalar::<_, Vec<u8>>("SELECT bytes FROM fact WHERE key = 'format'");
    assert_eq!(kept.fetch_one(&mut file).await.unwrap(), newer);
}
