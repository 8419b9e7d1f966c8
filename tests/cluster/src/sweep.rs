//! Takes away what tests that were killed left behind.

use std::{fs, path::Path, process::Command};

use rustix::process::{Pid, Signal, kill_process};

/// Where iproute2 keeps the names of namespaces.
pub(crate) const NAMESPACES: &str = "/run/netns";

/// The beginning of the names of this process's namespaces, and of every other's.
pub(crate) const PREFIX: &str = "covey-";

/// Removes the namespaces of processes that are gone, with the nodes in them.
pub(crate) fn sweep() {
    let Ok(names) = fs::read_dir(NAMESPACES) else { return };
    for name in names.flatten() {
        let Ok(name) = name.file_name().into_string() else { continue };
        if maker(&name).is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists()) {
            remove(&name);
        }
    }
}

/// The process that made a namespace, if its name says.
fn maker(namespace: &str) -> Option<u32> {
    namespace.strip_prefix(PREFIX)?.split('-').next()?.parse().ok()
}

/// Ends the processes in a namespace and removes it. Another test may do the same at this moment,
/// so that nothing is an error.
pub(crate) fn remove(namespace: &str) {
    let pids = Command::new("ip").args(["netns", "pids", namespace]).output();
    let pids = pids.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    for pid in pids.unwrap_or_default().lines().filter_map(|line| line.trim().parse().ok()) {
        if let Some(pid) = Pid::from_raw(pid) {
            let _gone = kill_process(pid, Signal::KILL);
        }
    }
    drop(Command::new("ip").args(["netns", "del", namespace]).output());
}
