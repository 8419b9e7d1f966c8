//! Setting a damaged database aside, while no node runs with its folder.

use super::{
    StartError, identity,
    start::{DATABASE, IDENTITY, open_folder},
};
use crate::{
    Options, clock,
    store::{self, SetAside, SetAsideError},
};
use covey_logic::NodeId;

/// Why a database was not set aside.
#[derive(Debug, thiserror::Error)]
pub enum AsideError {
    /// See its cause: stop the node first, for one. Nothing changed.
    #[error(transparent)]
    Start(#[from] StartError),
    /// See its cause.
    #[error(transparent)]
    Aside(#[from] SetAsideError),
}

/// Sets the damaged database of a folder aside: the next start begins an empty one, which the other
/// members fill.
///
/// # Errors
///
/// See [`AsideError`].
pub async fn set_aside(options: &Options) -> Result<SetAside, AsideError> {
    let identity = options.path(IDENTITY);
    if !identity.exists() {
        return Err(SetAsideError::Whole.into());
    }
    let _lock = open_folder(options)?;
    let key = identity::load_or_create(&identity).map_err(StartError::from)?;
    let me = NodeId(key.verifying_key().to_bytes());
    Ok(store::set_aside(&options.path(DATABASE), me, clock::wall()).await?)
}
