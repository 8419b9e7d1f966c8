//! What process groups use: resident memory, and processor time.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    time::Duration,
};

#[cfg(target_os = "linux")]
use crate::host::sampler::proc::{self, resident_in_status};

/// Time between two samples.
#[cfg(target_os = "linux")]
pub(super) const SAMPLE_INTERVAL: Duration = Duration::from_millis(250);
/// Time between two samples: each starts a program.
#[cfg(not(target_os = "linux"))]
pub(super) const SAMPLE_INTERVAL: Duration = Duration::from_secs(1);

/// What a process group uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Used {
    /// Resident KiB; pages that processes share count in each.
    pub(super) kib: u64,
    /// Processor time of its processes, and of those that they buried; none where it is not told.
    pub(super) cpu: Option<Duration>,
}

/// What each of `groups` uses. A process that left its group is not seen.
#[cfg(target_os = "linux")]
pub(super) fn used(groups: &BTreeSet<i32>) -> io::Result<BTreeMap<i32, Used>> {
    use std::fs;

    let mut used: BTreeMap<i32, Used> = BTreeMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let is_process = entry.file_name().to_str().is_some_and(|name| name.parse::<u32>().is_ok());
        if !is_process {
            continue;
        }
        // A process that has ended meanwhile uses nothing.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some(group) = group_in_stat(&stat).filter(|group| groups.contains(group)) else {
            continue;
        };
        let Ok(status) = fs::read_to_string(entry.path().join("status")) else { continue };
        let used = used.entry(group).or_default();
        used.kib += resident_in_status(&status);
        used.cpu = proc::cpu_in_stat(&stat).map(|cpu| cpu + used.cpu.unwrap_or_default());
    }
    Ok(used)
}

/// As on Linux, told by `ps`, but for processor time, which it rounds to seconds.
#[cfg(not(target_os = "linux"))]
pub(super) fn used(groups: &BTreeSet<i32>) -> io::Result<BTreeMap<i32, Used>> {
    let output =
        std::process::Command::new("ps").args(["-A", "-o", "pgid=", "-o", "rss="]).output()?;
    let mut used: BTreeMap<i32, Used> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut columns = line.split_whitespace();
        let group = columns.next().and_then(|group| group.parse().ok());
        let kib = columns.next().and_then(|kib| kib.parse::<u64>().ok());
        if let Some((group, kib)) = group.zip(kib).filter(|(group, _)| groups.contains(group)) {
            used.entry(group).or_default().kib += kib;
        }
    }
    Ok(used)
}

/// The fifth field; the second is a name in brackets that may hold anything.
#[cfg(target_os = "linux")]
fn group_in_stat(stat: &str) -> Option<i32> {
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(2)?.parse().ok()
}
