//! The files of the source tree.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    places,
    shell::{Failure, at, cmd},
};

/// Files below `folder` whose name ends with `ending`, sorted, without hidden and built ones.
pub(crate) fn below(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|source| at(&folder, source))? {
            let path = entry.map_err(|source| at(&folder, source))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "node_modules" {
                folders.push(path);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Files that git tracks or would track, relative to the root of the tree.
pub(crate) fn tracked() -> Result<Vec<String>, Failure> {
    let list = cmd("git").words("ls-files --cached --others --exclude-standard").read()?;
    let root = places::root();
    Ok(list.lines().filter(|line| root.join(line).is_file()).map(str::to_owned).collect())
}
