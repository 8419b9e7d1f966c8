//! Hybrid logical clock: stamps that follow causality and stay near wall time.
//!
//! Kulkarni, Demirbas, Madappa, Avva, Leone: *Logical Physical Clocks* (2014), section 3.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{ids::NodeId, time::Wall};

/// When a value was written and by whom; of two stamps the greater is the later write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Wall time in milliseconds, or the greatest heard of.
    pub wall: Wall,
    /// Orders the stamps of one millisecond.
    pub counter: u32,
    /// The writer; orders stamps that are equal otherwise.
    pub node: NodeId,
}

/// Gives stamps that are greater than every stamp given or observed before.
#[derive(Clone, Debug)]
pub struct Clock {
    node: NodeId,
    wall: Wall,
    counter: u32,
}

impl Clock {
    /// How far ahead of our clocks a stamp may lie; one that lies further is refused, or one machine
    /// with a wrong clock would win every write until the others catch up.
    pub const MAX_AHEAD: Duration = Duration::from_mins(1);

    /// A clock for `node` that has observed every stamp up to `last`, those of that millisecond
    /// among them.
    #[must_use]
    pub fn new(node: NodeId, last: Wall) -> Self {
        Self { node, wall: last, counter: u32::MAX }
    }

    /// The next stamp.
    pub fn stamp(&mut self, now: Wall) -> Stamp {
        if now > self.wall {
            (self.wall, self.counter) = (now, 0);
        } else if let Some(counter) = self.counter.checked_add(1) {
            self.counter = counter;
        } else {
            (self.wall, self.counter) = (Wall(self.wall.0.saturating_add(1)), 0);
        }
        Stamp { wall: self.wall, counter: self.counter, node: self.node }
    }

    /// Takes note of `stamp`, so that later stamps of ours are greater.
    ///
    /// Returns false, and takes no note, if it lies more than [`Self::MAX_AHEAD`] after both `now` and
    /// what was observed before: a wall clock that starts in the past, as one without a battery
    /// does, is no reason to refuse the others.
    #[must_use]
    pub fn observe(&mut self, now: Wall, stamp: Stamp) -> bool {
        let latest = now.max(self.wall);
        let ahead = Duration::from_millis(stamp.wall.0.saturating_sub(latest.0));
        if ahead > Self::MAX_AHEAD {
            return false;
        }
        if (stamp.wall, stamp.counter) > (self.wall, self.counter) {
            (self.wall, self.counter) = (stamp.wall, stamp.counter);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId([1; 32]);

    #[test]
    fn stamps_grow_when_the_wall_clock_goes_back() {
        let mut clock = Clock::new(NODE, Wall(0));
        let first = clock.stamp(Wall(1_000));

        let second = clock.stamp(Wall(10));

        assert!(second > first);
    }

    #[test]
    fn clock_goes_on_after_every_stamp_of_the_millisecond_it_remembers() {
        let mut before = Clock::new(NODE, Wall(0));
        let last = (0..3).map(|_| before.stamp(Wall(1_000))).max();

        let mut after = Clock::new(NODE, Wall(1_000));

        assert!(Some(after.stamp(Wall(10))) > last);
    }

    #[test]
    fn stamp_follows_every_stamp_observed() {
        let mut clock = Clock::new(NODE, Wall(0));
        let heard = Stamp { wall: Wall(5_000), counter: 7, node: NodeId([2; 32]) };

        assert!(clock.observe(Wall(1_000), heard));

        assert!(clock.stamp(Wall(1_000)) > heard);
    }

    #[test]
    fn clock_that_starts_in_the_past_believes_what_follows_its_memory() {
        let mut clock = Clock::new(NODE, Wall(3_600_000));
        let heard = Stamp { wall: Wall(3_610_000), counter: 0, node: NodeId([2; 32]) };

        assert!(clock.observe(Wall(1_000), heard));
    }

    #[test]
    fn stamp_far_ahead_is_refused_and_leaves_the_clock_alone() {
        let mut clock = Clock::new(NODE, Wall(0));
        let ahead = Stamp { wall: Wall(600_000), counter: 0, node: NodeId([2; 32]) };

        assert!(!clock.observe(Wall(1_000), ahead));

        assert_eq!(clock.stamp(Wall(1_000)).wall, Wall(1_000));
    }
}
