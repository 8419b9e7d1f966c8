//! What the machine says of itself and of a process.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use crate::error::BenchError;

/// Its load, as the kernel tells it.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg");
    let averages = load.map(|load| load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    let cpus = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    averages.map_or_else(|_| "not known".to_owned(), |load| format!("{load} on {cpus} CPUs"))
}

/// Resident memory of a process, in MiB.
pub(crate) fn resident_mib(pid: u32) -> Result<f64, BenchError> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"));
    let status = status.map_err(BenchError::io("read the memory of a node"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: Option<u32> =
        line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    kib.map(|kib| f64::from(kib) / 1_024.0)
        .ok_or(BenchError::Ended { node: format!("process {pid}") })
}

/// Bytes that loopback has carried, headers and all.
pub(crate) fn loopback_bytes() -> Result<u64, BenchError> {
    let table = fs::read_to_string("/proc/thread-self/net/dev");
    let table = table.map_err(BenchError::io("read what loopback carried"))?;
    let line = table.lines().find_map(|line| line.trim().strip_prefix("lo:"));
    let bytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    bytes.ok_or_else(|| BenchError::Io {
        what: "read what loopback carried",
        source: std::io::ErrorKind::InvalidData.into(),
    })
}

/// Time by a clock that every process of the machine shares.
pub(crate) fn shared_now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// In milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// As a number with a fraction; what is counted here is far below 2³².
pub(crate) fn float(count: impl TryInto<u32>) -> f64 {
    count.try_into().map_or(f64::INFINITY, f64::from)
}
