//! Where a user's folders lie, and whose they are.

use std::{
    env, io,
    path::{Path, PathBuf},
};

/// The folder that holds one data folder for each profile of this user.
pub(super) fn user_data_dir() -> Option<PathBuf> {
    let var = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return var("LOCALAPPDATA").map(|base| base.join("Covey"));
    }
    if cfg!(target_os = "macos") {
        return var("HOME").map(|home| home.join("Library/Application Support/Covey"));
    }
    var("XDG_DATA_HOME")
        .or_else(|| var("HOME").map(|home| home.join(".local/share")))
        .map(|base| base.join("covey"))
}

/// The folder where the instances of this user on this machine find each other.
#[must_use]
pub fn rendezvous_dir() -> PathBuf {
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_dir());
    match runtime {
        Some(dir) => dir.join("covey"),
        None => env::temp_dir().join(format!("covey-{}", user())),
    }
}

#[cfg(unix)]
fn user() -> String {
    rustix::process::getuid().as_raw().to_string()
}

#[cfg(not(unix))]
fn user() -> String {
    env::var("USERNAME").unwrap_or_default()
}

pub(super) fn create_private(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[cfg(unix)]
pub(super) fn check_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    let found = std::fs::symlink_metadata(dir)?;
    let problem = if !found.is_dir() {
        "it is not a folder"
    } else if found.uid() != rustix::process::getuid().as_raw() {
        "it belongs to another user"
    } else if found.mode() & 0o077 != 0 {
        "other users can enter it"
    } else {
        return Ok(());
    };
    Err(io::Error::new(io::ErrorKind::PermissionDenied, problem))
}

/// The user's temporary folder is private on these systems.
#[cfg(not(unix))]
pub(super) fn check_private(dir: &Path) -> io::Result<()> {
    if dir.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) }
}
