//! What this machine is, and how busy it is.

use covey_logic::{node::Machine, replica::Load};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

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

    /// The load since the last call, without [`Load::messages_per_s`], which the host does not
    /// know; calls should lie 0.2 s apart or more.
    #[must_use]
    pub fn sample(&mut self) -> Load {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let busy: f32 = self.system.cpus().iter().map(sysinfo::Cpu::usage).sum();
        Load {
            cpu_percent: percent(busy),
            used_mib: mib(self.system.used_memory()),
            messages_per_s: 0,
        }
    }
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

        let load = sampler.sample();

        assert!(machine.cpus > 0);
        assert!(load.used_mib > 0 && load.used_mib < machine.memory_mib);
        assert!(load.cpu_percent <= 100 * u32::from(machine.cpus));
    }
}
