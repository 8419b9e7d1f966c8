//! What goes wrong.

use std::time::Duration;

use covey_sim::dice::Dice;

/// Something that goes wrong on one machine, or between some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The power goes and comes back.
    PowerCut { machine: usize, off: Duration },
    /// The power of all goes at once; each comes back in its own time.
    PowerCutOfAll,
    /// A process is stopped and goes on.
    Stop { machine: usize, span: Duration },
    /// A machine sleeps: its monotonic clock does not go on.
    Sleep { machine: usize, span: Duration },
    /// A monotonic clock leaps ahead of all others.
    Leap { machine: usize, ahead: Duration },
    /// Nothing passes between one and the others.
    Isolate { machine: usize },
    /// What the first sends does not reach the second.
    OneWay { from: usize, to: usize },
    /// Nothing passes between those before and those from here on.
    Split { at: usize },
    /// Of a thousand messages, so many are lost.
    Loss { permille: u32 },
    /// A disk is slow.
    Slow { machine: usize, by: Duration },
    /// A disk takes no writes, and its node stays in sight.
    Refuse { machine: usize, span: Duration },
    /// Everything but the power is as it should be.
    Heal,
}

impl Fault {
    /// Which fault strikes next.
    pub(super) fn draw(dice: &mut Dice, machines: usize) -> Self {
        let machine = dice.index(machines);
        let span = dice.duration(Duration::from_millis(100), Duration::from_secs(7));
        match dice.below(16) {
            0..=2 => Self::PowerCut { machine, off: span / 2 },
            3 => Self::PowerCutOfAll,
            4..=5 => Self::Stop { machine, span },
            6 => Self::Sleep { machine, span },
            7 => Self::Leap { machine, ahead: span / 2 },
            8..=9 => Self::Isolate { machine },
            10 => Self::OneWay { from: machine, to: dice.index(machines) },
            11 => Self::Split { at: 1 + dice.index(machines - 1) },
            12 => Self::Loss { permille: u32::try_from(dice.below(400)).unwrap() },
            13 => Self::Slow { machine, by: span / 20 },
            _ => Self::Heal,
        }
    }

    /// A disk takes no writes: that of the leader as often as not.
    pub(super) fn of_a_disk(dice: &mut Dice, (machines, leader): (usize, Option<usize>)) -> Self {
        let machine = leader.filter(|_| dice.chance(500)).unwrap_or(dice.index(machines));
        Self::Refuse { machine, span: dice.duration(Duration::ZERO, Duration::from_secs(5)) }
    }

    /// Whether a lease may seem over to one while it is not to another.
    pub(super) fn parts_clocks(self) -> bool {
        matches!(self, Self::Sleep { .. } | Self::Leap { .. })
    }
}
