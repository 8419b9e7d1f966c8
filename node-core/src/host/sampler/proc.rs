//! What Linux tells in `/proc` (proc(5)).

use std::{fs, time::Duration};

/// Ticks of a second in which `/proc` counts processor time: `USER_HZ`, which is 100 on every
/// machine that Covey runs on.
const TICK: Duration = Duration::from_millis(10);
/// What `/proc/diskstats` calls a sector, whatever the disk does.
const SECTOR: u64 = 512;

/// Processor time of a process and of the children that it waited for.
pub(in crate::host) fn cpu_in_stat(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    // utime, stime, cutime, cstime: fields 14 to 17, of which the first two are cut off.
    let fields = fields.split_whitespace().skip(11).take(4);
    let ticks: Vec<u32> = fields.map_while(|field| field.parse().ok()).collect();
    (ticks.len() == 4).then(|| TICK * ticks.iter().fold(0, |all, one| one.saturating_add(all)))
}

/// Resident KiB of a process.
pub(in crate::host) fn resident_in_status(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Processor time and resident KiB of this process.
pub(super) fn own() -> Option<(Duration, u64)> {
    let cpu = cpu_in_stat(&fs::read_to_string("/proc/self/stat").ok()?)?;
    Some((cpu, resident_in_status(&fs::read_to_string("/proc/self/status").ok()?)))
}

/// Bytes read from disks and written to them since the machine booted.
pub(super) fn disks() -> Option<(u64, u64)> {
    let whole: Vec<String> = fs::read_dir("/sys/block")
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    disks_in(&fs::read_to_string("/proc/diskstats").ok()?, |name| {
        // What lies on other disks would count twice.
        let virtual_ = ["loop", "ram", "zram", "dm-", "md"];
        whole.iter().any(|disk| disk == name) && !virtual_.iter().any(|kind| name.starts_with(kind))
    })
}

fn disks_in(text: &str, counts: impl Fn(&str) -> bool) -> Option<(u64, u64)> {
    let disk = |line: &str| -> Option<(u64, u64)> {
        let mut fields = line.split_whitespace().skip(2);
        counts(fields.next()?).then_some(())?;
        let read: u64 = fields.nth(2)?.parse().ok()?;
        let written: u64 = fields.nth(3)?.parse().ok()?;
        Some((read.saturating_mul(SECTOR), written.saturating_mul(SECTOR)))
    };
    text.lines().filter_map(disk).reduce(sum)
}

/// Bytes received and sent since the machine booted, loopback aside.
pub(super) fn network() -> Option<(u64, u64)> {
    network_in(&fs::read_to_string("/proc/net/dev").ok()?)
}

fn network_in(text: &str) -> Option<(u64, u64)> {
    let interface = |line: &str| -> Option<(u64, u64)> {
        let (name, counts) = line.split_once(':')?;
        (name.trim() != "lo").then_some(())?;
        let mut counts = counts.split_whitespace();
        Some((counts.next()?.parse().ok()?, counts.nth(7)?.parse().ok()?))
    };
    text.lines().filter_map(interface).reduce(sum)
}

fn sum(a: (u64, u64), b: (u64, u64)) -> (u64, u64) {
    (a.0.saturating_add(b.0), a.1.saturating_add(b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_a_process_and_its_children_add_up() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 10 20 0 0 100 50 7 3 20 0 1 0 9";

        assert_eq!(cpu_in_stat(stat), Some(Duration::from_millis(1_600)));
        assert_eq!(cpu_in_stat("42 (a) S 1"), None);
    }

    #[test]
    fn sectors_of_whole_disks_are_bytes() {
        let text = "   8 0 sda 10 0 4 0 20 0 6 0 0 0 0\n   8 1 sda1 9 0 3 0 19 0 5 0 0 0 0\n";

        assert_eq!(disks_in(text, |name| name == "sda"), Some((2_048, 3_072)));
        assert_eq!(disks_in(text, |_| false), None, "no disk is not nought");
    }

    #[test]
    fn loopback_is_no_network() {
        let text = "Inter-| Receive\n face |bytes\n    lo: 99 1 0 0 0 0 0 0 99 1 0 0 0 0 0 0\n  \
                    eth0: 100 1 0 0 0 0 0 0 200 2 0 0 0 0 0 0\n";

        assert_eq!(network_in(text), Some((100, 200)));
    }

    #[test]
    fn this_process_uses_memory() {
        let (_, kib) = own().unwrap();

        assert!(kib > 0);
    }
}
