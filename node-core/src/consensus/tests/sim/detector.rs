//! Who holds whom to be up: what is so, a while later.

use std::collections::{BTreeMap, BTreeSet};

use covey_sim::dice::Dice;

/// What each machine thinks of each other.
#[derive(Debug)]
pub(super) struct Detector {
    dice: Dice,
    sees: BTreeMap<(usize, usize), Sight>,
}

#[derive(Debug, Default)]
struct Sight {
    up: bool,
    /// When it will think otherwise.
    turns: Option<u64>,
}

/// How a machine can be reached by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Whole,
    /// Its kernel refuses.
    Refused,
    /// Nothing comes back.
    Silent,
}

impl Detector {
    /// What ARCHITECTURE.md says of each, in microseconds.
    const UP: (u64, u64) = (500_000, 1_500_000);
    const REFUSED: (u64, u64) = (200_000, 3_000_000);
    const SILENT: (u64, u64) = (7_000_000, 9_000_000);

    pub(super) fn new(dice: Dice) -> Self {
        Self { dice, sees: BTreeMap::new() }
    }

    /// Looks at how one can reach another.
    pub(super) fn look(&mut self, now: u64, pair: (usize, usize), reach: Reach) {
        let sight = self.sees.entry(pair).or_default();
        if sight.up == (reach == Reach::Whole) {
            sight.turns = None;
            return;
        }
        let (least, most) = match reach {
            Reach::Whole => Self::UP,
            Reach::Refused => Self::REFUSED,
            Reach::Silent => Self::SILENT,
        };
        let turns = *sight.turns.get_or_insert_with(|| now + self.dice.micros(least, most));
        if turns <= now {
            *sight = Sight { up: !sight.up, turns: None };
        }
    }

    /// A machine that starts sees nobody.
    pub(super) fn forget(&mut self, machine: usize) {
        self.sees.retain(|(one, _), _| *one != machine);
    }

    /// Whom a machine holds to be up.
    pub(super) fn alive(&self, machine: usize) -> BTreeSet<usize> {
        let up = self.sees.iter().filter(|((one, _), sight)| *one == machine && sight.up);
        up.map(|((_, other), _)| *other).collect()
    }
}
