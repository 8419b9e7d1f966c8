//! What this machine is, and how busy it is.

#[cfg(target_os = "linux")]
pub(in crate::host) mod proc;

use std::{path::Path, time::Duration};

use covey_logic::{node::Machine, replica::Load};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use crate::volume;

const MIB: u64 = 1 << 20;

/// This system does not tell how busy it is: the node can run without samples.
#[derive(Debug, thiserror::Error)]
#[error("the load of this machine cannot be read")]
pub struct SampleError(#[from] sysinfo::Error);

/// Samples this machine. Each call reads a few system files (some 0.3 ms on Linux).
#[derive(Debug)]
pub struct Sampler {
    system: System,
}

impl Sampler {
    /// A sampler, and the machine it found itself on.
    ///
    /// # Errors
    ///
    /// See [`SampleError`].
    pub fn new() -> Result<(Self, Machine), SampleError> {
        let kinds = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing().with_usage())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(kinds)?;
        let machine = Machine {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            cpus: u16::try_from(system.cpus().len().max(1)).unwrap_or(u16::MAX),
            memory_mib: mib(system.total_memory()),
            ..Machine::default()
        };
        Ok((Self { system }, machine))
    }

    /// What the machine does since the last call; calls should lie 0.2 s apart or more. The volume is
    /// the one on which `folder` lies.
    #[must_use]
    pub fn sample(&mut self, folder: &Path) -> MachineMeasure {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let busy: f32 = self.system.cpus().iter().map(sysinfo::Cpu::usage).sum();
        let used = self.system.used_memory();
        let (own, disks, network) = totals();
        MachineMeasure {
            load: Load { cpu_percent: percent(busy), used_mib: mib(used), messages_per_s: 0 },
            busy,
            cpus: self.system.cpus().len(),
            memory: (used, self.system.total_memory()),
            volume: volume::room(folder),
            own,
            disks,
            network,
        }
    }
}

/// What a machine does, and what Covey uses of it; what cannot be measured is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MachineMeasure {
    /// The load, without [`Load::messages_per_s`], which the host does not know.
    pub load: Load,
    /// Busy processors, in percent of one.
    pub busy: f32,
    /// Processors.
    pub cpus: usize,
    /// Bytes of memory in use, and of all.
    pub memory: (u64, u64),
    /// Bytes of the volume that are free to us, and of all.
    pub volume: Option<(u64, u64)>,
    /// Processor time that this process used, and its resident KiB.
    pub own: Option<(Duration, u64)>,
    /// Bytes read from disks and written to them since the machine booted.
    pub disks: Option<(u64, u64)>,
    /// Bytes received and sent since the machine booted.
    pub network: Option<(u64, u64)>,
}

/// What this process used, and what passed disks and networks.
type Totals = (Option<(Duration, u64)>, Option<(u64, u64)>, Option<(u64, u64)>);

#[cfg(target_os = "linux")]
fn totals() -> Totals {
    (proc::own(), proc::disks(), proc::network())
}

#[cfg(not(target_os = "linux"))]
fn totals() -> Totals {
    (None, None, None)
}

fn mib(bytes: u64) -> u32 {
    u32::try_from(bytes / MIB).unwrap_or(u32::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded and not negative; a float beyond u32 becomes its greatest value"
)]
fn percent(busy: f32) -> u32 {
    busy.round().max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use super::Sampler;

    #[test]
    fn machine_has_a_processor_and_uses_part_of_its_memory() {
        let (mut sampler, machine) = Sampler::new().unwrap();

        let measure = sampler.sample(std::path::Path::new("."));

        let load = measure.load;
        assert!(machine.cpus > 0);
        assert!(load.used_mib > 0 && load.used_mib < machine.memory_mib);
        assert!(load.cpu_percent <= 100 * u32::from(machine.cpus));
        assert!(measure.volume.is_none_or(|(free, all)| free <= all && all > 0));
    }
}
