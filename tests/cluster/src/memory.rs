//! How much memory the process of a node takes, as the kernel keeps it.

use std::fs;

use crate::Node;

impl Node {
    /// Resident memory of its process, in KiB; [`most_kib`](Self::most_kib) counts from here.
    ///
    /// # Panics
    ///
    /// If it does not run.
    #[must_use]
    pub fn weigh_from_here(&self) -> u64 {
        // "5" resets the peak: proc_pid_clear_refs(5).
        let reset = fs::write(format!("/proc/{}/clear_refs", self.pid()), "5");
        reset.unwrap_or_else(|error| panic!("{} has no peak to reset: {error}", self.name()));
        self.memory_kib("VmRSS:")
    }

    /// The most resident memory that its process had since it was weighed, in KiB, as the kernel
    /// kept it: no peak falls between two looks.
    ///
    /// # Panics
    ///
    /// If it does not run.
    #[must_use]
    pub fn most_kib(&self) -> u64 {
        self.memory_kib("VmHWM:")
    }

    fn memory_kib(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.unwrap_or_else(|error| panic!("{} is gone: {error}", self.name()));
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
        kib.unwrap_or_else(|| panic!("{} has no {field} {status}", self.name()))
    }
}
