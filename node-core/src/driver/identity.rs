//! The identity file: an Ed25519 key pair, made once and never replaced.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use ed25519_dalek::SigningKey;

use crate::entropy::{self, EntropyError};

/// An identity that cannot be had. The file was not touched.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Restore the file from a backup; or move it away to become another node, a stranger to the
    /// cluster.
    #[error("the identity file {} is damaged; restore it from a backup, or move it away to become a new node", .0.display())]
    Damaged(PathBuf),
    /// Mend the file's permissions, or the disk.
    #[error("the identity file {} cannot be used", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is no way to make a key.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// Reads the identity at `path`, or makes one if there is no file.
///
/// The caller holds the lock of the folder. The file holds the secret key and the public key that
/// belongs to it, so that a damaged one is noticed.
///
/// # Errors
///
/// See [`IdentityError`].
pub(super) fn load_or_create(path: &Path) -> Result<SigningKey, IdentityError> {
    let failed = |source| IdentityError::Io { path: path.to_owned(), source };
    match File::open(path) {
        Ok(file) => {
            keep_private(&file).map_err(failed)?;
            let mut bytes = Vec::with_capacity(64);
            file.take(65).read_to_end(&mut bytes).map_err(failed)?;
            <[u8; 64]>::try_from(bytes)
                .ok()
                .and_then(|pair| SigningKey::from_keypair_bytes(&pair).ok())
                .ok_or_else(|| IdentityError::Damaged(path.to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = SigningKey::from_bytes(&entropy::bytes()?);
            create(path, &key.to_keypair_bytes()).map_err(failed)?;
            tracing::info!("identity made");
            Ok(key)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Writes beside `path` and renames, so that a crash leaves a whole file or none.
fn create(path: &Path, pair: &[u8; 64]) -> io::Result<()> {
    let beside = path.with_extension("new");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(pair)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Takes other users' rights to the file away, if they have any.
#[cfg(unix)]
fn keep_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mut permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 != 0 {
        tracing::warn!("identity file was open to other users");
        permissions.set_mode(0o600);
        file.set_permissions(permissions)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_private(_: &File) -> io::Result<()> {
    Ok(())
}
