//! A small volume for the data folder of a node, which a test fills, frees and makes read-only.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Node;

/// Bytes written at once to fill a volume; what is left then is less than a page.
const PIECE: usize = 4_096;

/// A volume in memory over the data folder of a node, for as long as this lives.
#[derive(Debug)]
pub struct Volume {
    path: PathBuf,
}

impl Volume {
    /// Puts the data folder of `node`, which does not run, on a volume of its own with room for so
    /// many mebibytes.
    ///
    /// # Panics
    ///
    /// If it cannot be mounted.
    #[must_use]
    pub fn under(node: &Node, mib: u32) -> Self {
        let path = node.data();
        let before = path.with_extension("before");
        let moved = fs::rename(&path, &before).and_then(|()| fs::create_dir(&path));
        moved.unwrap_or_else(|error| panic!("{} cannot be moved: {error}", path.display()));
        mount(&["-t", "tmpfs", "-o", &format!("size={mib}m,mode=0700"), "covey"], &path);
        let volume = Self { path };
        // The journals are holes for the most part.
        let copied = Command::new("cp")
            .args(["-a", "--sparse=always"])
            .arg(before.join("."))
            .arg(&volume.path)
            .status();
        assert!(copied.is_ok_and(|status| status.success()), "{} is not copied", before.display());
        volume
    }

    /// Leaves no room on it.
    ///
    /// # Panics
    ///
    /// If there is room without end.
    pub fn fill(&self) {
        let file = File::create(self.ballast());
        let mut file = file.unwrap_or_else(|error| panic!("no ballast: {error}"));
        while file.write_all(&[1; PIECE]).is_ok() {}
    }

    /// Gives the room back.
    ///
    /// # Panics
    ///
    /// If it was not filled.
    pub fn free(&self) {
        let freed = fs::remove_file(self.ballast());
        freed.unwrap_or_else(|error| panic!("no ballast: {error}"));
    }

    /// Makes it read-only; nobody may have it open to be written.
    pub fn make_read_only(&self) {
        mount(&["-o", "remount,ro"], &self.path);
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // A node may still run on it, and it goes with that.
        let unmounted = Command::new("umount").arg("-l").arg(&self.path).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} is still mounted", self.path.display());
        }
    }
}

fn mount(arguments: &[&str], path: &Path) {
    let mounted = Command::new("mount").args(arguments).arg(path).status();
    assert!(mounted.is_ok_and(|status| status.success()), "{} is not mounted", path.display());
}
