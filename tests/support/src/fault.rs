//! A seeded schedule of everything that can go wrong at once.

use std::time::Duration;

use covey_logic::Command;

use crate::{
    dice::Dice,
    network::Weather,
    world::{Relief, World},
};

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A process dies and is started again.
    Kill,
    /// A machine loses its power and gets it back.
    PowerOff,
    /// A process does nothing for a while.
    Freeze,
    /// The cluster falls in two.
    Partition,
    /// One direction between two machines is cut.
    OneWay,
    /// One cable is pulled.
    Cut,
    /// The network loses, doubles and delays.
    Storm,
    /// A disk takes up to two seconds for a write.
    SlowDisk,
    /// A wall clock jumps, forward or back.
    ClockJump,
    /// An agent crashes.
    AgentCrash,
    /// A process says goodbye before it ends, and is started again.
    Leave,
    /// A disk refuses every write until the process is started again.
    FullDisk,
    /// A machine goes to sleep and wakes.
    Sleep,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Kill,
        Self::PowerOff,
        Self::Freeze,
        Self::Partition,
        Self::OneWay,
        Self::Cut,
        Self::Storm,
        Self::SlowDisk,
        Self::ClockJump,
        Self::AgentCrash,
        Self::Leave,
        Self::FullDisk,
        Self::Sleep,
    ];
}

/// Which faults strike, and when.
#[derive(Debug)]
pub struct Faults {
    kinds: Vec<Fault>,
    dice: Dice,
}

impl Faults {
    /// How far a clock jumps at most, in milliseconds: two of them stay within the minute that a
    /// stamp may lie ahead.
    const MAX_JUMP_MS: u64 = 10_000;
    /// How far a clock is off at most.
    const MAX_OFFSET_MS: u64 = 25_000;

    /// Faults of these kinds, as `seed` decides.
    #[must_use]
    pub fn new(seed: u64, kinds: &[Fault]) -> Self {
        Self { kinds: kinds.to_vec(), dice: Dice::new(seed, 2) }
    }

    /// Lets one fault strike and tells how long until the next.
    pub(crate) fn strike(&mut self, world: &mut World) -> Duration {
        let machine = self.dice.index(world.machines().len());
        match self.dice.pick(&self.kinds).copied() {
            Some(Fault::Kill) => {
                world.kill(machine);
                world.relieve_after(self.between(50, 6_000), Relief::Boot(machine));
            }
            Some(Fault::PowerOff) => {
                world.power_off(machine);
                world.relieve_after(self.between(1_000, 10_000), Relief::Boot(machine));
            }
            Some(Fault::Freeze) => {
                world.freeze(machine);
                world.relieve_after(self.between(100, 9_000), Relief::Thaw(machine));
            }
            Some(Fault::Partition) => {
                let machines = 0..world.machines().len();
                let side: Vec<_> = machines.filter(|_| self.dice.chance(500)).collect();
                let cut = world.isolate(&side);
                world.relieve_after(self.between(50, 10_000), Relief::Mend(cut));
            }
            Some(Fault::OneWay) => {
                let other = self.other(world, machine);
                let cut = world.cut(vec![(machine, other)]);
                world.relieve_after(self.between(50, 10_000), Relief::Mend(cut));
            }
            Some(Fault::Cut) => {
                let other = self.other(world, machine);
                let cut = world.cut(vec![(machine, other), (other, machine)]);
                world.relieve_after(self.between(50, 10_000), Relief::Mend(cut));
            }
            Some(Fault::Storm) => {
                let fair = std::mem::replace(&mut world.network.weather, Weather::STORM);
                if fair != Weather::STORM {
                    world.relieve_after(self.between(500, 5_000), Relief::Weather(fair));
                }
            }
            Some(Fault::SlowDisk) => {
                world.disk_mut(machine).sync_micros = 2_000_000;
                world.relieve_after(self.between(500, 5_000), Relief::Disk(machine));
            }
            Some(Fault::ClockJump) => self.jump(world, machine),
            Some(Fault::AgentCrash) => {
                let names: Vec<_> = world.running().into_iter().collect();
                if let Some(name) = self.dice.pick(&names) {
                    for (machine, _) in world.copies(name) {
                        world.crash_agent(machine, name);
                    }
                }
            }
            Some(Fault::Leave) => {
                world.command(machine, Command::Leave);
                world.relieve_after(self.between(500, 6_000), Relief::Restart(machine));
            }
            Some(Fault::FullDisk) => {
                world.disk_mut(machine).full = true;
                world.relieve_after(self.between(500, 6_000), Relief::Restart(machine));
            }
            Some(Fault::Sleep) => {
                world.sleep(machine, self.dice.chance(500));
                let stood = self.dice.chance(500);
                world.relieve_after(self.between(500, 15_000), Relief::Wake(machine, stood));
            }
            None => {}
        }
        self.between(100, 2_000)
    }

    fn other(&mut self, world: &World, machine: usize) -> usize {
        let machines = world.machines().len();
        (machine + 1 + self.dice.index(machines.saturating_sub(1))) % machines.max(1)
    }

    fn jump(&mut self, world: &mut World, machine: usize) {
        let span = i64::try_from(self.dice.below(2 * Self::MAX_JUMP_MS)).unwrap_or(0);
        let jump = span - i64::try_from(Self::MAX_JUMP_MS).unwrap_or(0);
        let offset = world.machine(machine).clock_offset_ms + jump;
        if offset.unsigned_abs() <= Self::MAX_OFFSET_MS {
            world.jump_clock(machine, jump);
        }
    }

    fn between(&mut self, least_ms: u64, most_ms: u64) -> Duration {
        Duration::from_micros(self.dice.log_micros(least_ms * 1_000, most_ms * 1_000))
    }
}
