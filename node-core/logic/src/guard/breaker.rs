//! Whether an agent is called, by how its calls went.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{guard::tally::Tally, ids::NodeId, time::Instant};

/// When calls of an agent are stopped, and when they go on (Nygard, *Release It!*, 2007).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerRule {
    /// So many failures within the window open it; none ever do if it is nought.
    pub failures: u32,
    /// And if so many of a hundred calls failed.
    pub percent: u32,
    /// How far back calls count.
    pub window: Duration,
    /// How long it stays open before probes are let through.
    pub recovery: Duration,
    /// How many probes at a time.
    pub probes: u32,
    /// How many of them must go well.
    pub successes: u32,
}

/// Stops calls of one agent while they fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    me: NodeId,
    state: State,
    tally: Tally,
    /// Tells the probes of one trial from those of another.
    trial: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open(Opened),
    /// Its time is over: probes say whether it closes.
    Half {
        opened: Opened,
        probing: u32,
        passed: u32,
    },
}

/// Since when a breaker is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The node whose calls failed.
    pub by: NodeId,
    /// Since when.
    pub since: Instant,
    /// When probes are let through.
    pub until: Instant,
}

/// What a breaker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Calls pass.
    Closed,
    /// They are refused.
    Open(Opened),
    /// Probes pass.
    HalfOpen(Opened),
}

/// A call that was let through; its result must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// One of many.
    Plain,
    /// One that tries whether the agent is well again.
    Probe {
        /// Of which trial.
        trial: u64,
    },
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Result {
    /// The agent did what was asked, or said that it was asked wrongly.
    Well,
    /// It did not.
    Failed,
    /// It says nothing of the agent: the call never got there, or nobody waits for it any more.
    Nothing,
}

/// What a breaker turned to: to be told to the other nodes, so that each need not find out by
/// failures of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Turn {
    /// It opened.
    Opened {
        /// For how long, in milliseconds.
        lasts_ms: u32,
    },
    /// This node tries whether the agent is well again: others need not.
    Probing {
        /// For how long at most, in milliseconds.
        lasts_ms: u32,
    },
    /// The agent is well.
    Closed,
}

/// What another node's breaker turned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Whose.
    pub from: NodeId,
    /// To what.
    pub turn: Turn,
}

impl Breaker {
    /// A closed one of the node `me`.
    #[must_use]
    pub fn new(me: NodeId) -> Self {
        Self { me, state: State::Closed, tally: Tally::default(), trial: 0 }
    }

    /// Lets a call through or not; what it turned to, if it did.
    ///
    /// # Errors
    ///
    /// Since when it is open.
    pub fn admit(
        &mut self,
        now: Instant,
        rule: &BreakerRule,
    ) -> std::result::Result<(Pass, Option<Turn>), Opened> {
        if rule.failures == 0 {
            self.state = State::Closed;
        }
        match &mut self.state {
            State::Closed => Ok((Pass::Plain, None)),
            State::Open(opened) if now < opened.until => Err(*opened),
            State::Open(opened) => {
                let opened = *opened;
                self.trial += 1;
                self.state = State::Half { opened, probing: 1, passed: 0 };
                let turn = Turn::Probing { lasts_ms: millis(rule.recovery) };
                Ok((Pass::Probe { trial: self.trial }, Some(turn)))
            }
            State::Half { opened, probing, .. } => {
                if *probing >= rule.probes {
                    return Err(*opened);
                }
                *probing += 1;
                Ok((Pass::Probe { trial: self.trial }, None))
            }
        }
    }

    /// Whether a call that was let through, and waited since, may still go on.
    ///
    /// # Errors
    ///
    /// Since when it is open.
    pub fn recheck(&self, pass: Pass) -> std::result::Result<(), Opened> {
        match (self.state, pass) {
            (State::Open(opened) | State::Half { opened, .. }, Pass::Plain) => Err(opened),
            (State::Closed | State::Open(_) | State::Half { .. }, _) => Ok(()),
        }
    }

    /// A call that was let through ended; what the breaker turned to, if it did.
    pub fn settle(
        &mut self,
        now: Instant,
        rule: &BreakerRule,
        (pass, result): (Pass, Result),
    ) -> Option<Turn> {
        match (self.state, pass) {
            (State::Closed, Pass::Plain) => self.settle_plain(now, rule, result),
            (State::Half { opened, probing, passed }, Pass::Probe { trial })
                if trial == self.trial =>
            {
                let probing = probing.saturating_sub(1);
                match result {
                    Result::Failed => return Some(self.open(now, rule)),
                    Result::Well if passed + 1 >= rule.successes => {
                        self.close();
                        return Some(Turn::Closed);
                    }
                    Result::Well => {
                        self.state = State::Half { opened, probing, passed: passed + 1 };
                    }
                    Result::Nothing => self.state = State::Half { opened, probing, passed },
                }
                None
            }
            // Calls of before it opened say nothing new.
            (State::Closed | State::Open(_) | State::Half { .. }, _) => None,
        }
    }

    fn settle_plain(&mut self, now: Instant, rule: &BreakerRule, result: Result) -> Option<Turn> {
        if rule.failures == 0 || result == Result::Nothing {
            return None;
        }
        let failed = result == Result::Failed;
        self.tally.add(now, rule.window, failed);
        if !failed {
            return None;
        }
        let (passed, failed) = self.tally.count(now);
        let all = u64::from(passed) + u64::from(failed);
        let many = failed >= rule.failures
            && u64::from(failed) * 100 >= all.saturating_mul(u64::from(rule.percent));
        many.then(|| self.open(now, rule))
    }

    /// Another node's breaker for this agent turned.
    pub fn hear(&mut self, now: Instant, rule: &BreakerRule, heard: Heard) {
        if rule.failures == 0 {
            return;
        }
        let Heard { from: by, turn } = heard;
        let lasts = |ms: u32| Duration::from_millis(ms.into()).min(MAX_RECOVERY);
        match (turn, self.state) {
            (Turn::Closed, _) => self.close(),
            (Turn::Opened { lasts_ms }, State::Closed | State::Half { .. }) => {
                // Whoever opened it probes first.
                let until = now + lasts(lasts_ms).mul_f64(OTHERS_WAIT);
                self.state = State::Open(Opened { by, since: now, until });
            }
            (
                Turn::Opened { lasts_ms } | Turn::Probing { lasts_ms },
                State::Open(Opened { since, until, .. }),
            ) => {
                let until = until.max(now + lasts(lasts_ms).mul_f64(OTHERS_WAIT));
                self.state = State::Open(Opened { by, since, until });
            }
            // Two may try at once, if neither heard of the other in time; or it is closed here.
            (Turn::Probing { .. }, State::Closed | State::Half { .. }) => {}
        }
    }

    /// Lets every call through again.
    pub fn close(&mut self) {
        *self = Self { trial: self.trial, ..Self::new(self.me) };
    }

    /// What it is.
    #[must_use]
    pub fn phase(&self, now: Instant) -> Phase {
        match self.state {
            State::Closed => Phase::Closed,
            State::Open(opened) if now < opened.until => Phase::Open(opened),
            State::Open(opened) | State::Half { opened, .. } => Phase::HalfOpen(opened),
        }
    }

    /// Whether nothing is known by it, or what is known is long past.
    #[must_use]
    pub fn is_idle(&self, now: Instant) -> bool {
        match self.state {
            State::Closed => self.tally.count(now) == (0, 0),
            State::Open(opened) | State::Half { opened, .. } => now > opened.until + MAX_RECOVERY,
        }
    }

    /// How many calls passed and failed in the window that ends at `now`.
    #[must_use]
    pub fn counts(&self, now: Instant) -> (u32, u32) {
        self.tally.count(now)
    }

    fn open(&mut self, now: Instant, rule: &BreakerRule) -> Turn {
        let opened = Opened { by: self.me, since: now, until: now + rule.recovery };
        *self = Self { trial: self.trial, ..Self::new(self.me) };
        self.state = State::Open(opened);
        Turn::Opened { lasts_ms: millis(rule.recovery) }
    }
}

/// How much longer those wait who were told that it is open: half as long again, in which the one
/// whose calls failed has tried.
const OTHERS_WAIT: f64 = 1.5;

/// The longest that another node may keep calls from being made here.
const MAX_RECOVERY: Duration = Duration::from_hours(1);

fn millis(span: Duration) -> u32 {
    u32::try_from(span.as_millis()).unwrap_or(u32::MAX)
}
