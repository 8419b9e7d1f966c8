//! What has to be said because its time has come.

use crate::economics::{
    Act, Economics, auction,
    ledger::{self, HoldEnd},
};

/// What is due at a moment of the group's clock, and when something else is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// What to propose, each under the key whose steward proposes it.
    pub acts: Vec<(String, Act)>,
    /// The moment at which more is due, by the group's clock in nanoseconds.
    pub next: Option<u64>,
}

impl Economics {
    /// What is due when the group's clock is at `clock`: phases of auctions that are over, and holds
    /// that end.
    #[must_use]
    pub fn due(&self, clock: u64) -> Due {
        let mut due = Due::default();
        for (number, it) in self.auctions().open() {
            let act = auction::Act::Proceed { auction: number, phase: it.phase };
            due.add(clock, it.due(), || (format!("auction/{number}"), act.into()));
        }
        for (number, hold) in self.ledger().holds() {
            if let HoldEnd::At { clock: ends, .. } = hold.end {
                let act = ledger::Act::Expire { hold: number };
                due.add(clock, ends, || (format!("hold/{number}"), act.into()));
            }
        }
        due
    }
}

impl Due {
    fn add(&mut self, clock: u64, at: u64, act: impl FnOnce() -> (String, Act)) {
        if at <= clock {
            self.acts.push(act());
        } else {
            self.next = Some(self.next.map_or(at, |next| next.min(at)));
        }
    }
}
