//! Openings of sealed bids of this node's own user, sealed, on its disk: one file each.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use covey_logic::{
    ClusterId,
    ids::{hex, unhex},
};
use p256::SecretKey;
use serde::{Deserialize, Serialize};

use super::seal::{self, Opening, SealError, SealedOpening};
use crate::options;

/// The envelopes, and the key that opens them; cheap to clone.
#[derive(Clone)]
pub(crate) struct Vault(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    secret: SecretKey,
}

/// An envelope as it lies on disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    commitment: String,
    opening: SealedOpening,
}

impl Vault {
    const KEY: &str = "key";

    /// The vault in `folder`, which is made if it is not there, and its key with it.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        options::create_private(&folder)?;
        let path = folder.join(Self::KEY);
        let secret = match fs::read(&path) {
            Ok(bytes) => SecretKey::from_slice(&bytes).ok().ok_or(io::ErrorKind::InvalidData)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secret = seal::fresh_secret().map_err(io::Error::other)?;
                write_private(&path, &secret.to_bytes())?;
                secret
            }
            Err(error) => return Err(error),
        };
        Ok(Self(Arc::new(Inner { folder, secret })))
    }

    /// The public key, in hexadecimal digits.
    pub(crate) fn key(&self) -> String {
        seal::public_of(&self.0.secret)
    }

    /// Keeps an envelope; it is on disk when this returns.
    pub(crate) async fn keep(
        &self,
        (cluster, auction): (ClusterId, u64),
        commitment: &[u8; 32],
        opening: SealedOpening,
    ) -> Result<(), KeepError> {
        // One that nobody can open would cost the deposit.
        drop(seal::unseal(&self.0.secret, commitment, &opening)?);
        let path = self.path(cluster, auction, commitment);
        let text = crate::control::to_json(&Kept { commitment: hex(commitment), opening });
        let written =
            tokio::task::spawn_blocking(move || write_private(&path, text.to_string().as_bytes()));
        Ok(written.await.map_err(io::Error::other)??)
    }

    /// The opening of the commitment, if there is an envelope for it.
    pub(super) fn opening(
        &self,
        (cluster, auction): (ClusterId, u64),
        commitment: &[u8; 32],
    ) -> Option<Opening> {
        let text = fs::read(self.path(cluster, auction, commitment)).ok()?;
        let kept: Kept = serde_json::from_slice(&text).ok()?;
        let commitment = unhex(&kept.commitment)?;
        seal::unseal(&self.0.secret, &commitment, &kept.opening).ok()
    }

    /// Forgets the envelopes of auctions of `cluster` of which `over` says so.
    pub(super) fn forget(&self, cluster: ClusterId, over: impl Fn(u64) -> bool) {
        let start = format!("{}-", hex(&cluster.0));
        let Ok(files) = fs::read_dir(&self.0.folder) else { return };
        for file in files.flatten() {
            let name = file.file_name();
            let rest = name.to_str().and_then(|name| name.strip_prefix(&start));
            let auction = rest.and_then(|rest| rest.split('-').next()?.parse().ok());
            if auction.is_some_and(&over)
                && let Err(error) = fs::remove_file(file.path())
            {
                tracing::warn!(%error, "an envelope that is not needed any more stays");
            }
        }
    }

    fn path(&self, cluster: ClusterId, auction: u64, commitment: &[u8; 32]) -> PathBuf {
        let (cluster, commitment) = (hex(&cluster.0), hex(commitment));
        self.0.folder.join(format!("{cluster}-{auction}-{commitment}"))
    }
}

/// Why an envelope was not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    /// Seal it anew.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Mend the disk.
    #[error("the envelope cannot be kept")]
    Disk(#[from] io::Error),
}

/// Writes beside `path` and renames, so that a crash leaves a whole file or none, which only the
/// node's own user reads.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("folder", &self.0.folder).finish_non_exhaustive()
    }
}
