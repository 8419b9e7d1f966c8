//! A simulated machine: an identity, a disk, a clock, and a process while it is on.

use covey_logic::NodeId;
use ed25519_dalek::SigningKey;

use crate::{dice::Dice, disk::Disk, world::Process};

/// A machine.
pub struct Machine {
    /// Its number.
    pub index: usize,
    /// The identity of its node.
    pub id: NodeId,
    /// What it keeps.
    pub disk: Disk,
    /// Its process, while one lives.
    pub process: Option<Process>,
    /// Whether its kernel runs: one without a process refuses connections, one without power says
    /// nothing.
    pub powered: bool,
    /// How far its wall clock is off, in milliseconds.
    pub clock_offset_ms: i64,
    /// How fast its wall clock drifts, in microseconds a second.
    pub clock_drift_ppm: i64,
    /// How many processes it has had.
    pub(crate) life: u64,
    pub(crate) unpowered_since: u64,
    pub(crate) key: SigningKey,
}

impl Machine {
    /// A machine that was never on; its clock is up to a second off, and drifts as quartz does.
    pub(crate) fn new(index: usize, dice: &mut Dice) -> Self {
        let key = SigningKey::from_bytes(&dice.bytes());
        let signed = |dice: &mut Dice, most: u64| {
            i64::try_from(dice.below(2 * most + 1)).unwrap_or(0) - i64::try_from(most).unwrap_or(0)
        };
        Self {
            index,
            id: NodeId(key.verifying_key().to_bytes()),
            disk: Disk::new(),
            process: None,
            powered: true,
            clock_offset_ms: signed(dice, 1_000),
            clock_drift_ppm: signed(dice, 50),
            life: 0,
            unpowered_since: 0,
            key,
        }
    }

    /// Its wall clock, `now` microseconds after the world began.
    pub(crate) fn wall_ms(&self, epoch_ms: u64, now: u64) -> u64 {
        let drift = i64::try_from(now / 1_000_000).unwrap_or(0) * self.clock_drift_ppm / 1_000;
        (epoch_ms + now / 1_000).saturating_add_signed(self.clock_offset_ms + drift)
    }
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine")
            .field("index", &self.index)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
