//! The folder of a life, and the program in it or in the search path.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use covey_logic::{Epoch, Name, agent::SpecFile};

/// Where a life runs and what it runs.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) folder: PathBuf,
    pub(super) program: PathBuf,
}

/// The folder of one life. A name holds no `+`, so that `a/b` has no folder within that of `a`.
pub(super) fn folder_of(work_dir: &Path, name: &Name, epoch: Epoch) -> PathBuf {
    work_dir.join(name.as_str().replace('/', "+")).join(epoch.0.to_string())
}

/// Makes a fresh folder for a life, with its files, and finds its program.
pub(super) fn prepare(
    folder: &Path,
    command: &str,
    files: &[SpecFile],
    search_path: Option<&OsStr>,
) -> io::Result<Prepared> {
    remove(folder)?;
    make_folder(folder)?;
    // From here on nothing in the folder is anyone else's, and no file can be a link.
    let folder = folder.canonicalize()?;
    let wanted = command.strip_prefix("./").unwrap_or(command);
    for file in files {
        write(&folder, file, file.executable || file.path == wanted)?;
    }
    let program = find(&folder, command, wanted, files, search_path)?;
    Ok(Prepared { folder, program })
}

/// Removes the folder of a life, and that of its agent if no other life is in it.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    if let Some(parent) = folder.parent() {
        let _not_empty = fs::remove_dir(parent);
    }
    Ok(())
}

/// Removes the folders of lives that a killed node left; anything else is not ours and stays.
pub(super) fn sweep(work_dir: &Path) {
    let children = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    for agent in children(work_dir) {
        let is_name = |name: &OsStr| Name::new(&name.to_str()?.replacen('+', "/", 1)).ok();
        if is_name(&agent.file_name()).is_none() {
            continue;
        }
        for life in children(&agent.path()) {
            let is_epoch = |name: &OsStr| name.to_str()?.parse::<u64>().ok();
            if is_epoch(&life.file_name()).is_some()
                && let Err(error) = remove(&life.path())
            {
                tracing::debug!(path = %life.path().display(), %error, "agent folder stays");
            }
        }
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn write(folder: &Path, file: &SpecFile, executable: bool) -> io::Result<()> {
    let path = folder.join(&file.path);
    if file.path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{path:?} leaves the folder"),
        ));
    }
    if let Some(parent) = path.parent() {
        make_folder(parent)?;
    }
    let mode = if executable { 0o700 } else { 0o600 };
    let mut file_on_disk =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
    file_on_disk.write_all(&file.contents)
}

fn find(
    folder: &Path,
    command: &str,
    wanted: &str,
    files: &[SpecFile],
    search_path: Option<&OsStr>,
) -> io::Result<PathBuf> {
    if Path::new(command).is_absolute() {
        return runnable(PathBuf::from(command));
    }
    if command.contains('/') || files.iter().any(|file| file.path == wanted) {
        return runnable(folder.join(wanted));
    }
    let missing = || {
        let text = format!("{command:?} is neither among the agent's files nor in the search path");
        io::Error::new(io::ErrorKind::NotFound, text)
    };
    std::env::split_paths(search_path.unwrap_or_default())
        .filter(|folder| folder.is_absolute())
        .find_map(|folder| runnable(folder.join(command)).ok())
        .ok_or_else(missing)
}

fn runnable(path: PathBuf) -> io::Result<PathBuf> {
    let name =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let metadata = fs::metadata(&path).map_err(name)?;
    if !metadata.is_file() || metadata.permissions().mode() & 0o111 == 0 {
        let text = format!("{} may not be run", path.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    Ok(path)
}
