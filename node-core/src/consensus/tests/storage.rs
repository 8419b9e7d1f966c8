//! K92: openraft's own suite for what stores a log and a state.

use openraft::{
    StorageError,
    testing::{StoreBuilder, Suite},
};
use tempfile::TempDir;

use crate::consensus::{
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
