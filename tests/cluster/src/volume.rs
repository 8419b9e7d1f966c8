//! A small volume for the data folder of a node, which a test fills, frees, breaks and makes
//! read-only.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Node;

/// Bytes written at once to fill a volume; what is left then is less than a page.
const PIECE: usize = 4_096;

/// A volume over the data folder of a node, for as long as this lives.
#[derive(Debug)]
pub struct Volume {
    path: PathBuf,
    /// The file that it lies in; none in memory.
    image: Option<PathBuf>,
}

impl Volume {
    /// Puts the data folder of `node`, which does not run, on a volume in memory with room for so many
    /// mebibytes.
    ///
    /// # Panics
    ///
    /// If it cannot be mounted.
    #[must_use]
    pub fn under(node: &Node, mib: u32) -> Self {
        let volume = Self { path: node.data(), image: None };
        volume.take(|path| {
            mount(&["-t", "tmpfs", "-o", &format!("size={mib}m,mode=0700"), "covey"], path);
        });
        volume
    }

    /// The same on a file system that takes no more writes once it found an error, as Linux mounts
    /// its disks.
    ///
    /// # Panics
    ///
    /// If it cannot be made or mounted.
    #[must_use]
    pub fn that_may_break(node: &Node, mib: u32) -> Self {
        let image = node.data().with_extension("image");
        let made = File::create(&image).and_then(|file| file.set_len(u64::from(mib) << 20));
        made.unwrap_or_else(|error| panic!("no {}: {error}", image.display()));
        // Without a journal of its own, which would take most of the room.
        run("mkfs.ext4", Command::new("mkfs.ext4").args(["-q", "-O", "^has_journal"]).arg(&image));
        let volume = Self { path: node.data(), image: Some(image) };
        volume.take(|_| volume.mount_image());
        volume
    }

    /// Mounts it, and brings what the folder holds there.
    fn take(&self, mount: impl FnOnce(&Path)) {
        let before = self.path.with_extension("before");
        let moved = fs::rename(&self.path, &before).and_then(|()| fs::create_dir(&self.path));
        moved.unwrap_or_else(|error| panic!("{} cannot be moved: {error}", self.path.display()));
        mount(&self.path);
        // The journals are holes for the most part.
        let mut copy = Command::new("cp");
        run("cp", copy.args(["-a", "--sparse=always"]).arg(before.join(".")).arg(&self.path));
        // What breaks down drops what is not on the disk.
        run("sync", Command::new("sync").arg("-f").arg(&self.path));
    }

    fn mount_image(&self) {
        let image = self.image.as_deref().and_then(Path::to_str).unwrap_or_default();
        mount(&["-o", "loop,errors=remount-ro", image], &self.path);
    }

    /// Has the file system find an error: from here on it can only be read, whoever has files open.
    ///
    /// # Panics
    ///
    /// If it is none that may break.
    pub fn break_down(&self) {
        let found = Command::new("findmnt").args(["-no", "SOURCE"]).arg(&self.path).output();
        let found = found.unwrap_or_else(|error| panic!("findmnt: {error}"));
        let device = String::from_utf8_lossy(&found.stdout).trim().replace("/dev/", "");
        let told = fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "1");
        told.unwrap_or_else(|error| panic!("{device} does not break: {error}"));
    }

    /// Mounts one that broke down anew; nobody may use it.
    ///
    /// # Panics
    ///
    /// If somebody does.
    pub fn mount_anew(&self) {
        run("umount", Command::new("umount").arg(&self.path));
        self.mount_image();
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
    run("mount", Command::new("mount").args(arguments).arg(path));
}

fn run(name: &str, command: &mut Command) {
    let done = command.status();
    assert!(done.as_ref().is_ok_and(std::process::ExitStatus::success), "{name}: {done:?}");
}
